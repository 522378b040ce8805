/* The new mount API: open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr; name_to_handle_at; fanotify and quotactl errors. */
#include "t.h"
#include <sys/mount.h>
#include <sys/syscall.h>
#include <linux/mount.h>

#define open_tree(d, p, f) syscall(SYS_open_tree, d, p, f)
#define move_mount(a, b, c, d, e) syscall(SYS_move_mount, a, b, c, d, e)
#define fsopen(n, f) syscall(SYS_fsopen, n, f)
#define fsconfig(f, c, k, v, a) syscall(SYS_fsconfig, f, c, k, v, a)
#define fsmount(f, g, a) syscall(SYS_fsmount, f, g, a)
#define fspick(d, p, f) syscall(SYS_fspick, d, p, f)
#define mount_setattr(d, p, f, a, s) syscall(SYS_mount_setattr, d, p, f, a, s)

static char base[PATH_MAX];
static void show(const char *what) {
    char line[4096];
    FILE *f = fopen("/proc/self/mountinfo", "r");
    printf("-- %s\n", what);
    while (fgets(line, sizeof line, f)) {
        char root[1024], at[1024], opt[1024], tag[64] = "";
        sscanf(line, "%*d %*d %*s %s %s %s %6[a-z]", root, at, opt, tag);
        if (strncmp(at, base, strlen(base)) == 0)
            printf("%s %s %s%s\n", root, at + strlen(base), opt, strcmp(tag, "shared") ? "" : " shared");
    }
    fclose(f);
}

