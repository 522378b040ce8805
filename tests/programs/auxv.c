/* What a program finds at its start: auxiliary vector, stack, vDSO. */
#include "t.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

extern char **environ;

int main(int argc, char **argv) {
    TRUE(getauxval(AT_PAGESZ) == 4096);
    printf("clock ticks %ld\n", getauxval(AT_CLKTCK));
    printf("platform %s\n", (char *)getauxval(AT_PLATFORM));
    TRUE(getauxval(AT_UID) == getuid() && getauxval(AT_EUID) == geteuid());
    TRUE(getauxval(AT_GID) == getgid() && getauxval(AT_EGID) == getegid());
    printf("secure %ld\n", getauxval(AT_SECURE));
    TRUE(strcmp((char *)getauxval(AT_EXECFN), argv[0]) == 0);
    Elf64_Phdr *p = (Elf64_Phdr *)getauxval(AT_PHDR);
    printf("program headers of %ld bytes, sane %d\n", getauxval(AT_PHENT), getauxval(AT_PHNUM) > 3 && p != NULL);
    int loads = 0;
    for (unsigned i = 0; i < getauxval(AT_PHNUM); i++)
        loads += p[i].p_type == PT_LOAD;
    TRUE(loads >= 2);
    TRUE(getauxval(AT_ENTRY) != 0);
    unsigned char *random = (unsigned char *)getauxval(AT_RANDOM);
    int zeros = 0;
    for (int i = 0; i < 16; i++)
        zeros += random[i] == 0;
    TRUE(zeros < 8);
    TRUE(getauxval(AT_HWCAP) != 0);
    unsigned char *vdso = (unsigned char *)getauxval(AT_SYSINFO_EHDR);
    TRUE(vdso && memcmp(vdso, "\177ELF", 4) == 0);
    Elf64_Ehdr *h = (Elf64_Ehdr *)vdso;
    Elf64_Phdr *vp = (Elf64_Phdr *)(vdso + h->e_phoff);
    int dynamic = 0;
    for (int i = 0; i < h->e_phnum; i++)
        dynamic += vp[i].p_type == PT_DYNAMIC;
    printf("vdso type %d dynamic %d\n", h->e_type, dynamic);
    /* Strings lie above the vectors, the vectors above the stack. */
    TRUE((char *)environ > (char *)argv && (char *)argv > (char *)&argc - 4096);
    TRUE(argv[0] > (char *)environ);
    TRUE(argv[argc] == NULL);
    TRUE(((unsigned long)(argv - 1) & 15) == 0);
    long *aux = (long *)environ;
    while (*aux++)
        ;
    int types = 0, ended = 0;
    for (; types < 100; types++, aux += 2)
        if (aux[0] == AT_NULL) {
            ended = 1;
            break;
        }
    TRUE(ended && types > 12);
    TRUE(getauxval(AT_MINSIGSTKSZ) >= 1024);
    char a[16];
    memcpy(a, random, 16);
    int f[2];
    pipe(f);
    if (argc == 1) {
        pid_t pid = t_fork();
        if (!pid) {
            char fd[10];
            sprintf(fd, "%d", f[1]);
            freopen("/dev/null", "w", stdout);
            execl("/proc/self/exe", argv[0], fd, NULL);
        }
        t_reap("again", pid);
        char b[16];
        read(f[0], b, 16);
        TRUE(memcmp(a, b, 16) != 0);
    } else
        write(atoi(argv[1]), random, 16);
    return 0;
}
