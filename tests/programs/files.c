/* Regular files: opening, reading, writing, positions, sizes, and the errors of all these. */
#include "t.h"

static void opening(void) {
    int fd = CALL(open("a", O_RDWR)) ;
    fd = WORKS(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    CALL(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    CALL(write(fd, "hello", 5));
    close(fd);
    struct stat st;
    CALL(stat("a", &st));
    printf("mode %o size %ld nlink %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
    CALL(open("a", O_RDONLY | O_DIRECTORY));
    CALL(open("a/", O_RDONLY));
    CALL(open("a/b", O_RDONLY));
    CALL(open(".", O_WRONLY));
    CALL(open("", O_RDONLY));
    CALL(open("nothing/b", O_CREAT | O_RDWR, 0600));
    CALL(open((char *)8, O_RDONLY));
    CALL(openat(99, "a", O_RDONLY));
    char longname[300];
    memset(longname, 'x', 299);
    longname[299] = 0;
    CALL(open(longname, O_CREAT | O_RDWR, 0600));
    char *path = malloc(5000);
    memset(path, '/', 4999);
    path[4999] = 0;
    CALL(open(path, O_RDONLY));
    free(path);
    CALL(symlink("a", "link"));
    CALL(open("link", O_RDONLY | O_NOFOLLOW));
    fd = WORKS(open("a", O_WRONLY | O_TRUNC));
    CALL(fstat(fd, &st));
    printf("truncated to %ld\n", (long)st.st_size);
    char c;
    CALL(read(fd, &c, 1));
    close(fd);
    fd = WORKS(open("a", O_RDONLY));
    CALL(write(fd, "x", 1));
    CALL(ftruncate(fd, 1));
    close(fd);
    fd = WORKS(open("a", O_PATH));
    CALL(read(fd, &c, 1));
    CALL(fstat(fd, &st));
    CALL(fchmod(fd, 0600));
    close(fd);
    CALL(read(99, &c, 1));
    CALL(close(99));
    umask(077);
    fd = WORKS(open("masked", O_CREAT | O_WRONLY, 0666));
    fstat(fd, &st);
    printf("masked mode %o\n", st.st_mode & 07777);
    umask(022);
    close(fd);
    CALL(creat(".", 0600));
}

static void positions(void) {
    char b[64];
    int fd = open("p", O_RDWR | O_CREAT, 0600);
    CALL(write(fd, "0123456789", 10));
    CALL(lseek(fd, 3, SEEK_SET));
    CALL(read(fd, b, 2));
    printf("%.2s\n", b);
    CALL(lseek(fd, 1, SEEK_CUR));
    CALL(lseek(fd, -1, SEEK_END));
    CALL(lseek(fd, -20, SEEK_CUR));
    CALL(lseek(fd, 0, 77));
    CALL(lseek(fd, 100, SEEK_SET));
    CALL(read(fd, b, 5));
    CALL(write(fd, "end", 3));
    CALL(lseek(fd, 0, SEEK_END));
    CALL(pread(fd, b, 20, 5));
    int zeros = 0;
    for (int i = 5; i < 20; i++)
        zeros += b[i] == 0;
    printf("%.5s and %d zeros\n", b, zeros);
    CALL(pread(fd, b, 5, -1));
    CALL(pwrite(fd, "AB", 2, 1));
    CALL(lseek(fd, 0, SEEK_CUR));
    CALL(ftruncate(fd, 4));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(read(fd, b, 64));
    printf("%.4s\n", b);
    CALL(ftruncate(fd, -1));
    CALL(truncate("p", 6));
    CALL(truncate("missing", 6));
    CALL(truncate(".", 6));
    CALL(pread(fd, b, 10, 0));
    TRUE(b[4] == 0 && b[5] == 0);
    CALL(read(fd, (void *)8, 4));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(read(fd, (void *)8, 4));
    CALL(write(fd, (void *)8, 4));
    close(fd);

    fd = open("p", O_WRONLY | O_APPEND);
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(write(fd, "++", 2));
    CALL(lseek(fd, 0, SEEK_CUR));
    CALL(pwrite(fd, "--", 2, 0)); /* Linux appends, whatever the offset */
    struct stat st;
    fstat(fd, &st);
    printf("size %ld\n", (long)st.st_size);
    close(fd);

    int one = open("p", O_RDONLY), two = open("p", O_RDONLY), three = dup(one);
    CALL(read(one, b, 3));
    CALL(lseek(two, 0, SEEK_CUR));
    CALL(lseek(three, 0, SEEK_CUR));
    close(one);
    close(two);
    close(three);
}

static void vectors(void) {
    int fd = open("v", O_RDWR | O_CREAT, 0600);
    struct iovec out[3] = {{"one", 3}, {"", 0}, {"three", 5}};
    CALL(writev(fd, out, 3));
    char x[4] = "", y[10] = "";
    struct iovec in[2] = {{x, 3}, {y, 9}};
    CALL(preadv(fd, in, 2, 0));
    printf("%s %s\n", x, y);
    CALL(pwritev(fd, out, 1, 20));
    CALL(readv(fd, in, -1));
    CALL(readv(fd, in, 2000));
    in[1].iov_len = -1;
    CALL(preadv(fd, in, 2, 0));
    struct iovec bad[2] = {{x, 3}, {(void *)8, 3}};
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(readv(fd, bad, 2));
    CALL(writev(fd, NULL, 0));
    close(fd);
}

static void unlinked(void) {
    int fd = open("u", O_RDWR | O_CREAT, 0600);
    struct stat st;
    CALL(link("u", "u2"));
    fstat(fd, &st);
    printf("nlink %ld\n", (long)st.st_nlink);
    CALL(unlink("u"));
    CALL(unlink("u"));
    CALL(unlink("u2"));
    fstat(fd, &st);
    printf("nlink %ld\n", (long)st.st_nlink);
    CALL(write(fd, "still here", 10));
    char b[16];
    CALL(pread(fd, b, 10, 0));
    printf("%.10s\n", b);
    close(fd);
    CALL(access("u", F_OK));
}

static void attributes(void) {
    struct stat st;
    close(open("m", O_CREAT | O_WRONLY, 0644));
    CALL(chmod("m", 04755));
    stat("m", &st);
    printf("mode %o\n", st.st_mode & 07777);
    CALL(chmod("missing", 0644));
    CALL(chown("m", 12, 34));
    stat("m", &st);
    printf("owner %d:%d mode %o\n", st.st_uid, st.st_gid, st.st_mode & 07777);
    CALL(lchown("link", 5, 6));
    lstat("link", &st);
    printf("link owner %d:%d\n", st.st_uid, st.st_gid);
    struct timespec times[2] = {{1000, 500}, {2000, 600}};
    CALL(utimensat(AT_FDCWD, "m", times, 0));
    stat("m", &st);
    printf("atime %ld.%ld mtime %ld.%ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec,
           st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_nsec = UTIME_NOW;
    CALL(utimensat(AT_FDCWD, "m", times, 0));
    stat("m", &st);
    printf("atime %ld, mtime is now: %d\n", st.st_atim.tv_sec, labs(st.st_mtim.tv_sec - time(NULL)) < 5);
    times[0].tv_nsec = 2000000000;
    CALL(utimensat(AT_FDCWD, "m", times, 0));
    CALL(access("m", R_OK | W_OK | X_OK));
    CALL(access("m", 8));
    CALL(access("missing", F_OK));
    int before = open("m", O_WRONLY);
    t_sleep(20);
    fstat(before, &st);
    struct timespec old = st.st_mtim;
    CALL(write(before, "x", 1));
    fstat(before, &st);
    TRUE(st.st_mtim.tv_sec > old.tv_sec || st.st_mtim.tv_nsec > old.tv_nsec);
    close(before);
}

int main(void) {
    t_enter();
    opening();
    positions();
    vectors();
    unlinked();
    attributes();
    t_leave();
    return 0;
}
