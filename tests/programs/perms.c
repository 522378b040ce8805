/* Permission checks of path_resolution(7) and the calls on files, as an ordinary user among others: sticky, setgid, cleared bits, protected_*. */
#include "t.h"
#include <grp.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <utime.h>

#define AS(uid, gid, ...)                                                 \
    do {                                                                     \
        pid_t pid_ = t_fork();                                               \
        if (pid_ == 0) {                                                     \
            setgroups(0, NULL);                                              \
            if (setgid(gid) || setuid(uid))                                  \
                _exit(98);                                                   \
            __VA_ARGS__;                                                          \
            fflush(NULL);                                                    \
            _exit(0);                                                        \
        }                                                                    \
        t_reap(#uid, pid_);                                                  \
    } while (0)

static void mode(const char *p) {
    struct stat s;
    if (lstat(p, &s))
        printf("%s: %s\n", p, strerrorname_np(errno));
    else
        printf("%s: %o %d %d\n", p, s.st_mode, s.st_uid, s.st_gid);
}
static int mk(const char *p, int m, int u, int g) {
    int fd = open(p, O_CREAT | O_RDWR, 0600);
    write(fd, "data", 4);
    fchown(fd, u, g);
    fchmod(fd, m);
    return fd;
}
static void dir(const char *p, int m, int u, int g) {
    mkdir(p, 0700);
    chown(p, u, g);
    chmod(p, m);
}
static void try_open(const char *p, int f) {
    int fd = open(p, f, 0644);
    printf("open %s %x: %s\n", p, f, fd >= 0 ? "ok" : strerrorname_np(errno));
    close(fd);
}

int main(void) {
    t_enter();
    chmod(".", 0755);
    umask(0);
    printf("-- search and lookup\n");
    dir("closed", 0700, 1000, 1000);
    mk("closed/f", 0644, 1000, 1000);
    dir("exec", 0711, 1000, 1000);
    mk("exec/f", 0644, 1000, 1000);
    dir("read", 0744, 1000, 1000);
    mk("read/f", 0644, 1000, 1000);
    AS(1001, 1001, {
        struct stat s;
        CALL(stat("closed/f", &s));
        CALL(stat("closed/none", &s));
        CALL(stat("closed", &s));
        CALL(stat("exec/f", &s));
        CALL(stat("read/f", &s));
        CALL(chdir("closed"));
        CALL(chdir("read"));
        CALL(chdir("exec"));
        TRUE(opendir(".") == NULL);
        CALL(mkdir("new", 0700));
        CALL(unlink("f"));
        CALL(unlink("none"));
        CALL(mkdir("f", 0700));
        CALL(rename("f", "g"));
        CALL(link("f", "g"));
    });
    printf("-- files\n");
    mk("r", 0444, 1000, 1000);
    mk("g", 0060, 1000, 1001);
    mk("o", 0006, 1000, 1002);
    mk("none", 0, 1000, 1000);
    AS(1000, 1000, {
        try_open("r", O_RDONLY);
        try_open("r", O_WRONLY);
        try_open("r", O_RDONLY | O_TRUNC);
        try_open("r", O_CREAT);
        try_open("r", O_CREAT | O_EXCL);
        try_open("g", O_RDONLY);
        try_open("o", O_RDONLY);
        try_open("none", O_PATH);
        CALL(access("r", R_OK));
        CALL(access("r", W_OK));
        CALL(access("r", X_OK));
        CALL(truncate("r", 0));
        CALL(chmod("r", 0644));
        CALL(truncate("r", 1));
        CALL(chown("r", 1001, -1));
        CALL(chown("r", -1, 1001));
        CALL(chown("r", 1000, 1000));
        CALL(utimes("r", NULL));
    });
    AS(1001, 1001, {
        try_open("g", O_RDWR);
        try_open("o", O_RDWR);
        try_open("none", O_RDONLY);
        try_open("r", O_RDONLY | O_NOATIME);
        CALL(chmod("r", 0600));
        CALL(chown("r", 1001, -1));
        CALL(chown("r", -1, -1));
        CALL(utimes("r", NULL));
        struct timeval tv[2] = {{1, 0}, {1, 0}};
        CALL(utimes("r", tv));
        CALL(utimes("o", NULL));
        CALL(utimes("o", tv));
        CALL(setxattr("r", "user.a", "1", 1, 0));
        CALL(setxattr("o", "user.a", "1", 1, 0));
        CALL(getxattr("none", "user.a", tv, 1));
        CALL(setxattr("o", "trusted.a", "1", 1, 0));
        CALL(getxattr("o", "trusted.a", tv, 1));
        CALL(setxattr("o", "security.a", "1", 1, 0));
        CALL(mknod("dev", S_IFCHR | 0600, makedev(1, 3)));
        CALL(mknod("/dev/shm/x-fifo-never", S_IFBLK | 0600, 0));
        CALL(chroot("."));
        CALL(link("none", "/none-never"));
    });
    printf("-- root\n");
    mk("x", 0644, 0, 0);
    CALL(access("x", X_OK));
    chmod("x", 0001);
    CALL(access("x", X_OK));
    CALL(access("none", R_OK | W_OK));
    CALL(access("none", X_OK));
    printf("-- sticky\n");
    dir("sticky", 01777, 0, 0);
    mk("sticky/a", 0666, 1000, 1000);
    dir("sticky/d", 0777, 1000, 1000);
    dir("own", 01777, 1001, 1001);
    mk("own/a", 0666, 1000, 1000);
    AS(1001, 1001, {
        CALL(unlink("sticky/a"));
        CALL(rmdir("sticky/d"));
        CALL(rename("sticky/a", "sticky/b"));
        CALL(close(open("sticky/mine", O_CREAT, 0600)));
        CALL(rename("sticky/mine", "sticky/a"));
        CALL(rename("sticky/mine", "sticky/mine2"));
        CALL(unlink("sticky/mine2"));
        CALL(unlink("own/a"));
        CALL(symlink("a", "sticky/link"));
    });
    AS(1000, 1000, {
        CALL(rename("sticky/d", "sticky/e"));
        CALL(unlink("sticky/a"));
    });
    printf("-- setgid\n");
    dir("sg", 02777, 0, 1005);
    AS(1000, 1000, {
        umask(022);
        close(open("sg/f", O_CREAT, 0666));
        mode("sg/f");
        close(open("sg/x", O_CREAT, 02777));
        mode("sg/x");
        mkdir("sg/d", 0777);
        mode("sg/d");
        mknod("sg/p", S_IFIFO | 02777, 0);
        mode("sg/p");
        CALL(chmod("sg/f", 02755));
        mode("sg/f");
        CALL(chmod("sg/d", 0755));
        mode("sg/d");
        CALL(chmod("sg/d", 02755));
        mode("sg/d");
        int t = open("sg", O_TMPFILE | O_RDWR, 02777);
        struct stat s;
        fstat(t, &s);
        printf("tmpfile %o %d\n", s.st_mode, s.st_gid);
    });
    printf("-- cleared bits\n");
    mk("suid", 06755, 1000, 1000);
    mk("sgid", 02745, 1000, 1000);
    AS(1000, 1000, {
        int fd = open("suid", O_WRONLY);
        mode("suid");
        write(fd, "", 0);
        mode("suid");
        write(fd, "x", 1);
        mode("suid");
        chmod("suid", 06755);
        ftruncate(fd, 1);
        mode("suid");
        chmod("suid", 06755);
        CALL(chown("suid", -1, -1));
        mode("suid");
        CALL(chown("suid", 1000, 1000));
        mode("suid");
        CALL(chown("sgid", 1000, 1000));
        mode("sgid");
        chmod("suid", 06755);
        fallocate(fd, 0, 0, 10);
        mode("suid");
        chmod("suid", 06755);
        close(open("suid", O_WRONLY | O_TRUNC));
        mode("suid");
        chmod("sgid", 02745);
        fd = open("sgid", O_WRONLY);
        write(fd, "x", 1);
        mode("sgid");
    });
    chmod("suid", 06755);
    int fd = open("suid", O_WRONLY);
    write(fd, "root", 4);
    mode("suid");
    CALL(chown("suid", 0, 0));
    mode("suid");
    chmod("suid", 06755);
    CALL(lchown("suid", -1, -1));
    mode("suid");
    chmod("suid", 06644);
    CALL(chown("suid", 0, 0));
    mode("suid");
    AS(1000, 1000, {
        CALL(chmod("/dev/null", 0666));
        fd = open("/dev/null", O_RDWR);
        CALL(fchmod(fd, 0666));
        CALL(fchown(fd, 1000, -1));
    });
    printf("-- umask and create\n");
    umask(027);
    close(open("u", O_CREAT | O_RDONLY, 07777));
    mode("u");
    fd = open("u2", O_CREAT | O_RDWR, 0);
    CALL(write(fd, "x", 1));
    mkdir("ud", 07777);
    mode("ud");
    symlink("u", "ul");
    mode("ul");
    mkfifo("up", 07777);
    mode("up");
    t_leave();
    return 0;
}
