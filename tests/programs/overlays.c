/* Overlays that a program mounts: layers, copying up, whiteouts, opaque directories, errors. */
#include "t.h"
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static void text(const char *path, const char *t) {
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || write(fd, t, strlen(t)) < 0)
        printf("%s: %s\n", path, strerrorname_np(errno));
    close(fd);
}
static void cat(const char *path) {
    char b[100];
    int fd = open(path, O_RDONLY);
    long n = fd < 0 ? -1 : read(fd, b, 99);
    if (n < 0)
        printf("%s: %s\n", path, strerrorname_np(errno));
    else
        printf("%s: %.*s\n", path, (int)n, b);
    close(fd);
}
static int cmp(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void ls(const char *path) {
    char *names[64];
    int n = 0;
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            names[n++] = strdup(e->d_name);
    qsort(names, n, sizeof *names, cmp);
    printf("%s:", path);
    for (int i = 0; i < n; i++)
        printf(" %s", names[i]);
    printf("\n");
    if (d)
        closedir(d);
}

static void overlay(void) {
    mkdir("o", 0755);
    CALL(mount("o", "o", "tmpfs", 0, "mode=755"));
    chdir("o");
    mkdir("l1", 0755); mkdir("l2", 0755); mkdir("u", 0755); mkdir("w", 0755); mkdir("m", 0755);
    text("l1/a", "a of l1"); text("l2/a", "a of l2"); text("l2/b", "b of l2");
    mkdir("l1/d", 0755); mkdir("l2/d", 0755); text("l1/d/x", "x"); text("l2/d/y", "y");
    mkdir("l2/gone", 0755); text("l2/gone/z", "z");
    CALL(mount("overlay", "m", "overlay", 0, NULL));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=nothing:l2"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1,upperdir=u"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1,upperdir=u,workdir=u"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1,nosuchoption=1"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=u,workdir=w"));
    struct statfs s;
    statfs("m", &s);
    printf("type %lx\n", (long)s.f_type);
    ls("m"); ls("m/d");
    cat("m/a"); cat("m/b"); cat("m/d/y");
    text("m/b", "B"); cat("m/b"); cat("l2/b"); cat("u/b");
    text("m/new", "new"); ls("u");
    CALL(unlink("m/a")); ls("m");
    struct stat st;
    CALL(lstat("u/a", &st));
    printf("%o %lx\n", st.st_mode, (long)st.st_rdev);
    CALL(rmdir("m/d"));
    CALL(unlink("m/d/x")); CALL(unlink("m/d/y")); CALL(rmdir("m/d")); ls("m"); ls("l1/d");
    CALL(mkdir("m/d", 0755)); ls("m/d");
    CALL(rename("m/gone", "m/gone2"));
    CALL(rename("m/b", "m/c")); ls("m"); ls("u");
    CALL(link("m/c", "m/cc"));
    stat("m/cc", &st);
    printf("links %ld\n", (long)st.st_nlink);
    CALL(chmod("m/gone/z", 0600));
    stat("l2/gone/z", &st);
    printf("%o\n", st.st_mode);
    CALL(umount("m"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=u,workdir=w"));
    ls("m"); ls("m/d"); cat("m/c");
    CALL(umount("m"));
    CALL(mount("overlay", "m", "overlay", 0, "lowerdir=l1:l2"));
    ls("m");
    CALL(open("m/q", O_CREAT | O_RDWR, 0600));
    CALL(umount("m"));
    chdir("..");
    CALL(umount("o"));
}

int main(void) {
    t_enter();
    chmod(".", 0777);
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
        printf("cannot\n");
        return 0;
    }
    printf("-- overlay\n");
    overlay();
    return 0;
}
