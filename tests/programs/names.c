/* Names: mkdir, rmdir, rename, link, symlink, readlink, and path walk with its errors. */
#include "t.h"

static void touch(const char *name) { close(open(name, O_CREAT | O_WRONLY, 0644)); }

static void show(const char *name) {
    struct stat st;
    if (lstat(name, &st))
        printf("%s: %s\n", name, strerrorname_np(errno));
    else
        printf("%s: type %o nlink %ld\n", name, st.st_mode >> 12, S_ISDIR(st.st_mode) ? 0 : (long)st.st_nlink);
}

static void directories(void) {
    CALL(mkdir("d", 0755));
    CALL(mkdir("d", 0755));
    CALL(mkdir("d/", 0755));
    CALL(mkdir("d/e/f", 0755));
    CALL(mkdir("d/e/", 0755));
    CALL(rmdir("d"));
    CALL(rmdir("d/e/."));
    CALL(rmdir("d/e/.."));
    CALL(rmdir("/"));
    touch("f");
    CALL(rmdir("f"));
    CALL(mkdir("f/g", 0755));
    CALL(unlink("d"));
    CALL(unlink("d/."));
    CALL(unlinkat(AT_FDCWD, "d/e", AT_REMOVEDIR));
    CALL(unlinkat(AT_FDCWD, "d", 77));
    CALL(rmdir("d"));
    CALL(rmdir("d"));
    CALL(chdir("d"));
    CALL(chdir("f"));
    mkdir("gone", 0755);
    CALL(chdir("gone"));
    CALL(rmdir("../gone"));
    char b[PATH_MAX];
    CALL(syscall(SYS_getcwd, b, sizeof b));
    CALL(open("x", O_CREAT | O_WRONLY, 0644));
    CALL(chdir(".."));
    CALL(chdir(t_dir));
}

static void links(void) {
    char b[64];
    touch("target");
    CALL(symlink("target", "s"));
    CALL(symlink("target", "s"));
    CALL(symlink("", "empty"));
    CALL(readlink("s", b, sizeof b));
    CALL(readlink("s", b, 3));
    CALL(readlink("s", b, 0));
    CALL(readlink("target", b, sizeof b));
    CALL(readlink("missing", b, sizeof b));
    struct stat st;
    CALL(lstat("s", &st));
    printf("link size %ld mode %o\n", (long)st.st_size, st.st_mode);
    CALL(symlink("nowhere", "dangling"));
    CALL(open("dangling", O_RDONLY));
    CALL(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
    CALL(symlink("made", "maker"));
    WORKS(open("maker", O_CREAT | O_WRONLY, 0600));
    show("made");
    CALL(symlink("loop2", "loop1"));
    CALL(symlink("loop1", "loop2"));
    CALL(open("loop1", O_RDONLY));
    CALL(stat("loop1", &st));
    CALL(unlink("loop1"));
    symlink("target", "chain0");
    for (int i = 1; i < 45; i++) {
        char from[16], to[16];
        sprintf(from, "chain%d", i - 1);
        sprintf(to, "chain%d", i);
        symlink(from, to);
    }
    CALL(access("chain39", F_OK));
    CALL(access("chain40", F_OK));
    mkdir("dir", 0755);
    touch("dir/in");
    CALL(symlink("dir", "todir"));
    CALL(access("todir/in", F_OK));
    CALL(access("todir/../target", F_OK));
    CALL(access("dir/../dir/./in", F_OK));
    CALL(access("target/", F_OK));
    CALL(access("target/..", F_OK));
    CALL(access("todir/", F_OK));
    CALL(mkdir("dangling", 0755));
    CALL(link("target", "hard"));
    CALL(link("target", "hard"));
    CALL(link("dir", "hard2"));
    CALL(link("missing", "hard2"));
    CALL(link("s", "hards"));
    show("hards");
    show("target");
    CALL(linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
    show("followed");
    CALL(unlink("todir"));
    show("dir/in");
}

static void renames(void) {
    touch("a");
    touch("b");
    mkdir("x", 0755);
    mkdir("y", 0755);
    mkdir("full", 0755);
    touch("full/1");
    CALL(rename("a", "a2"));
    show("a");
    show("a2");
    CALL(rename("a2", "b"));
    show("b");
    CALL(rename("missing", "b"));
    CALL(rename("b", "x"));
    CALL(rename("x", "b"));
    CALL(rename("x", "full"));
    CALL(rename("x", "y"));
    CALL(rename("full", "full/sub"));
    CALL(rename("full", "y"));
    CALL(access("y/1", F_OK));
    CALL(rename("y", "."));
    CALL(rename("y/..", "z"));
    CALL(rename("b", "b/c"));
    CALL(rename("b", "b"));
    link("b", "b2");
    CALL(rename("b", "b2"));
    show("b");
    show("b2");
    CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "b2", RENAME_NOREPLACE));
    CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "b3", RENAME_NOREPLACE));
    CALL(renameat2(AT_FDCWD, "b3", AT_FDCWD, "y", RENAME_EXCHANGE));
    show("b3");
    show("y");
    CALL(renameat2(AT_FDCWD, "b3", AT_FDCWD, "none", RENAME_EXCHANGE));
    CALL(renameat2(AT_FDCWD, "b3", AT_FDCWD, "y", 77));
    CALL(rename("b3/", "b4"));
    CALL(rename("y/", "y5"));
    int fd = open("b4", O_RDONLY | O_DIRECTORY);
    CALL(renameat(fd, "1", AT_FDCWD, "one"));
    show("one");
    close(fd);
    int open_file = open("one", O_RDWR);
    CALL(write(open_file, "q", 1));
    CALL(rename("one", "two"));
    CALL(unlink("two"));
    char c;
    CALL(pread(open_file, &c, 1, 0));
    close(open_file);
}

static void nodes(void) {
    CALL(mkfifo("fifo", 0600));
    show("fifo");
    CALL(mkfifo("fifo", 0600));
    CALL(mknod("plain", S_IFREG | 0600, 0));
    show("plain");
    CALL(mknod("null", S_IFCHR | 0666, 0x103));
    struct stat st;
    lstat("null", &st);
    printf("rdev %lx\n", (long)st.st_rdev);
    CALL(mknod("bad", S_IFDIR | 0600, 0));
}

int main(void) {
    t_enter();
    directories();
    links();
    renames();
    nodes();
    t_leave();
    return 0;
}