int main(void) {
    t_enter();
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        printf("cannot\n");
        return 0;
    }
    getcwd(base, sizeof base);
    CALL(mount("t", base, "tmpfs", 0, NULL));
    chdir(base);
    mkdir("a", 0755); mkdir("b", 0755); mkdir("c", 0755);
    close(open("file", O_CREAT, 0600));

    printf("-- fsopen\n");
    CALL(fsopen("nosuchfs", 0));
    CALL(fsopen("tmpfs", 2));
    CALL(fsopen((char *)8, 0));
    CALL(fsopen("", 0));
    int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    TRUE(fs >= 0);
    CALL(fcntl(fs, F_GETFD));

    printf("-- fsconfig\n");
    CALL(fsconfig(-1, FSCONFIG_SET_FLAG, "ro", NULL, 0));
    CALL(fsconfig(0, FSCONFIG_SET_FLAG, "ro", NULL, 0));
    CALL(fsconfig(fs, 99, "ro", NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_FLAG, NULL, NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_FLAG, "ro", "x", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 1));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, NULL, "x", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "size", NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "size", "64k", 1));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "size", "wrong", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "nosuch", "1", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_FLAG, "nosuch", NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_BINARY, "size", NULL, 3));
    CALL(fsconfig(fs, FSCONFIG_SET_BINARY, "size", "abc", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_BINARY, "size", "abc", 1 << 21));
    CALL(fsconfig(fs, FSCONFIG_SET_FD, "size", NULL, -1));
    CALL(fsconfig(fs, FSCONFIG_SET_FD, "size", "x", 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_CREATE, "x", NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, "x", 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 1));
    CALL(fsmount(fs, 0, 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "size", "64k", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "source", "mine", 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "source", "again", 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
    CALL(fsconfig(fs, FSCONFIG_SET_STRING, "size", "64k", 0));

    printf("-- fsmount\n");
    CALL(fsmount(-1, 0, 0));
    CALL(fsmount(0, 0, 0));
    CALL(fsmount(fs, 2, 0));
    CALL(fsmount(fs, 0, 0x100));
    CALL(fsmount(fs, 0, 0x30));
    int m = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME);
    TRUE(m >= 0);
    CALL(fsmount(fs, 0, 0));
    CALL(fcntl(m, F_GETFD));
    int f = openat(m, "inside", O_CREAT | O_RDWR, 0600);
    TRUE(f >= 0);
    close(f);

    printf("-- move_mount\n");
    CALL(move_mount(m, "", AT_FDCWD, "a", 0));
    CALL(move_mount(m, "", AT_FDCWD, "a", 0x1000));
    CALL(move_mount(m, "", AT_FDCWD, "nothing", MOVE_MOUNT_F_EMPTY_PATH));
    CALL(move_mount(m, "", AT_FDCWD, "file", MOVE_MOUNT_F_EMPTY_PATH));
    CALL(move_mount(-1, "", AT_FDCWD, "a", MOVE_MOUNT_F_EMPTY_PATH));
    CALL(move_mount(m, "", AT_FDCWD, "a", MOVE_MOUNT_F_EMPTY_PATH));
    show("mounted");
    CALL(access("a/inside", F_OK));
    CALL(move_mount(AT_FDCWD, "a", AT_FDCWD, "b", 0));
    show("moved");
    CALL(move_mount(AT_FDCWD, "a", AT_FDCWD, "c", 0));
    CALL(move_mount(AT_FDCWD, "b", AT_FDCWD, "b", 0));
    close(m);

    printf("-- open_tree\n");
    CALL(open_tree(AT_FDCWD, "nothing", 0));
    CALL(open_tree(AT_FDCWD, "b", 2));
    CALL(open_tree(AT_FDCWD, "b", AT_RECURSIVE));
    CALL(open_tree(-1, "b", 0));
    CALL(open_tree(AT_FDCWD, "", 0));
    int o = open_tree(AT_FDCWD, "b", OPEN_TREE_CLOEXEC);
    TRUE(o >= 0);
    CALL(fcntl(o, F_GETFL) & O_PATH);
    CALL(read(o, base, 1));
    close(o);
    o = open_tree(AT_FDCWD, "b", OPEN_TREE_CLONE);
    TRUE(o >= 0);
    TRUE(faccessat(o, "inside", F_OK, 0) == 0);
    CALL(move_mount(o, "", AT_FDCWD, "c", MOVE_MOUNT_F_EMPTY_PATH));
    show("cloned");
    close(o);
    CALL(umount2("c", 0));
    o = open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | AT_RECURSIVE);
    CALL(move_mount(o, "", AT_FDCWD, "c", MOVE_MOUNT_F_EMPTY_PATH));
    show("all cloned");
    close(o);
    CALL(umount2("c", MNT_DETACH));
    o = open_tree(AT_FDCWD, "b", OPEN_TREE_CLONE);
    close(o); /* and it is gone */

    printf("-- mount_setattr\n");
    struct mount_attr at = {0};
    at.attr_set = MOUNT_ATTR_RDONLY;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, 8));
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, 5000));
    CALL(mount_setattr(AT_FDCWD, "b", 0, (void *)8, sizeof at));
    CALL(mount_setattr(AT_FDCWD, "b", 2, &at, sizeof at));
    CALL(mount_setattr(AT_FDCWD, "a", 0, &at, sizeof at));
    CALL(mount_setattr(AT_FDCWD, "nothing", 0, &at, sizeof at));
    CALL(mount_setattr(-1, "b", 0, &at, sizeof at));
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    CALL(open("b/new", O_CREAT | O_RDWR, 0600));
    show("read-only");
    at.attr_set = 0;
    at.attr_clr = MOUNT_ATTR_RDONLY;
    at.propagation = MS_SHARED;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    show("shared");
    at.propagation = MS_SHARED | MS_PRIVATE;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    at.propagation = 0;
    at.attr_clr = MOUNT_ATTR_NOATIME;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    at.attr_clr = MOUNT_ATTR__ATIME;
    at.attr_set = MOUNT_ATTR_STRICTATIME;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    show("strictatime");
    at.attr_set = 0x10000000;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    at.attr_set = 0;
    at.attr_clr = 0;
    CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
    at.attr_set = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
    CALL(mount_setattr(AT_FDCWD, "", AT_RECURSIVE | AT_EMPTY_PATH, &at, sizeof at));
    show("all");

    printf("-- fspick\n");
    CALL(fspick(AT_FDCWD, "nothing", 0));
    CALL(fspick(AT_FDCWD, "a", 0));
    CALL(fspick(AT_FDCWD, "b", 0x100));
    CALL(fspick(-1, "b", 0));
    int k = fspick(AT_FDCWD, "b", FSPICK_CLOEXEC);
    TRUE(k >= 0);
    CALL(fsconfig(k, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
    CALL(fsconfig(k, FSCONFIG_SET_FLAG, "ro", NULL, 0));
    CALL(fsconfig(k, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
    CALL(open("b/new", O_CREAT | O_RDWR, 0600));

    printf("-- without capabilities\n");
    pid_t pid = t_fork();
    if (pid == 0) {
        setuid(1000);
        CALL(fsopen("tmpfs", 0));
        CALL(open_tree(AT_FDCWD, "b", OPEN_TREE_CLONE));
        TRUE(open_tree(AT_FDCWD, "b", 0) >= 0);
        CALL(move_mount(AT_FDCWD, "b", AT_FDCWD, "c", 0));
        CALL(fspick(AT_FDCWD, "b", 0));
        CALL(fsmount(fs, 0, 0));
        CALL(mount_setattr(AT_FDCWD, "b", 0, &at, sizeof at));
        CALL(mount("x", "c", "tmpfs", 0, NULL));
        CALL(umount("b"));
        CALL(syscall(SYS_pivot_root, "b", "b"));
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", pid);
    return 0;
}
