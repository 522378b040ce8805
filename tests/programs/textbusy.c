/* A file is either executed or written (ETXTBSY). */
#include "t.h"

static void run(const char *what) {
    pid_t p = t_fork();
    if (p == 0) {
        execl("./copy", "copy", "done", NULL);
        _exit(errno == ETXTBSY ? 26 : 1);
    }
    t_reap(what, p);
}

int main(int argc, char **argv) {
    char b[65536], self[PATH_MAX] = "";
    if (argc > 1 && strcmp(argv[1], "done") == 0)
        return 0;
    if (argc > 1) {
        write(1, "r", 1);
        read(0, b, 1);
        return 0;
    }
    readlink("/proc/self/exe", self, sizeof self - 1);
    t_enter();
    int in = open(self, O_RDONLY), out = open("copy", O_CREAT | O_WRONLY, 0755);
    for (long n; (n = read(in, b, sizeof b)) > 0;)
        write(out, b, n);
    run("open for writing");
    int again = dup(out);
    close(out);
    run("still open");
    close(again);
    run("closed");
    int to[2], from[2];
    pipe(to), pipe(from);
    pid_t p = t_fork();
    if (p == 0) {
        dup2(to[0], 0), dup2(from[1], 1);
        execl("./copy", "copy", "wait", NULL);
        _exit(1);
    }
    read(from[0], b, 1);
    CALL(open("copy", O_WRONLY));
    CALL(open("copy", O_RDWR));
    CALL(open("copy", O_WRONLY | O_TRUNC));
    CALL(open("copy", O_RDONLY | O_TRUNC));
    CALL(truncate("copy", 10));
    CALL(creat("copy", 0600));
    WORKS(open("copy", O_RDONLY));
    CALL(chmod("copy", 0755));
    CALL(rename("copy", "copy2"));
    CALL(open("copy2", O_WRONLY));
    CALL(rename("copy2", "copy"));
    run("once more");
    CALL(open("copy", O_WRONLY));
    write(to[1], "x", 1);
    t_reap("running", p);
    out = open("copy", O_WRONLY);
    TRUE(out >= 0);
    run("open again");
    close(out);
    CALL(truncate("copy", 10));
    t_leave();
    return 0;
}
