/* Threads that map, unmap, protect and fork at the same time; nobody may see another one's page or lose its own. */
#include "t.h"
#include <pthread.h>

#define PAGE 4096
#define THREADS 6

static int rounds = 60;
static volatile int bad;

static void wrong(const char *what) {
    bad++;
    printf("%s\n", what);
}

static void check(const unsigned char *m, int n, long id, const char *what) {
    for (int k = 0; k < n; k++)
        if (m[k * PAGE] != (unsigned char)(id + k))
            wrong(what);
}

static void *work(void *argument) {
    long id = (long)argument;
    unsigned random = id * 7919 + 1;
    int fd[2];
    pipe(fd);
    for (int i = 0; i < rounds; i++) {
        random = random * 1103515245 + 12345;
        int n = 1 + (random >> 16) % 40;
        size_t size = n * PAGE;
        unsigned char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (int k = 0; k < n; k++) {
            if (m[k * PAGE])
                wrong("a new page is not zero");
            m[k * PAGE] = id + k;
        }
        if (i % 5 == 0) {
            mprotect(m + PAGE * (n / 2), PAGE, PROT_READ);
            mprotect(m + PAGE * (n / 2), PAGE, PROT_READ | PROT_WRITE);
        }
        if (i % 7 == 0) {
            m = mremap(m, size, size * 2, MREMAP_MAYMOVE);
            size *= 2;
            if (m[size - 1])
                wrong("a page grown is not zero");
        }
        if (i % 11 == 0 && n > 2) {
            madvise(m + PAGE, PAGE, MADV_DONTNEED);
            if (m[PAGE])
                wrong("a page given back is not zero");
            m[PAGE] = id + 1;
        }
        write(fd[1], m, 256);
        read(fd[0], m + size - PAGE + 512, 256);
        if (m[size - PAGE + 512] != m[0])
            wrong("the kernel read or wrote elsewhere");
        check(m, n, id, "lost");
        if (i % 40 == id) {
            pid_t pid = fork();
            if (!pid) {
                for (int k = 0; k < n; k++)
                    if (m[k * PAGE] != (unsigned char)(id + k))
                        _exit(1);
                memset(m, 1, n * PAGE);
                _exit(0);
            }
            int status;
            waitpid(pid, &status, 0);
            if (status)
                wrong("lost in the child");
            check(m, n, id, "lost after fork");
        }
        munmap(m, size);
    }
    close(fd[0]);
    close(fd[1]);
    return NULL;
}

int main(void) {
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("bad: %d\n", bad);
    return bad != 0;
}
