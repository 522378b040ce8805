/* stat, statx, statfs and what they tell of files of all types. */
#include "t.h"
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static void show(const char *path) {
    struct stat st;
    errno = 0;
    if (lstat(path, &st)) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        return;
    }
    printf("%s: mode %o owner %d:%d size %ld rdev %x:%x\n", path, st.st_mode, S_ISCHR(st.st_mode) ? 0 : st.st_uid, S_ISCHR(st.st_mode) ? 0 : st.st_gid,
           S_ISDIR(st.st_mode) ? -1 : (long)st.st_size, major(st.st_rdev), minor(st.st_rdev));
}

int main(void) {
    t_enter();
    close(open("f", O_CREAT | O_WRONLY, 0640));
    truncate("f", 12345);
    symlink("f", "l");
    mkdir("d", 01777);
    mkfifo("p", 0600);
    show("f");
    show("l");
    show("d");
    show("p");
    show("missing");
    show("f/x");
    show("/dev/null");
    show("/dev/zero");
    show("/dev/urandom");
    show("/dev/tty");
    show("/usr/bin/env");
    show("/etc/passwd");
    struct stat a, b;
    CALL(stat("f", (void *)8));
    CALL(stat((void *)8, &a));
    CALL(fstat(99, &a));
    CALL(fstatat(AT_FDCWD, "", &a, 0));
    CALL(fstatat(AT_FDCWD, "", &a, AT_EMPTY_PATH));
    TRUE(S_ISDIR(a.st_mode));
    CALL(fstatat(AT_FDCWD, "l", &a, 0x10000000));
    CALL(fstatat(AT_FDCWD, "l", &a, AT_SYMLINK_NOFOLLOW));
    printf("%o\n", a.st_mode);
    CALL(fstatat(AT_FDCWD, "l", &a, AT_NO_AUTOMOUNT));
    printf("%o\n", a.st_mode);
    int fd = open("f", O_RDONLY);
    CALL(fstatat(fd, "", &a, AT_EMPTY_PATH));
    stat("f", &b);
    TRUE(a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == 12345);
    CALL(fstatat(fd, "x", &a, 0));
    printf("blksize %d\n", b.st_blksize > 0);
    close(fd);
    fd = open("f", O_WRONLY);
    char data[12345];
    memset(data, 1, sizeof data);
    write(fd, data, sizeof data);
    fsync(fd);
    fstat(fd, &b);
    TRUE(b.st_blocks * 512 >= 12288);
    close(fd);
    stat("/usr/bin/env", &a);
    stat("/usr/bin/../bin/env", &b);
    TRUE(a.st_ino == b.st_ino);
    TRUE(a.st_mtime > 1000000000 && a.st_blocks > 0);

    struct statx x;
    CALL(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
    printf("mask %x mode %o size %lld nlink %d\n", x.stx_mask & STATX_BASIC_STATS, x.stx_mode, (long long)x.stx_size, x.stx_nlink);
    stat("f", &a);
    TRUE(x.stx_ino == a.st_ino && makedev(x.stx_dev_major, x.stx_dev_minor) == a.st_dev);
    TRUE(x.stx_mtime.tv_sec == a.st_mtim.tv_sec && x.stx_mtime.tv_nsec == a.st_mtim.tv_nsec);
    CALL(statx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_ALL, &x));
    printf("mode %o\n", x.stx_mode);
    CALL(statx(AT_FDCWD, "missing", 0, STATX_ALL, &x));
    CALL(statx(AT_FDCWD, "f", 0x10000000, STATX_ALL, &x));
    CALL(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
    CALL(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_ALL, &x));
    CALL(statx(AT_FDCWD, "f", 0, STATX_ALL, (void *)8));
    fd = open("f", O_RDONLY);
    CALL(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &x));
    printf("size %lld\n", (long long)x.stx_size);
    int p[2];
    pipe(p);
    fstat(p[0], &a);
    printf("pipe mode %o size %ld\n", a.st_mode, (long)a.st_size);
    struct statfs s;
    CALL(statfs("/proc", &s));
    printf("type %lx\n", (long)s.f_type);
    CALL(statfs("missing", &s));
    CALL(fstatfs(fd, &s));
    TRUE(s.f_bsize > 0 && s.f_namelen == 255);
    if (geteuid() == 0) {
        mkdir("locked", 0700);
        close(open("locked/in", O_CREAT | O_WRONLY, 0600));
        chmod(t_dir, 0755);
        pid_t pid = t_fork();
        if (!pid) {
            setgid(100);
            setuid(12345);
            show("f");
            show("locked/in");
            CALL(open("f", O_RDWR));
            CALL(open("f", O_RDONLY));
            CALL(access("locked", X_OK));
            CALL(mkdir("new", 0755));
            CALL(unlink("f"));
            CALL(chmod("f", 0777));
            CALL(chown("f", 12345, 100));
            close(open("d/mine", O_CREAT | O_WRONLY, 0644));
            show("d/mine");
            CALL(chown("d/mine", 0, 0));
            CALL(chown("d/mine", -1, 100));
            CALL(utimensat(AT_FDCWD, "f", NULL, 0));
            fflush(stdout);
            _exit(0);
        }
        t_reap("another user", pid);
        close(open("d/roots", O_CREAT | O_WRONLY, 0666));
        pid = t_fork();
        if (!pid) {
            setuid(12346);
            CALL(unlink("d/mine")); /* sticky */
            CALL(rename("d/mine", "d/x"));
            fflush(stdout);
            _exit(0);
        }
        t_reap("sticky", pid);
        chmod("d", 02777);
        chown("d", 0, 77);
        mkdir("d/s", 0755);
        close(open("d/t", O_CREAT | O_WRONLY, 0644));
        show("d/s");
        show("d/t");
    }
    t_leave();
    return 0;
}
