/* The same fault thousands of times, with memory that was made anew, emptied or protected in between. */
#include "t.h"

#define TIMES 1200

static void again(size_t size, int how) {
    char *at = (char *)0x200000000000;
    int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    char *p = mmap(at, size, protection, flags, -1, 0);
    int sum = 0;
    for (int i = 0; i < TIMES; i++) {
        switch (how) {
        case 0:
            munmap(p, size);
            p = mmap(at, size, protection, flags, -1, 0);
            break;
        case 1:
            p = mmap(at, size, protection, flags, -1, 0);
            break;
        case 2:
            madvise(p, size, MADV_DONTNEED);
            break;
        case 3:
            mprotect(p, size, PROT_NONE);
            mprotect(p, size, protection);
            break;
        case 4:
            p = mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at + (2 * size) * (i % 2 ? 0 : 1));
            break;
        }
        sum += *(volatile char *)p;
        p[0] = 1;
    }
    printf("%zu KB, way %d: %d\n", size >> 10, how, sum);
    munmap(p, size);
}

int main(void) {
    size_t sizes[] = {1 << 12, 1 << 16, 1 << 20, 8 << 20, 256 << 20};
    for (int how = 0; how < 5; how++)
        for (int i = 0; i < 5; i++)
            again(sizes[i], how);
    return 0;
}
