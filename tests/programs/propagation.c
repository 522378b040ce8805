/* Mount propagation (mount_namespaces(7)): peer groups, slaves, unbindable mounts, mountinfo, moving, expiry, pivot_root. */
#include "t.h"
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* The lines of mountinfo below our directory, with ids, groups and devices made small numbers. */
static char base[PATH_MAX];
static long ids[256], groups[64];
static int nids, ngroups;
static int small(long *t, int *n, long v) {
    for (int i = 0; i < *n; i++)
        if (t[i] == v)
            return i + 1;
    t[(*n)++] = v;
    return *n;
}

static void show(const char *what) {
    char line[4096];
    FILE *f = fopen("/proc/self/mountinfo", "r");
    printf("-- %s\n", what);
    while (fgets(line, sizeof line, f)) {
        char root[1024], at[1024], opt[1024];
        long id, up;
        int n = 0;
        sscanf(line, "%ld %ld %*s %s %s %s %n", &id, &up, root, at, opt, &n);
        if (strncmp(at, base, strlen(base)))
            continue;
        printf("%s %s %s", root, at[strlen(base)] ? at + strlen(base) : "/", opt);
        char *p = line + n, *end = strstr(line, " - ") + 1;
        while (p < end) {
            char tag[64];
            long g;
            int used = 0;
            if (sscanf(p, "%63[a-z_]:%ld%n", tag, &g, &used) == 2)
                printf(" %s:%d", tag, small(groups, &ngroups, g));
            else if (sscanf(p, "%63[a-z_]%n", tag, &used) == 1)
                printf(" %s", tag);
            p += used ? used : 1;
            while (p < end && *p == ' ')
                p++;
        }
        char type[64];
        sscanf(end, "- %63s", type);
        printf(" %s\n", type);
    }
    fclose(f);
}

static void touch(const char *p) { close(open(p, O_CREAT | O_RDWR, 0644)); }
static int there(const char *p) { return access(p, F_OK) == 0; }

