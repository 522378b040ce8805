/* Directories: listing, positions, descriptors as starting points. */
#include "t.h"

struct entry {
    unsigned long ino;
    long off;
    unsigned short length;
    unsigned char type;
    char name[];
};

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void list(const char *path) {
    char *names[600];
    int n = 0;
    DIR *d = opendir(path);
    if (!d) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        names[n] = malloc(300);
        sprintf(names[n++], "%s %d", e->d_name, e->d_type);
    }
    closedir(d);
    qsort(names, n, sizeof *names, compare);
    printf("%s has %d entries:", path, n);
    for (int i = 0; i < n && i < 15; i++)
        printf(" %s", names[i]);
    printf("\n");
}

int main(void) {
    t_enter();
    mkdir("d", 0755);
    list("d");
    close(open("d/file", O_CREAT | O_WRONLY, 0600));
    mkdir("d/sub", 0755);
    symlink("file", "d/link");
    mkfifo("d/fifo", 0600);
    list("d");
    list("missing");
    list("d/file");
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    char b[4096];
    CALL(syscall(SYS_getdents64, fd, b, 10));
    CALL(syscall(SYS_getdents64, 99, b, 100));
    CALL(syscall(SYS_getdents64, fd, (void *)8, 100));
    long n = syscall(SYS_getdents64, fd, b, sizeof b), count = 0;
    int sane = 1;
    for (long at = 0; at < n;) {
        struct entry *e = (struct entry *)(b + at);
        sane &= e->length % 8 == 0 && e->length >= 24 && e->ino != 0;
        count++;
        at += e->length;
    }
    printf("%ld entries, sane %d\n", count, sane);
    CALL(syscall(SYS_getdents64, fd, b, sizeof b));
    CALL(lseek(fd, 0, SEEK_SET));
    n = syscall(SYS_getdents64, fd, b, 60);
    count = 0;
    while (n > 0) {
        for (long at = 0; at < n; at += ((struct entry *)(b + at))->length)
            count++;
        n = syscall(SYS_getdents64, fd, b, 60);
    }
    printf("in small steps %ld\n", count);

    CALL(openat(fd, "file", O_RDONLY) >= 0);
    CALL(mkdirat(fd, "more", 0755));
    CALL(fchdir(fd));
    CALL(access("more", F_OK));
    CALL(fchdir(0));
    char cwd[PATH_MAX];
    TRUE(strcmp(getcwd(cwd, sizeof cwd) + strlen(cwd) - 2, "/d") == 0);
    CALL(chdir(".."));
    close(fd);

    mkdir("big", 0755);
    for (int i = 0; i < 500; i++) {
        char name[30];
        sprintf(name, "big/file%03d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    list("big");
    /* Removing while listing misses nothing. */
    DIR *d = opendir("big");
    int removed = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            unlinkat(dirfd(d), e->d_name, 0);
            removed++;
        }
    closedir(d);
    printf("removed %d\n", removed);
    list("big");
    d = opendir("d");
    readdir(d);
    long where = telldir(d);
    struct dirent *e = readdir(d);
    char name[256];
    strcpy(name, e->d_name);
    while (readdir(d))
        ;
    seekdir(d, where);
    e = readdir(d);
    TRUE(e && strcmp(e->d_name, name) == 0);
    rewinddir(d);
    count = 0;
    while (readdir(d))
        count++;
    printf("again %ld\n", count);
    closedir(d);
    struct stat one, two;
    stat("d/..", &one);
    stat(".", &two);
    TRUE(one.st_ino == two.st_ino && one.st_dev == two.st_dev);
    stat("d", &one);
    mkdir("gone", 0755);
    fd = open("gone", O_RDONLY | O_DIRECTORY);
    rmdir("gone");
    printf("%ld\n", syscall(SYS_getdents64, fd, b, sizeof b));
    CALL(openat(fd, "x", O_CREAT | O_WRONLY, 0600));
    CALL(openat(fd, ".", O_RDONLY) >= 0);
    if (geteuid() == 0) {
        CALL(chroot("d"));
        CALL(chdir("/"));
        printf("%s\n", getcwd(cwd, sizeof cwd));
        CALL(access("/more", F_OK));
        CALL(access("/../../more", F_OK));
        CALL(access("/usr", F_OK));
    }
    return 0;
}
