/* execve: scripts, and everything that can be wrong with a program. */
#include "t.h"
#include <elf.h>

static void put(const char *name, const void *data, size_t size, int mode) {
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (write(fd, data, size) != (long)size)
        printf("short write\n");
    fchmod(fd, mode);
    close(fd);
}

static void text(const char *name, const char *content, int mode) { put(name, content, strlen(content), mode); }

static void run(const char *path) {
    pid_t pid = t_fork();
    if (!pid) {
        char *argv[] = {"zero", "one", "two", NULL}, *envp[] = {"E=1", NULL};
        execve(path, argv, envp);
        printf("%s: %s\n", path, strerrorname_np(errno));
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    if (status)
        printf("%s: status %x\n", path, status);
}

int main(int argc, char **argv) {
    char self[PATH_MAX] = "", b[70000];
    if (argc > 1) {
        for (int i = 0; i < argc; i++)
            printf("[%s] ", argv[i]);
        printf("\n");
        return 0;
    }
    readlink("/proc/self/exe", self, sizeof self - 1);
    t_enter();
    symlink(self, "me");
    run("missing");
    run("");
    run(".");
    run("/");
    run("/etc/passwd");
    run("/etc/passwd/x");
    run("/dev/null");
    text("empty", "", 0755);
    run("empty");
    text("text", "echo no interpreter\n", 0755);
    run("text");
    text("notx", "#!/bin/sh\necho\n", 0644);
    run("notx");
    symlink("l2", "l1");
    symlink("l1", "l2");
    run("l1");
    char longname[300];
    memset(longname, 'x', 299);
    longname[299] = 0;
    run(longname + 0) ;
    text("sh", "#!/bin/sh\necho script $0 $1 $2 $E\n", 0755);
    run("sh");
    text("args", "#!./me  an argument with blanks  \n", 0755);
    run("args");
    text("noarg", "#!./me\n", 0755);
    run("noarg");
    text("tab", "#!\t./me\tx\n", 0755);
    run("tab");
    text("nonl", "#!./me", 0755);
    run("nonl");
    text("nested", "#!./args inner\n", 0755);
    run("nested");
    text("nointerp", "#!/no/such/interpreter\n", 0755);
    run("nointerp");
    text("noname", "#!\n", 0755);
    run("noname");
    text("noname2", "#!   \n", 0755);
    run("noname2");
    text("interpdir", "#!/usr\n", 0755);
    run("interpdir");
    text("interpnotx", "#!/etc/passwd\n", 0755);
    run("interpnotx");
    text("loop", "#!./loop\n", 0755);
    run("loop");
    text("d1", "#!./me d1\n", 0755);
    for (int i = 2; i < 8; i++) {
        char name[10], line[30];
        sprintf(name, "d%d", i);
        sprintf(line, "#!./d%d\n", i - 1);
        text(name, line, 0755);
    }
    run("d4");
    run("d5");
    run("d6");
    memset(b, 'y', sizeof b);
    memcpy(b, "#!/", 3);
    put("longline", b, 500, 0755);
    run("longline");

    int fd = open(self, O_RDONLY);
    Elf64_Ehdr h;
    long n = pread(fd, b, 4096, 0);
    memcpy(&h, b, sizeof h);
    put("truncated", b, 40, 0755);
    run("truncated");
    put("magic", b, 4, 0755);
    run("magic");
    h.e_machine = EM_AARCH64;
    put("machine", &h, sizeof h, 0755);
    run("machine");
    memcpy(&h, b, sizeof h);
    h.e_type = ET_REL;
    memcpy(b + 10000, b, n);
    memcpy(b + 10000, &h, sizeof h);
    put("relocatable", b + 10000, n, 0755);
    run("relocatable");
    memcpy(&h, b, sizeof h);
    h.e_phnum = 0;
    memcpy(b + 10000, &h, sizeof h);
    put("nophdr", b + 10000, n, 0755);
    run("nophdr");
    memcpy(&h, b, sizeof h);
    h.e_phentsize = 3;
    memcpy(b + 10000, &h, sizeof h);
    put("phentsize", b + 10000, n, 0755);
    run("phentsize");
    memcpy(&h, b, sizeof h);
    h.e_phoff = 1 << 30;
    memcpy(b + 10000, &h, sizeof h);
    put("phoff", b + 10000, n, 0755);
    run("phoff");

    /* A dynamic program whose interpreter is missing. */
    struct {
        Elf64_Ehdr h;
        Elf64_Phdr p[2];
        char interp[32];
    } e = {0};
    memcpy(&e.h, b, sizeof h);
    e.h.e_type = ET_EXEC;
    e.h.e_phoff = sizeof e.h;
    e.h.e_phnum = 2;
    e.h.e_phentsize = sizeof *e.p;
    strcpy(e.interp, "/no/such/ld.so");
    e.p[0] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(typeof(e), interp), .p_filesz = 15, .p_memsz = 15};
    e.p[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x400000, .p_filesz = sizeof e, .p_memsz = sizeof e, .p_flags = 5, .p_align = 4096};
    put("nold", &e, sizeof e, 0755);
    run("nold");
    strcpy(e.interp, "/etc/passwd");
    e.p[0].p_filesz = 12;
    put("badld", &e, sizeof e, 0755);
    run("badld");
    e.p[0].p_filesz = 5000;
    put("longld", &e, sizeof e, 0755);
    run("longld");

    char *huge = malloc(200000);
    memset(huge, 'a', 199999);
    huge[199999] = 0;
    char *big[] = {"x", huge, NULL};
    pid_t pid = t_fork();
    if (!pid) {
        execv("./me", big);
        printf("one argument of 200000: %s\n", strerrorname_np(errno));
        fflush(stdout);
        _exit(0);
    }
    t_reap("big", pid);
    huge[100000] = 0;
    char **many = calloc(202, sizeof *many);
    for (int i = 0; i < 200; i++)
        many[i] = huge;
    pid = t_fork();
    if (!pid) {
        execv("./me", many);
        printf("20 MB of arguments: %s\n", strerrorname_np(errno));
        fflush(stdout);
        _exit(0);
    }
    t_reap("many", pid);
    CALL(execve((void *)8, big, NULL));
    CALL(execve("./me", (void *)8, NULL));
    fd = open("sh", O_WRONLY);
    run("sh"); /* open for writing: ETXTBSY */
    close(fd);
    fd = open("me", O_RDONLY | O_CLOEXEC);
    pid = t_fork();
    if (!pid) {
        char *a[] = {"by descriptor", "x", NULL};
        syscall(SYS_execveat, fd, "", a, NULL, AT_EMPTY_PATH);
        _exit(1);
    }
    t_reap("execveat", pid);
    if (geteuid() == 0) {
        chmod(t_dir, 0711);
        text("secret", "#!/bin/sh\necho no\n", 0700);
        pid = t_fork();
        if (!pid) {
            setuid(12345);
            execl("./secret", "secret", NULL);
            printf("another's: %s\n", strerrorname_np(errno));
            fflush(stdout);
            _exit(0);
        }
        t_reap("another user", pid);
    }
    t_leave();
    return 0;
}
