/* memfd_create and seals: what each seal refuses, with and without mappings. */
#include "t.h"

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)

static int sealable(const char *name) {
    int fd = memfd_create(name, MFD_ALLOW_SEALING);
    ftruncate(fd, 2 * PAGE);
    return fd;
}

static void all(int fd) {
    char b[10] = "abc";
    CALL(fcntl(fd, F_GET_SEALS));
    CALL(pwrite(fd, b, 3, 0));
    CALL(pwrite(fd, b, 3, 2 * PAGE - 1));
    CALL(pwrite(fd, b, 3, 2 * PAGE));
    CALL(ftruncate(fd, 2 * PAGE));
    CALL(ftruncate(fd, 3 * PAGE));
    CALL(ftruncate(fd, PAGE));
    CALL(ftruncate(fd, 2 * PAGE));
    CALL(fallocate(fd, 0, 0, PAGE));
    CALL(fallocate(fd, 0, 2 * PAGE, PAGE));
    CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
    WORKS(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
    char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    printf("shared for reading: %s\n", p == MAP_FAILED ? strerrorname_np(errno) : "works");
    if (p != MAP_FAILED) {
        CALL(mprotect(p, PAGE, RW));
        munmap(p, PAGE);
    }
    p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
    printf("shared for writing: %s\n", p == MAP_FAILED ? strerrorname_np(errno) : "works");
    if (p != MAP_FAILED)
        munmap(p, PAGE);
    struct stat s;
    fstat(fd, &s);
    printf("size %ld mode %o links %ld\n", (long)s.st_size, s.st_mode, (long)s.st_nlink);
}

int main(void) {
    CALL(memfd_create("x", 0x40) >= 0);
    CALL(memfd_create((void *)8, 0));
    char longest[260];
    memset(longest, 'a', sizeof longest);
    longest[249] = 0;
    WORKS(memfd_create(longest, 0));
    longest[249] = 'a', longest[250] = 0;
    CALL(memfd_create(longest, 0));
    int fd = memfd_create("plain", 0);
    CALL(fcntl(fd, F_GETFD));
    CALL(fcntl(fd, F_GET_SEALS));
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CALL(fcntl(memfd_create("exec", MFD_CLOEXEC), F_GETFD));
    CALL(fcntl(0, F_ADD_SEALS, F_SEAL_WRITE));
    int p[2];
    pipe(p);
    CALL(fcntl(p[1], F_GET_SEALS));
    CALL(fcntl(p[1], F_ADD_SEALS, 0));
    for (int seal = F_SEAL_SEAL; seal <= F_SEAL_FUTURE_WRITE; seal <<= 1) {
        printf("seal %d\n", seal);
        fd = sealable("one");
        CALL(fcntl(fd, F_ADD_SEALS, seal));
        all(fd);
        CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
        CALL(fcntl(fd, F_GET_SEALS));
        close(fd);
    }
    fd = sealable("mapped");
    char *m = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW));
    CALL(fcntl(fd, F_GET_SEALS));
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    m[0] = 'm';
    char c;
    CALL(pread(fd, &c, 1, 0));
    TRUE(c == 'm');
    CALL(pwrite(fd, "x", 1, 0));
    mprotect(m, PAGE, PROT_READ);
    CALL(mprotect(m, PAGE, RW));
    pid_t child = t_fork();
    if (child == 0) {
        munmap(m, 2 * PAGE);
        _exit(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 ? 0 : errno);
    }
    t_reap("parent maps it", child);
    mprotect(m, 2 * PAGE, PROT_READ);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(m, PAGE);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(m + PAGE, PAGE);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    CALL(fcntl(fd, F_ADD_SEALS, 0x1000));
    fd = sealable("private");
    m = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    m[0] = 1;
    printf("%d\n", m[0]);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int ro = open(path, O_RDONLY);
    TRUE(ro >= 0);
    CALL(fcntl(ro, F_GET_SEALS));
    CALL(fcntl(ro, F_ADD_SEALS, F_SEAL_GROW));
    CALL(fcntl(ro, F_ADD_SEALS, 0x1000));
    char link[100] = {0};
    readlink(path, link, 99);
    puts(link);
    return 0;
}
