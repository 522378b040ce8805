/* execve of ELF files with something wrong in their headers. */
#include "t.h"
#include <elf.h>

static unsigned char good[65536], b[65536];
static Elf64_Ehdr *h = (void *)b;
static Elf64_Phdr *p = (void *)(b + 64);
static long size;

static void run(const char *what) {
    int fd = open("e", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    write(fd, b, size);
    fchmod(fd, 0755);
    close(fd);
    pid_t pid = t_fork();
    if (!pid) {
        char *argv[] = {"x", NULL}, *envp[] = {NULL};
        alarm(5);
        execve("./e", argv, envp);
        printf("%s: %s\n", what, strerrorname_np(errno));
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    if (status)
        printf("%s: status %x\n", what, status);
    memcpy(b, good, sizeof b);
    size = 0x200;
}

static void interpreter(const char *path, long length) {
    h->e_phnum = 2;
    p[1].p_type = PT_INTERP;
    p[1].p_offset = 0x180;
    p[1].p_filesz = length;
    strcpy((char *)b + 0x180, path);
}

#define BAD(what, change) ({ change; run(what); })

int main(void) {
    t_enter();
    memcpy(h->e_ident, "\177ELF\2\1\1", 7);
    h->e_type = ET_EXEC;
    h->e_machine = EM_X86_64;
    h->e_version = 1;
    h->e_entry = 0x400000 + 64 + 2 * 56;
    h->e_phoff = 64;
    h->e_ehsize = 64;
    h->e_phentsize = 56;
    h->e_phnum = 1;
    p->p_type = PT_LOAD;
    p->p_flags = PF_R | PF_X;
    p->p_vaddr = 0x400000;
    p->p_filesz = p->p_memsz = 0x200;
    p->p_align = 4096;
    memcpy(b + 64 + 2 * 56, "\xbf\7\0\0\0\xb8\x3c\0\0\0\x0f\5", 12); /* exit(7) */
    memcpy(good, b, sizeof b);
    size = 0x200;
    BAD("good", );
    BAD("empty", size = 0);
    BAD("half a header", size = 40);
    BAD("half the program headers", size = 100);
    BAD("magic", b[1] = 'X');
    BAD("class", b[4] = 1);
    BAD("data", b[5] = 2);
    BAD("version", b[6] = 9);
    BAD("relocatable", h->e_type = ET_REL);
    BAD("core", h->e_type = ET_CORE);
    BAD("machine", h->e_machine = EM_386);
    BAD("header size", h->e_phentsize = 32);
    BAD("no headers", h->e_phnum = 0);
    BAD("too many headers", h->e_phnum = 2000);
    BAD("headers before the file", h->e_phoff = -8);
    BAD("headers behind the file", h->e_phoff = 1 << 30);
    BAD("nothing to load", p->p_type = PT_NOTE);
    BAD("entry 0", h->e_entry = 0);
    BAD("entry -1", h->e_entry = -1);
    BAD("less memory than file", p->p_memsz = 10);
    BAD("too much memory", p->p_memsz = 1L << 47);
    BAD("negative memory", p->p_memsz = -1L);
    BAD("kernel address", p->p_vaddr = -1L << 40);
    BAD("offset and address apart", p->p_offset = 8);
    BAD("offset behind the file", p->p_offset = 1 << 20);
    BAD("bss", (p->p_memsz = 0x10000, p->p_flags = 7));
    BAD("bss, read-only", p->p_memsz = 0x10000);
    BAD("not executable", p->p_flags = PF_R | PF_W);
    BAD("alignment 3", p->p_align = 3);
    BAD("position independent", (h->e_type = ET_DYN, p->p_vaddr = 0, h->e_entry -= 0x400000));
    BAD("no such interpreter", interpreter("/nosuch", 8));
    BAD("interpreter without NUL", interpreter("/nosuch", 7));
    BAD("interpreter of one byte", interpreter("/", 1));
    BAD("interpreter of 5000 bytes", interpreter("/x", 5000));
    BAD("interpreter behind the file", (interpreter("/x", 3), p[1].p_offset = 0x10000));
    BAD("interpreter a directory", interpreter("/tmp", 5));
    BAD("interpreter not executable", interpreter("/etc/passwd", 12));
    int fd = open("text", O_CREAT | O_WRONLY, 0700);
    for (int i = 0; i < 20; i++)
        write(fd, "hello\n", 6);
    close(fd);
    BAD("interpreter a text", interpreter("./text", 7));
    fd = open("short", O_CREAT | O_WRONLY, 0700);
    write(fd, "x", 1);
    close(fd);
    BAD("interpreter too short", interpreter("./short", 8));
    t_leave();
    return 0;
}