int main(void) {
    t_enter();
    if (unshare(CLONE_NEWNS)) {
        printf("cannot\n");
        return 0;
    }
    CALL(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    getcwd(base, sizeof base);
    CALL(mount("t", base, "tmpfs", 0, NULL));
    chdir(base);
    mkdir("a", 0755); mkdir("b", 0755); mkdir("c", 0755); mkdir("d", 0755);
    CALL(mount("ta", "a", "tmpfs", 0, NULL));
    mkdir("a/x", 0755); mkdir("a/y", 0755);
    show("private");
    CALL(mount(NULL, "a", NULL, MS_SHARED, NULL));
    show("shared");
    CALL(mount(NULL, "a/x", NULL, MS_SHARED, NULL));
    CALL(mount(NULL, "a", NULL, MS_SHARED | MS_PRIVATE, NULL));
    CALL(mount(NULL, "a", NULL, MS_SHARED | MS_NOSUID, NULL));
    CALL(mount("a", "b", NULL, MS_BIND, NULL));
    show("a peer");
    CALL(mount("tx", "a/x", "tmpfs", 0, NULL));
    touch("b/x/f");
    TRUE(there("a/x/f"));
    show("propagated");
    CALL(umount("b/x"));
    TRUE(there("a/x/f"));
    show("unmounted");
    CALL(mount("a", "c", NULL, MS_BIND, NULL));
    CALL(mount(NULL, "c", NULL, MS_SLAVE, NULL));
    show("slave");
    CALL(mount("ty", "b/y", "tmpfs", 0, NULL));
    touch("a/y/g");
    TRUE(there("c/y/g"));
    CALL(mount("tcx", "c/x", "tmpfs", 0, NULL));
    touch("c/x/h");
    TRUE(there("a/x/h"));
    show("one way");
    CALL(umount("a/y"));
    TRUE(there("c/y/g"));
    CALL(mount(NULL, "c", NULL, MS_SHARED, NULL));
    show("slave and shared");
    CALL(mount("c", "d", NULL, MS_BIND, NULL));
    show("peers of a slave");
    CALL(mount("ty", "a/y", "tmpfs", 0, NULL));
    touch("d/y/k");
    TRUE(there("a/y/k"));
    TRUE(there("c/y/k"));
    CALL(mount(NULL, "c", NULL, MS_SLAVE, NULL));
    show("slave of a slave group");
    CALL(umount("b/y"));
    TRUE(there("d/y/k"));
    CALL(mount(NULL, "d", NULL, MS_PRIVATE, NULL));
    show("the middle leaves");
    CALL(mount(NULL, "a", NULL, MS_UNBINDABLE, NULL));
    mkdir("e", 0755); mkdir("m", 0755); mkdir("m/n", 0755); mkdir("o", 0755);
    CALL(mount("a", "e", NULL, MS_BIND, NULL));
    show("unbindable");
    CALL(umount2("a", 0));
    CALL(umount2("b", 0));
    CALL(umount2("c", MNT_DETACH));
    CALL(umount2("d", MNT_DETACH));
    show("none");

    /* rbind skips what is unbindable */
    CALL(mount("tm", "m", "tmpfs", 0, NULL));
    mkdir("m/n", 0755); mkdir("m/u", 0755);
    CALL(mount("tn", "m/n", "tmpfs", 0, NULL));
    CALL(mount("tu", "m/u", "tmpfs", 0, NULL));
    CALL(mount(NULL, "m/u", NULL, MS_UNBINDABLE, NULL));
    CALL(mount("m", "o", NULL, MS_BIND | MS_REC, NULL));
    show("rbind");
    CALL(mount(NULL, "m", NULL, MS_REC | MS_SHARED, NULL));
    show("all shared");

    /* Moving */
    CALL(mount("m/n", "e", NULL, MS_MOVE, NULL));
    CALL(mount(NULL, "m", NULL, MS_REC | MS_PRIVATE, NULL));
    CALL(mount("m", "m/n", NULL, MS_MOVE, NULL));
    CALL(mount("m/n", "e", NULL, MS_MOVE, NULL));
    show("moved");
    CALL(mount("e/..", "a", NULL, MS_MOVE, NULL));
    CALL(mount("a", "b", NULL, MS_MOVE, NULL));
    CALL(umount2("m", MNT_DETACH));
    CALL(umount2("o", MNT_DETACH));

    /* Copies of namespaces: a new one of the same user is a peer */
    CALL(mount(NULL, "e", NULL, MS_SHARED, NULL));
    mkdir("e/z", 0755);
    int p[2];
    pipe(p);
    pid_t pid = t_fork();
    if (pid == 0) {
        unshare(CLONE_NEWNS);
        show("in a copy");
        mount("tz", "e/z", "tmpfs", 0, NULL);
        touch("e/z/child");
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", pid);
    TRUE(there("e/z/child"));
    CALL(umount("e/z"));

    /* Busy, expiry, flags */
    int fd = open("e/z/..", O_RDONLY);
    CALL(umount("e"));
    CALL(umount2("e", MNT_EXPIRE));
    close(fd);
    CALL(umount2("e", MNT_EXPIRE | MNT_DETACH));
    CALL(umount2("e", MNT_EXPIRE | MNT_FORCE));
    CALL(umount2("e", 0x100));
    CALL(umount2("e", MNT_EXPIRE));
    touch("e/used");
    CALL(umount2("e", MNT_EXPIRE));
    CALL(umount2("e", MNT_EXPIRE));
    CALL(umount2("e", 0));
    CALL(umount2("nothing", 0));
    CALL(umount2("", 0));
    mkdir("w", 0755);
    CALL(mount("w", "w", "tmpfs", 0, NULL));
    symlink("w", "link");
    CALL(umount2("link", UMOUNT_NOFOLLOW));
    CALL(umount2("w", UMOUNT_NOFOLLOW));
    CALL(mount("w", "w", "tmpfs", 0, NULL));
    mkdir("w/in", 0755);
    CALL(mount("w", "w/in", "tmpfs", 0, NULL));
    CALL(umount2("w", 0));
    CALL(umount2("w/in", 0));
    pid = t_fork();
    if (pid == 0) {
        chdir("w");
        int c = 'r';
        write(p[1], &c, 1);
        pause();
        _exit(0);
    }
    char b;
    read(p[0], &b, 1);
    CALL(umount2("w", 0)); /* a working directory of another process */
    kill(pid, SIGKILL);
    t_reap("child", pid);
    CALL(umount2("w", 0));

    /* Errors of mount(2) */
    CALL(mount("x", "nothing", "tmpfs", 0, NULL));
    CALL(mount("x", "w", "nosuchfs", 0, NULL));
    CALL(mount("x", "w", NULL, 0, NULL));
    CALL(mount("x", (char *)8, "tmpfs", 0, NULL));
    CALL(mount((char *)8, "w", "tmpfs", 0, NULL));
    CALL(mount("x", "w", (char *)8, 0, NULL));
    CALL(mount("x", "w", "tmpfs", 0, (char *)8));
    CALL(mount("x", "w", "tmpfs", 0, "size=x"));
    CALL(mount("x", "w", "tmpfs", 0, "nosuchoption"));
    CALL(mount("nothing", "w", NULL, MS_BIND, NULL));
    CALL(mount("", "w", NULL, MS_BIND, NULL));
    CALL(mount(NULL, "w", NULL, MS_BIND, NULL));
    CALL(mount(NULL, "w", NULL, MS_MOVE, NULL));
    CALL(mount(NULL, "w", NULL, MS_REMOUNT, NULL));
    CALL(mount(NULL, "w", NULL, MS_REMOUNT | MS_BIND, NULL));
    CALL(mount(NULL, "w", NULL, MS_SHARED, NULL));
    touch("file");
    CALL(mount("file", "w", NULL, MS_BIND, NULL));
    CALL(mount("w", "file", NULL, MS_BIND, NULL));
    CALL(mount("x", "file", "tmpfs", 0, NULL));
    touch("file2");
    CALL(mount("file", "file2", NULL, MS_BIND | MS_RDONLY, NULL));
    CALL(open("file2", O_RDWR) >= 0);
    CALL(mount(NULL, "file2", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOEXEC, NULL));
    CALL(open("file2", O_RDWR));
    CALL(access("file2", W_OK));
    show("file");
    CALL(unlink("file2"));
    CALL(rename("file", "file2"));
    CALL(umount2("file2", MNT_DETACH));
    CALL(umount2("file2", MNT_DETACH));
    CALL(rmdir("w"));

    /* Remounting a filesystem, and one mount of it */
    mkdir("r", 0755); mkdir("s", 0755);
    CALL(mount("r", "r", "tmpfs", MS_NOSUID, "size=64k,mode=700"));
    CALL(mount("r", "s", NULL, MS_BIND, NULL));
    CALL(mount(NULL, "s", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    TRUE(open("r/1", O_CREAT | O_RDWR, 0600) >= 0);
    CALL(open("s/2", O_CREAT | O_RDWR, 0600));
    fd = open("r/1", O_RDWR);
    CALL(mount(NULL, "s", NULL, MS_BIND | MS_REMOUNT, NULL));
    CALL(mount(NULL, "r", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    CALL(mount(NULL, "r", NULL, MS_REMOUNT | MS_RDONLY, NULL));
    close(fd);
    show("remounted");
    CALL(umount2("s", MNT_DETACH));
    CALL(umount2("r", MNT_DETACH));

    /* pivot_root */
    mkdir("new", 0755);
    CALL(syscall(SYS_pivot_root, "new", "new"));
    CALL(mount("n", "new", "tmpfs", 0, NULL));
    mkdir("new/old", 0755);
    CALL(syscall(SYS_pivot_root, "new/old", "new/old"));
    CALL(syscall(SYS_pivot_root, "new", "."));
    CALL(syscall(SYS_pivot_root, "nothing", "new"));
    CALL(syscall(SYS_pivot_root, "file", "file"));
    CALL(syscall(SYS_pivot_root, "/", "/tmp"));
    int to[2], from[2];
    pipe(to);
    pipe(from);
    pid = t_fork();
    if (pid == 0) { /* another process of the namespace whose root and directory are the old root */
        chdir("/");
        write(from[1], "r", 1);
        read(to[0], &b, 1);
        printf("root %d cwd %d\n", there("/old"), there("old"));
        fflush(NULL);
        _exit(0);
    }
    read(from[0], &b, 1);
    CALL(syscall(SYS_pivot_root, "new", "new/old"));
    write(to[1], "g", 1);
    t_reap("child", pid);
    TRUE(there("/old/proc"));
    TRUE(there("/old"));
    CALL(chdir("/"));
    CALL(umount2("/old", MNT_DETACH));
    TRUE(there("/old/proc"));
    return 0;
}
