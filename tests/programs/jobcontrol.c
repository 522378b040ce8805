/* Controlling terminals and job control: who may have one, who is told of its loss, background reads and writes. */
#include "t.h"
#include <termios.h>

static int master;
static char name[100];

static int terminal(void) {
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    ptsname_r(master, name, sizeof name);
    return master;
}

static void session(void) {
    terminal();
    pid_t pid = t_fork();
    if (!pid) {
        CALL(setsid() == getpid());
        CALL(open("/dev/tty", O_RDWR));
        int t = open(name, O_RDWR | O_NOCTTY);
        CALL(tcgetpgrp(t));
        CALL(tcgetsid(t));
        CALL(ioctl(t, TIOCNOTTY));
        CALL(ioctl(t, TIOCSCTTY, 0));
        CALL(ioctl(t, TIOCSCTTY, 0));
        CALL(tcgetpgrp(t) == getpid());
        CALL(tcgetsid(t) == getpid());
        int tty = open("/dev/tty", O_RDWR);
        TRUE(tty >= 0);
        CALL(tcsetpgrp(t, 99999999));
        CALL(tcsetpgrp(t, -1));
        CALL(tcsetpgrp(t, getppid()));
        pid_t child = t_fork();
        if (!child) {
            CALL(setpgid(0, 0));
            CALL(tcgetpgrp(t) == getppid());
            /* In the background: signals ignored, so it is an error or it works. */
            signal(SIGTTIN, SIG_IGN);
            signal(SIGTTOU, SIG_IGN);
            char c;
            CALL(read(t, &c, 1));
            CALL(tcsetpgrp(t, getpid()));
            CALL(tcgetpgrp(t) == getpid());
            signal(SIGTTOU, SIG_DFL);
            signal(SIGTTIN, SIG_DFL);
            fflush(stdout);
            _exit(0);
        }
        t_reap("foreground", child);
        signal(SIGTTOU, SIG_IGN);
        CALL(tcsetpgrp(t, getpid()));
        signal(SIGTTOU, SIG_DFL);
        child = t_fork();
        if (!child) {
            setpgid(0, 0);
            char c;
            read(t, &c, 1);
            _exit(1);
        }
        int status;
        setpgid(child, child);
        waitpid(child, &status, WUNTRACED);
        printf("background read: %s\n", WIFSTOPPED(status) ? sigabbrev_np(WSTOPSIG(status)) : "?");
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct termios termios;
        tcgetattr(t, &termios);
        termios.c_lflag |= TOSTOP;
        tcsetattr(t, TCSANOW, &termios);
        child = t_fork();
        if (!child) {
            setpgid(0, 0);
            write(t, "x", 1);
            _exit(1);
        }
        setpgid(child, child);
        waitpid(child, &status, WUNTRACED);
        printf("background write: %s\n", WIFSTOPPED(status) ? sigabbrev_np(WSTOPSIG(status)) : "?");
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        /* Keys. */
        child = t_fork();
        if (!child) {
            setpgid(0, 0);
            for (;;)
                pause();
        }
        setpgid(child, child);
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(t, child);
        write(master, "\x1a", 1);
        waitpid(child, &status, WUNTRACED);
        printf("^Z: %s\n", WIFSTOPPED(status) ? sigabbrev_np(WSTOPSIG(status)) : "?");
        kill(child, SIGCONT);
        write(master, "\x03", 1);
        waitpid(child, &status, 0);
        printf("^C: %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "?");
        fflush(stdout);
        _exit(0);
    }
    t_reap("session", pid);
    close(master);
}

static void hup(int s) { _exit(60 + s); }

static void losses(void) {
    /* The leader's end is SIGHUP for the foreground. */
    int fds[2];
    char c;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pipe(fds);
    terminal();
    pid_t pid = t_fork();
    if (!pid) {
        setsid();
        int t = open(name, O_RDWR);
        CALL(tcgetpgrp(t) == getpid());
        fflush(stdout);
        if (!fork()) {
            signal(SIGHUP, hup);
            write(fds[1], "x", 1);
            for (;;)
                pause();
        }
        read(fds[0], &c, 1);
        _exit(0);
    }
    t_reap("leader", pid);
    int status;
    wait(&status);
    printf("foreground: %x\n", status);
    /* So is that of the terminal, for the leader. */
    close(master);
    terminal();
    pid = t_fork();
    if (!pid) {
        close(master);
        setsid();
        int t = open(name, O_RDWR);
        signal(SIGHUP, hup);
        write(fds[1], "x", 1);
        for (;;)
            pause();
    }
    read(fds[0], &c, 1);
    close(master);
    t_reap("hung up", pid);
    /* Giving it up. */
    terminal();
    pid = t_fork();
    if (!pid) {
        setsid();
        int t = open(name, O_RDWR);
        signal(SIGHUP, hup);
        if (!fork()) {
            signal(SIGHUP, SIG_IGN);
            CALL(ioctl(t, TIOCNOTTY));
            CALL(open("/dev/tty", O_RDWR));
            fflush(stdout);
            _exit(0);
        }
        wait(&status);
        CALL(tcgetpgrp(t) == getpid());
        signal(SIGHUP, SIG_IGN);
        CALL(ioctl(t, TIOCNOTTY));
        CALL(tcgetpgrp(t));
        CALL(open("/dev/tty", O_RDWR));
        fflush(stdout);
        _exit(0);
    }
    t_reap("gave it up", pid);
    close(master);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    session();
    losses();
    return 0;
}
