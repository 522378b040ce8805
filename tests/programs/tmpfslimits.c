/* Sizes of tmpfs, file size limits, holes, long names and deep paths. */
#include "t.h"
#include <sys/mount.h>
#include <sys/statfs.h>

static int hits;
static void hit(int s) { hits++; }

int main(void) {
    t_enter();
    char b[70000];
    memset(b, 'b', sizeof b);
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        printf("cannot\n");
        return 0;
    }
    mkdir("m", 0755);
    CALL(mount("m", "m", "tmpfs", 0, "size=64k,nr_inodes=10,mode=711,uid=5,gid=6"));
    struct stat st;
    struct statfs fs;
    stat("m", &st);
    printf("%o %d %d\n", st.st_mode, st.st_uid, st.st_gid);
    statfs("m", &fs);
    printf("%lx %ld %ld %ld %ld\n", (long)fs.f_type, (long)fs.f_blocks, (long)fs.f_bfree, (long)fs.f_files, (long)fs.f_ffree);
    int fd = open("m/f", O_CREAT | O_RDWR, 0600);
    CALL(write(fd, b, sizeof b));
    CALL(write(fd, b, 1));
    CALL(pwrite(fd, b, 10, 0));
    CALL(ftruncate(fd, 1 << 20));
    CALL(pwrite(fd, b, 1, 1 << 19));
    CALL(fallocate(fd, 0, 0, 1 << 20));
    CALL(ftruncate(fd, 4096));
    CALL(pwrite(fd, b, 1, 1 << 19));
    fstat(fd, &st);
    printf("%ld %ld\n", (long)st.st_size, (long)st.st_blocks);
    CALL(lseek(fd, 0, SEEK_HOLE));
    CALL(lseek(fd, 5000, SEEK_DATA));
    CALL(lseek(fd, 1 << 19, SEEK_HOLE));
    CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 19, 4096));
    CALL(lseek(fd, 5000, SEEK_DATA));
    CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 8192, 4096));
    fstat(fd, &st);
    printf("%ld %ld\n", (long)st.st_size, (long)st.st_blocks);
    CALL(mount(NULL, "m", NULL, MS_REMOUNT, "size=128k"));
    CALL(pwrite(fd, b, 65536, 0));
    CALL(mount(NULL, "m", NULL, MS_REMOUNT, "size=4k"));
    CALL(mount(NULL, "m", NULL, MS_REMOUNT, "nosuch=4k"));
    statfs("m", &fs);
    printf("%ld\n", (long)fs.f_blocks);
    char name[300];
    int n = 0;
    for (;; n++) {
        sprintf(name, "m/%d", n);
        if (mkdir(name, 0700))
            break;
    }
    printf("%d more: %s\n", n, strerrorname_np(errno));
    CALL(symlink("x", "m/s"));
    rmdir("m/0");
    CALL(mknod("m/p", S_IFIFO | 0600, 0));
    close(fd);
    CALL(umount("m"));

    printf("-- file size\n");
    struct rlimit l = {10, RLIM_INFINITY};
    signal(SIGXFSZ, hit);
    fd = open("f", O_CREAT | O_RDWR, 0600);
    setrlimit(RLIMIT_FSIZE, &l);
    CALL(write(fd, b, 8));
    CALL(write(fd, b, 8));
    CALL(write(fd, b, 8));
    printf("hits %d\n", hits);
    CALL(pwrite(fd, b, 5, 8));
    CALL(pwrite(fd, b, 5, 10));
    CALL(ftruncate(fd, 11));
    CALL(ftruncate(fd, 10));
    CALL(truncate("f", 11));
    CALL(fallocate(fd, 0, 0, 11));
    printf("hits %d\n", hits);
    l.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &l);

    printf("-- long names\n");
    memset(name, 'n', 256);
    name[255] = 0;
    CALL(mkdir(name, 0700));
    name[255] = 'n';
    name[256] = 0;
    CALL(mkdir(name, 0700));
    char path[5000];
    int at = 0;
    while (at < 4093)
        at += sprintf(path + at, "./");
    strcpy(path + 4094, "f");
    path[4093] = '/';
    printf("%zu\n", strlen(path));
    CALL(access(path, F_OK));
    strcpy(path + 4095, "f");
    path[4094] = '/';
    CALL(access(path, F_OK));
    /* deeper than a path can say */
    for (int i = 0; i < 20; i++) {
        name[255] = 0;
        mkdir(name, 0700);
        if (chdir(name))
            printf("chdir %s\n", strerrorname_np(errno));
    }
    char cwd[8192];
    CALL(syscall(SYS_getcwd, cwd, 4096));
    CALL(syscall(SYS_getcwd, cwd, 8192));
    for (int i = 0; i < 20; i++)
        chdir("..");
    CALL(access("f", F_OK));
    /* forty links and one more */
    for (int i = 0; i < 41; i++) {
        char to[20], from[20];
        sprintf(from, "l%d", i);
        sprintf(to, i ? "l%d" : "f", i - 1);
        symlink(to, from);
    }
    CALL(access("l39", F_OK));
    CALL(access("l40", F_OK));
    CALL(readlink("l40", cwd, 100));
    t_leave();
    return 0;
}
