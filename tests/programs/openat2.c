/* openat2(2): struct open_how, scopes, links; O_TMPFILE and linkat of it; statx(2) fields. */
#include "t.h"
#include <linux/openat2.h>
#include <sys/syscall.h>

static long oa(int d, const char *p, unsigned long f, unsigned long m, unsigned long r) {
    struct open_how h = {f, m, r};
    long n = syscall(SYS_openat2, d, p, &h, sizeof h);
    if (n >= 0)
        close(n);
    return n >= 0 ? 0 : n;
}

int main(void) {
    t_enter();
    char big[5000] = {0};
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    close(open("d/f", O_CREAT | O_RDWR, 0644));
    close(open("out", O_CREAT | O_RDWR, 0644));
    symlink("f", "d/in");
    symlink("../out", "d/up");
    symlink("/out", "d/abs");
    symlink("/f", "d/rootf");
    symlink("e/../f", "d/around");
    symlink("/proc/self/exe", "d/magic");
    int d = open("d", O_RDONLY | O_DIRECTORY);

    printf("-- how\n");
    struct open_how h = {O_RDONLY};
    CALL(syscall(SYS_openat2, d, "f", &h, 0));
    CALL(syscall(SYS_openat2, d, "f", &h, 23));
    CALL(syscall(SYS_openat2, d, "f", big, 4096) >= 0);
    CALL(syscall(SYS_openat2, d, "f", big, 4097));
    big[100] = 1;
    CALL(syscall(SYS_openat2, d, "f", big, 200));
    CALL(syscall(SYS_openat2, d, "f", (void *)8, 24));
    CALL(syscall(SYS_openat2, d, (void *)8, &h, 24));
    CALL(oa(d, "f", 1UL << 40, 0, 0));
    CALL(oa(d, "f", 0x40000000, 0, 0));
    CALL(oa(d, "f", O_RDONLY, 0644, 0));
    CALL(oa(d, "f", O_RDONLY | O_CREAT, 010000, 0));
    CALL(oa(d, "f", O_RDONLY | O_CREAT, 0644, 0));
    CALL(oa(d, "f", O_PATH | O_RDWR, 0, 0));
    CALL(oa(d, "f", O_PATH | O_CLOEXEC | O_NOFOLLOW, 0, 0));
    CALL(oa(d, "f", O_PATH | O_NONBLOCK, 0, 0));
    CALL(oa(d, "f", 0, 0, 0x40));
    CALL(oa(d, "f", 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
    CALL(oa(d, ".", O_TMPFILE | O_RDWR, 0600, 0));
    CALL(oa(d, "nd", O_DIRECTORY | O_CREAT | O_RDWR, 0600, 0));
    CALL(oa(-1, "f", 0, 0, 0));
    CALL(oa(d, "", 0, 0, 0));

    static const struct { const char *name; unsigned long r; } res[] = {
        {"none", 0}, {"NO_XDEV", RESOLVE_NO_XDEV}, {"NO_MAGICLINKS", RESOLVE_NO_MAGICLINKS}, {"NO_SYMLINKS", RESOLVE_NO_SYMLINKS},
        {"BENEATH", RESOLVE_BENEATH}, {"IN_ROOT", RESOLVE_IN_ROOT}, {"CACHED", RESOLVE_CACHED}};
    static const char *paths[] = {"f", "in", "up", "abs", "rootf", "around", "magic", "../out", "..", "/f", "e/..", "e/../..", "e/../../out", "none", "/proc", "/proc/self/exe", "."};
    char root[64];
    for (unsigned i = 0; i < 7; i++) {
        printf("-- %s\n", res[i].name);
        for (unsigned j = 0; j < sizeof paths / sizeof *paths; j++) {
            errno = 0;
            if (i == 6 && (j == 6 || j >= 14))
                continue; /* what is cached is anybody's guess */
            if (i == 6)
                oa(d, paths[j], O_PATH, 0, 0);
            long r = oa(d, paths[j], O_PATH, 0, res[i].r);
            printf("%s: %s\n", paths[j], r < 0 ? strerrorname_np(errno) : "ok");
        }
    }
    CALL(oa(d, "in", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
    CALL(oa(d, "in", O_RDONLY | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
    CALL(oa(d, "new", O_RDWR | O_CREAT, 0600, RESOLVE_CACHED));
    CALL(oa(d, "f", O_RDWR | O_TRUNC, 0, RESOLVE_CACHED));
    CALL(oa(d, "up2", O_RDWR | O_CREAT, 0600, RESOLVE_BENEATH));
    CALL(oa(d, "../up2", O_RDWR | O_CREAT, 0600, RESOLVE_BENEATH));
    CALL(oa(d, "../up3", O_RDWR | O_CREAT, 0600, RESOLVE_IN_ROOT));
    CALL(access("d/up3", F_OK));

    printf("-- nameless files\n");
    int t = open(".", O_TMPFILE | O_RDWR, 0640);
    struct stat st;
    fstat(t, &st);
    printf("%o %ld\n", st.st_mode, (long)st.st_nlink);
    CALL(write(t, "x", 1));
    CALL(linkat(t, "", AT_FDCWD, "named", AT_EMPTY_PATH));
    CALL(linkat(t, "", AT_FDCWD, "named", AT_EMPTY_PATH));
    CALL(linkat(t, "", AT_FDCWD, "named2", AT_EMPTY_PATH));
    fstat(t, &st);
    printf("%ld\n", (long)st.st_nlink);
    t = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
    CALL(linkat(t, "", AT_FDCWD, "never", AT_EMPTY_PATH));
    sprintf(root, "/proc/self/fd/%d", t);
    CALL(linkat(AT_FDCWD, root, AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
    t = open(".", O_TMPFILE | O_WRONLY, 0640);
    sprintf(root, "/proc/self/fd/%d", t);
    CALL(linkat(AT_FDCWD, root, AT_FDCWD, "byproc", AT_SYMLINK_FOLLOW));
    t = open("byproc", O_RDONLY);
    unlink("byproc");
    CALL(linkat(t, "", AT_FDCWD, "again", AT_EMPTY_PATH));

    printf("-- statx\n");
    struct statx x;
    memset(&x, 0xff, sizeof x);
    CALL(statx(AT_FDCWD, "d/f", 0, 0, &x));
    printf("pads %u %u %lu\n", x.__spare0[0], x.stx_rdev_major, (long)x.stx_size);
    CALL(statx(AT_FDCWD, "d/f", 0, STATX_SIZE, &x));
    CALL(statx(AT_FDCWD, "d/in", AT_SYMLINK_NOFOLLOW, STATX_MODE, &x));
    printf("%o\n", x.stx_mode);
    CALL(statx(d, "", AT_EMPTY_PATH, STATX_ALL, &x));
    printf("%o root %d of %d\n", x.stx_mode, !!(x.stx_attributes & STATX_ATTR_MOUNT_ROOT), !!(x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT));
    CALL(statx(AT_FDCWD, "/proc", 0, STATX_ALL, &x));
    printf("root %d\n", !!(x.stx_attributes & STATX_ATTR_MOUNT_ROOT));
    CALL(statx(AT_FDCWD, "/dev/null", 0, STATX_ALL, &x));
    printf("%o %d:%d\n", x.stx_mode, x.stx_rdev_major, x.stx_rdev_minor);
    t_leave();
    return 0;
}
