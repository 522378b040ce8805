/* Mounts that a user namespace makes: tmpfs; what it may not. */
#include "t.h"
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static void text(const char *path, const char *t) {
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || write(fd, t, strlen(t)) < 0)
        printf("%s: %s\n", path, strerrorname_np(errno));
    close(fd);
}
static void cat(const char *path) {
    char b[100];
    int fd = open(path, O_RDONLY);
    long n = fd < 0 ? -1 : read(fd, b, 99);
    if (n < 0)
        printf("%s: %s\n", path, strerrorname_np(errno));
    else
        printf("%s: %.*s\n", path, (int)n, b);
    close(fd);
}
static int cmp(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void ls(const char *path) {
    char *names[64];
    int n = 0;
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            names[n++] = strdup(e->d_name);
    qsort(names, n, sizeof *names, cmp);
    printf("%s:", path);
    for (int i = 0; i < n; i++)
        printf(" %s", names[i]);
    printf("\n");
    if (d)
        closedir(d);
}

int main(void) {
    t_enter();
    chmod(".", 0777);
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        printf("cannot\n");
        return 0;
    }
    printf("-- in a user namespace\n");
    mkdir("ro", 0755); mkdir("m", 0777); mkdir("hide", 0755); mkdir("hide/secret", 0755);
    CALL(mount("ro", "ro", "tmpfs", MS_RDONLY | MS_NOSUID, NULL));
    CALL(mount("h", "hide", "tmpfs", 0, NULL));
    pid_t pid = t_fork();
    if (pid == 0) {
        setgid(1000);
        setuid(1000);
        prctl(PR_SET_DUMPABLE, 1);
        CALL(unshare(CLONE_NEWUSER | CLONE_NEWNS));
        text("/proc/self/setgroups", "deny");
        text("/proc/self/uid_map", "0 1000 1");
        text("/proc/self/gid_map", "0 1000 1");
        CALL(mount("t", "m", "tmpfs", 0, NULL));
        struct stat st;
        stat("m", &st);
        printf("%o %d %d\n", st.st_mode, st.st_uid, st.st_gid);
        text("m/f", "mine");
        cat("m/f");
        CALL(mount("m", "m", NULL, MS_BIND, NULL));
        CALL(umount("m"));
        CALL(umount("ro"));
        CALL(umount("hide"));
        CALL(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND, NULL));
        CALL(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
        CALL(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL));
        CALL(mount("hide", "m", NULL, MS_BIND, NULL));
        CALL(mount("x", "m", "nosuch", 0, NULL));
        CALL(mount("x", "m", "sysfs", 0, NULL));
        mkdir("m/dev", 0700);
        CALL(mknod("m/null", S_IFCHR | 0666, 0x103));
        CALL(umount2("m", MNT_DETACH));
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", pid);
    return 0;
}
