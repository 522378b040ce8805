/* inotify(7): watches, events and their order, names, cookies, masks, limits of the calls. */
#include "t.h"
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static int in;
static unsigned cookie;
static const struct { unsigned bit; const char *name; } bits[] = {
    {IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
    {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
    {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
    {IN_UNMOUNT, "UNMOUNT"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}};

static void drain(const char *what) {
    static char b[1 << 20] __attribute__((aligned(8)));
    printf("%s:", what);
    long n;
    while ((n = read(in, b, sizeof b)) > 0)
        for (char *p = b; p < b + n;) {
            struct inotify_event *e = (struct inotify_event *)p;
            printf(" [%d", e->wd);
            for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
                if (e->mask & bits[i].bit)
                    printf(" %s", bits[i].name);
            if (e->len)
                printf(" %s/%u", e->name, e->len);
            if (e->cookie) {
                printf(e->cookie == cookie ? " same" : " new");
                cookie = e->cookie;
            }
            printf("]");
            p += sizeof *e + e->len;
        }
    printf("\n");
}

int main(void) {
    char b[4096];
    t_enter();
    CALL(inotify_init1(0x1000));
    CALL(inotify_init1(-1));
    in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    printf("flags %x %x\n", fcntl(in, F_GETFL) & O_NONBLOCK, fcntl(in, F_GETFD));
    CALL(read(in, b, 100));
    mkdir("d", 0755);
    CALL(inotify_add_watch(-1, "d", IN_ALL_EVENTS));
    CALL(inotify_add_watch(0, "d", 0));
    CALL(inotify_add_watch(in, "d", 0));
    CALL(inotify_add_watch(in, "d", IN_ONLYDIR));
    CALL(inotify_add_watch(in, "nothing", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, (char *)8, IN_ALL_EVENTS));
    CALL(inotify_add_watch(open("d", O_RDONLY), "d", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "d", 0x00800000 | IN_OPEN));
    CALL(inotify_rm_watch(in, 1));
    CALL(inotify_rm_watch(-1, 1));
    CALL(inotify_rm_watch(3, 1));
    CALL(inotify_add_watch(in, "d", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "d", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "d", IN_ALL_EVENTS | IN_MASK_CREATE));
    CALL(inotify_add_watch(in, "d", IN_ALL_EVENTS | IN_MASK_CREATE | IN_MASK_ADD));
    drain("nothing yet");

    int fd = open("d/f", O_CREAT | O_RDWR, 0644);
    drain("create");
    write(fd, "hello", 5);
    write(fd, "hello", 5);
    drain("two writes are one event");
    write(fd, "", 0);
    drain("write of nothing");
    lseek(fd, 0, SEEK_SET);
    read(fd, b, 3);
    drain("read");
    lseek(fd, 0, SEEK_END);
    read(fd, b, 3);
    drain("read at the end");
    read(fd, b, 0);
    pread(fd, b, 1, 0);
    pwrite(fd, "x", 1, 0);
    struct iovec iov = {b, 2};
    preadv(fd, &iov, 1, 0);
    pwritev(fd, &iov, 1, 0);
    drain("pread pwrite preadv pwritev");
    ftruncate(fd, 3);
    drain("ftruncate");
    fallocate(fd, 0, 0, 100);
    drain("fallocate");
    fchmod(fd, 0600);
    drain("fchmod");
    fchown(fd, getuid(), -1);
    drain("fchown");
    fchown(fd, -1, -1);
    drain("fchown of nothing");
    struct timespec t[2] = {{1, 0}, {2, 0}};
    futimens(fd, t);
    drain("futimens");
    t[0].tv_nsec = UTIME_OMIT;
    futimens(fd, t);
    drain("only mtime");
    t[0].tv_nsec = 0;
    t[1].tv_nsec = UTIME_OMIT;
    futimens(fd, t);
    drain("only atime");
    fsetxattr(fd, "user.a", "1", 1, 0);
    drain("setxattr");
    fremovexattr(fd, "user.a");
    drain("removexattr");
    int dup_ = dup(fd);
    close(fd);
    drain("close of a duplicate");
    close(dup_);
    drain("close");
    close(open("d/f", O_RDONLY));
    drain("open for reading");
    close(open("d/f", O_WRONLY | O_TRUNC));
    drain("open with truncation");
    close(open("d/f", O_PATH));
    drain("O_PATH");
    open("d/nothing", O_RDONLY);
    drain("no such file");
    truncate("d/f", 77);
    drain("truncate");
    stat("d/f", &(struct stat){0});
    access("d/f", R_OK);
    drain("stat");
    link("d/f", "d/g");
    drain("link");
    symlink("f", "d/s");
    readlink("d/s", b, sizeof b);
    drain("symlink");
    mkfifo("d/p", 0600);
    drain("mkfifo");
    mkdir("d/e", 0700);
    drain("mkdir");
    chmod("d/e", 0755);
    drain("chmod of a directory inside");
    chmod("d", 0755);
    drain("chmod of itself");
    rename("d/g", "d/h");
    drain("rename");
    rename("d/h", "d/f"); /* the same file */
    drain("rename onto itself");
    rename("d/h", "out");
    drain("move out");
    rename("d/f", "out2");
    rename("out2", "d/f");
    drain("moved out and in");
    close(open("d/v", O_CREAT | O_WRONLY, 0600));
    drain("another");
    rename("d/v", "d/f");
    drain("rename over");
    close(open("d/w", O_CREAT | O_WRONLY, 0600));
    drain("another");
    CALL(syscall(SYS_renameat2, AT_FDCWD, "d/f", AT_FDCWD, "d/w", 2));
    drain("exchange");
    rename("d/e", "d/ee");
    drain("rename of a directory");
    rmdir("d/ee");
    drain("rmdir");
    DIR *dir = opendir("d");
    drain("opendir");
    while (readdir(dir))
        ;
    drain("readdir");
    closedir(dir);
    drain("closedir");

    /* The file itself. */
    unlink("d/s");
    unlink("d/p");
    unlink("d/w");
    drain("unlinks");
    int wf = CALL(inotify_add_watch(in, "d/f", IN_ALL_EVENTS));
    fd = open("d/f", O_RDWR);
    drain("open of the file");
    write(fd, "x", 1);
    drain("write to the file");
    link("d/f", "d/l");
    drain("link of the file");
    unlink("d/l");
    drain("unlink of one name");
    rename("d/f", "d/k");
    drain("rename of the file");
    unlink("d/k");
    drain("unlink of the open file");
    write(fd, "x", 1);
    drain("write to the removed file");
    close(fd);
    drain("close of the removed file");
    CALL(inotify_rm_watch(in, wf));
    close(open("d/x", O_CREAT | O_RDWR, 0600));
    wf = CALL(inotify_add_watch(in, "d/x", IN_ALL_EVENTS));
    drain("another file");
    unlink("d/x");
    drain("unlink of the closed file");
    close(open("d/x", O_CREAT | O_RDWR, 0600));
    close(open("d/y", O_CREAT | O_RDWR, 0600));
    wf = CALL(inotify_add_watch(in, "d/y", IN_ALL_EVENTS));
    drain("two files");
    rename("d/x", "d/y");
    drain("rename over the watched file");

    /* Masks. */
    CALL(inotify_add_watch(in, "d", IN_CREATE));
    close(open("d/m", O_CREAT | O_RDWR, 0600));
    drain("only creation");
    CALL(inotify_add_watch(in, "d", IN_DELETE | IN_MASK_ADD));
    unlink("d/m");
    close(open("d/m", O_CREAT | O_RDWR, 0600));
    drain("and removal");
    CALL(inotify_add_watch(in, "d", IN_OPEN | IN_ONESHOT));
    close(open("d/m", O_RDWR));
    close(open("d/m", O_RDWR));
    drain("one shot");
    CALL(inotify_add_watch(in, "d/m", IN_OPEN | IN_ONLYDIR));
    symlink("m", "d/link");
    int wl = CALL(inotify_add_watch(in, "d/link", IN_ALL_EVENTS | IN_DONT_FOLLOW));
    unlink("d/link");
    drain("a link itself");
    CALL(inotify_rm_watch(in, wl));
    int we = CALL(inotify_add_watch(in, "d", IN_ALL_EVENTS | IN_EXCL_UNLINK));
    fd = open("d/u", O_CREAT | O_RDWR, 0600);
    write(fd, "x", 1);
    unlink("d/u");
    drain("before");
    write(fd, "x", 1);
    close(fd);
    drain("unlinked children excluded");
    CALL(inotify_rm_watch(in, we));
    drain("watch removed");
    CALL(inotify_rm_watch(in, we));

    /* Reading. */
    CALL(inotify_add_watch(in, "d", IN_CREATE | IN_DELETE));
    close(open("d/a", O_CREAT, 0600));
    close(open("d/a-name-of-more-than-sixteen", O_CREAT, 0600));
    int n = 0;
    CALL(ioctl(in, FIONREAD, &n));
    printf("%d bytes\n", n);
    struct pollfd p = {in, POLLIN | POLLOUT, 0};
    CALL(poll(&p, 1, 0));
    printf("revents %x\n", p.revents);
    CALL(read(in, b, 0));
    CALL(read(in, b, 15));
    CALL(read(in, b, 31));
    CALL(read(in, b, 33));
    CALL(read(in, (char *)8, 100));
    drain("rest");
    CALL(write(in, b, 16));
    CALL(pread(in, b, 16, 0));
    CALL(lseek(in, 0, SEEK_SET));
    CALL(poll(&p, 1, 0));
    mkdir("d/sub", 0700);
    rmdir("d/sub");
    drain("a directory");
    CALL(inotify_add_watch(in, "d", IN_DELETE_SELF | IN_MOVE_SELF));
    rename("d", "D");
    drain("move of itself");
    system("rm -rf D");
    drain("removal of itself");

    /* The queue's end. */
    mkdir("q", 0700);
    int w = inotify_add_watch(in, "q", IN_CREATE | IN_DELETE);
    for (int i = 0; i < 8195; i++) {
        mknod("q/1", S_IFREG | 0600, 0);
        unlink("q/1");
    }
    static char big[1 << 21];
    long total = 0, events = 0, overflows = 0, r;
    while ((r = read(in, big, sizeof big)) > 0)
        for (char *q = big; q < big + r; events++) {
            struct inotify_event *e = (struct inotify_event *)q;
            total += e->len;
            if (e->mask & IN_Q_OVERFLOW) {
                overflows++;
                printf("overflow wd %d mask %x len %u, event %ld\n", e->wd, e->mask, e->len, events);
            }
            q += sizeof *e + e->len;
        }
    printf("%ld events, %ld overflows, names %ld\n", events, overflows, total);
    (void)w;

    /* A new instance. */
    int old = in;
    in = inotify_init();
    printf("flags %x %x\n", fcntl(in, F_GETFL) & O_NONBLOCK, fcntl(in, F_GETFD));
    pid_t pid = t_fork();
    if (pid == 0) {
        t_sleep(100);
        close(open("q/later", O_CREAT, 0600));
        _exit(0);
    }
    CALL(inotify_add_watch(in, "q", IN_CREATE));
    CALL(read(in, b, sizeof b));
    t_reap("child", pid);
    close(old);
    CALL(read(old, b, 1));
    t_leave();
    return 0;
}
