/* Pseudo-terminals: line discipline, settings, signals, job control, hang-up. */
#include "t.h"
#include <termios.h>

static int master, slave;

/* Reads what the master has within a moment and prints it readably. */
static void output(const char *what) {
    char b[4096];
    int n = 0;
    struct pollfd p = {master, POLLIN, 0};
    while (poll(&p, 1, n ? 30 : 300) > 0 && (p.revents & POLLIN)) {
        int r = read(master, b + n, sizeof b - n);
        if (r <= 0)
            break;
        n += r;
    }
    printf("%s: \"", what);
    for (int i = 0; i < n; i++)
        if (b[i] >= ' ' && b[i] < 127)
            putchar(b[i]);
        else
            printf("\\%o", b[i] & 255);
    printf("\"\n");
}

/* Linux hands input over by a worker: give it the time. */
static void type(const char *text) {
    write(master, text, strlen(text));
    t_sleep(20);
}

static void line(const char *what) {
    char b[5000];
    struct pollfd p = {slave, POLLIN, 0};
    if (poll(&p, 1, 100) <= 0) {
        printf("%s: nothing\n", what);
        return;
    }
    int n = read(slave, b, sizeof b);
    printf("%s: %d \"", what, n);
    for (int i = 0; i < n && i < 60; i++)
        if (b[i] >= ' ' && b[i] < 127)
            putchar(b[i]);
        else
            printf("\\%o", b[i] & 255);
    printf("\"\n");
}

static void set(tcflag_t iflag, tcflag_t oflag, tcflag_t lflag, int min, int time) {
    struct termios t;
    tcgetattr(slave, &t);
    t.c_iflag = iflag;
    t.c_oflag = oflag;
    t.c_lflag = lflag;
    t.c_cc[VMIN] = min;
    t.c_cc[VTIME] = time;
    tcsetattr(slave, TCSANOW, &t);
}

static volatile int got;
static void signalled(int signo) { got = signo; }

static void opening(void) {
    master = WORKS(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    int n = -1, lock;
    CALL(ioctl(master, TIOCGPTN, &n));
    CALL(ioctl(master, TIOCGPTLCK, &lock));
    printf("locked %d\n", lock);
    char path[64];
    sprintf(path, "/dev/pts/%d", n);
    CALL(open(path, O_RDWR | O_NOCTTY));
    CALL(unlockpt(master));
    TRUE(strcmp(ptsname(master), path) == 0);
    slave = WORKS(open(path, O_RDWR | O_NOCTTY));
    TRUE(isatty(slave) && isatty(master));
    TRUE(strcmp(ttyname(slave), path) == 0);
    struct stat st;
    fstat(slave, &st);
    printf("mode %o major %d\n", st.st_mode & S_IFMT, (int)(st.st_rdev >> 8));
    struct termios t;
    tcgetattr(slave, &t);
    printf("%x %x %x %x\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
    for (int i = 0; i < 17; i++)
        printf("%d ", t.c_cc[i]);
    printf("\n");
    struct winsize w = {1, 2, 3, 4};
    CALL(ioctl(slave, TIOCGWINSZ, &w));
    printf("%d %d\n", w.ws_row, w.ws_col);
    w = (struct winsize){24, 80, 0, 0};
    CALL(ioctl(master, TIOCSWINSZ, &w));
    w = (struct winsize){0};
    CALL(ioctl(slave, TIOCGWINSZ, &w));
    printf("%d %d\n", w.ws_row, w.ws_col);
    CALL(ioctl(slave, TIOCGPTN, &n));
    CALL(ioctl(slave, 0x1234, &n));
    CALL(lseek(slave, 0, SEEK_CUR));
    pid_t pgrp;
    CALL(ioctl(slave, TIOCGPGRP, &pgrp));
    CALL(ioctl(slave, TIOCGSID, &pgrp));
    CALL(tcsetpgrp(slave, getpgrp()));
    CALL(ioctl(master, TIOCGPGRP, &pgrp));
    printf("pgrp %d\n", pgrp);
}

static void canonical(void) {
    int n;
    type("hello\n");
    output("echo");
    line("line");
    type("abc");
    line("no line yet");
    CALL(ioctl(slave, FIONREAD, &n));
    printf("%d\n", n);
    type("\177\177x\n");
    output("erased");
    line("line");
    type("one two  three\027four\n");
    output("word erased");
    line("line");
    type("kill me\025yes\n");
    output("killed");
    line("line");
    type("lit\026\003eral\n");
    output("literal");
    line("line");
    type("two\nlines\n");
    ioctl(slave, FIONREAD, &n);
    printf("%d\n", n);
    line("first");
    line("second");
    output("echo");
    type("end\004");
    line("up to EOF");
    type("\004");
    line("EOF");
    output("echo");
    type("cr\r");
    line("CR is NL");
    output("echo");
    type("\001\t\b\n");
    output("control characters");
    line("line");
    type("tab\tbed\177\177\177\177\177x\n");
    output("tab erased");
    line("line");
    type("re\022print\n");
    output("reprint");
    line("line");
    char b[10];
    type("longer than the buffer\n");
    CALL(read(slave, b, 6));
    line("rest");
    output("echo");
    CALL(write(slave, "out\nput\n", 8));
    output("output");
    CALL(write(slave, "a\rb\tc\n", 6));
    output("output");
    type("stop\023");
    fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
    CALL(write(slave, "unseen", 6));
    fcntl(slave, F_SETFL, O_RDWR);
    t_sleep(20);
    type("\021");
    output("started");
    type("\n");
    line("line");
    output("echo");
    struct termios t;
    tcgetattr(slave, &t);
    t.c_lflag &= ~ECHO;
    tcsetattr(slave, TCSAFLUSH, &t);
    type("secret\n");
    output("no echo");
    line("line");
    t.c_lflag |= ECHO;
    t.c_oflag &= ~OPOST;
    tcsetattr(slave, TCSANOW, &t);
    CALL(write(slave, "raw\n", 4));
    output("no OPOST");
    t.c_oflag |= OPOST;
    tcsetattr(slave, TCSANOW, &t);
    char big[6000];
    memset(big, 'b', sizeof big);
    t.c_lflag &= ~ECHO;
    tcsetattr(slave, TCSANOW, &t);
    write(master, big, 5000);
    type("\n");
    line("too long a line");
    t.c_lflag |= ECHO;
    tcsetattr(slave, TCSANOW, &t);
    type("flushed\n");
    CALL(tcflush(slave, TCIFLUSH));
    line("after the flush");
    output("echo");
    CALL(tcflush(slave, 77));
    CALL(tcdrain(slave));
    CALL(tcsendbreak(slave, 0));
}

static void raw(void) {
    struct termios old;
    tcgetattr(slave, &old);
    set(0, 0, 0, 1, 0);
    type("x\003\r\n");
    line("raw");
    output("no echo");
    set(0, 0, 0, 3, 0);
    type("ab");
    line("MIN 3, two there");
    type("c");
    line("three there");
    set(0, 0, 0, 0, 0);
    char b[10];
    CALL(read(slave, b, 10));
    set(0, 0, 0, 0, 2);
    long start = t_millis();
    CALL(read(slave, b, 10));
    long took = t_millis() - start;
    TRUE(took >= 190 && took < 1500);
    type("q");
    start = t_millis();
    CALL(read(slave, b, 10));
    TRUE(t_millis() - start < 190);
    set(0, 0, 0, 5, 1);
    type("ab");
    start = t_millis();
    CALL(read(slave, b, 10)); /* 0.1 s after the last byte */
    took = t_millis() - start;
    TRUE(took >= 90 && took < 1000);
    int flags = fcntl(slave, F_GETFL);
    set(0, 0, 0, 1, 0);
    fcntl(slave, F_SETFL, flags | O_NONBLOCK);
    CALL(read(slave, b, 10));
    fcntl(slave, F_SETFL, flags);
    tcsetattr(slave, TCSANOW, &old);
}

static void packets(void) {
    int on = 1, n;
    CALL(ioctl(master, TIOCPKT, &on));
    write(slave, "data", 4);
    output("packet");
    tcflush(slave, TCIOFLUSH);
    output("flushed");
    CALL(ioctl(master, TIOCGPKT, &n));
    on = 0;
    CALL(ioctl(master, TIOCPKT, &on));
}

/* A session with the terminal as its own: signals and job control. */
static void session(void) {
    int p[2];
    pipe(p);
    pid_t pid = t_fork();
    if (!pid) {
        char path[64];
        alarm(30);
        strcpy(path, ptsname(master));
        CALL(ioctl(slave, TIOCSCTTY, 0));
        setsid();
        CALL(open("/dev/tty", O_RDWR));
        close(slave);
        slave = open(path, O_RDWR); /* becomes the controlling terminal */
        int tty = WORKS(open("/dev/tty", O_RDWR));
        TRUE(tcgetpgrp(tty) == getpgrp());
        pid_t sid;
        CALL(ioctl(slave, TIOCGSID, &sid));
        TRUE(sid == getpid());
        signal(SIGINT, signalled);
        signal(SIGQUIT, signalled);
        signal(SIGTSTP, signalled);
        signal(SIGWINCH, signalled);
        signal(SIGHUP, signalled);
        signal(SIGCONT, SIG_DFL);
        const char *keys[] = {"\003", "\034", "\032"};
        for (int i = 0; i < 3; i++) {
            got = 0;
            type(keys[i]);
            t_sleep(30);
            printf("key %o: %s\n", keys[i][0], sigabbrev_np(got));
        }
        got = 0;
        struct winsize w = {30, 90, 0, 0};
        ioctl(master, TIOCSWINSZ, &w);
        t_sleep(30);
        printf("resize: %s\n", sigabbrev_np(got));
        got = 0;
        ioctl(master, TIOCSWINSZ, &w);
        t_sleep(30);
        printf("same size: %d\n", got);

        /* A background job that reads is stopped; so is one that writes, with TOSTOP. */
        for (int mode = 0; mode < 4; mode++) {
            fflush(stdout);
            pid_t job = fork();
            if (!job) {
                setpgid(0, 0);
                signal(SIGTTIN, mode == 2 ? SIG_IGN : SIG_DFL);
                signal(SIGTTOU, mode == 3 ? SIG_IGN : SIG_DFL);
                char c;
                errno = 0;
                if (mode == 0 || mode == 2)
                    read(slave, &c, 1);
                else
                    tcsetpgrp(slave, getpgrp());
                _exit(errno);
            }
            setpgid(job, job);
            int status;
            waitpid(job, &status, WUNTRACED);
            if (WIFSTOPPED(status))
                printf("background %d: stopped by %s\n", mode, sigabbrev_np(WSTOPSIG(status)));
            else
                printf("background %d: exit %s\n", mode, strerrorname_np(WEXITSTATUS(status)));
            kill(job, SIGKILL);
            waitpid(job, NULL, 0);
            signal(SIGTTOU, SIG_IGN);
            CALL(tcsetpgrp(slave, getpgrp()));
        }
        /* The foreground group gets the signal, not the shell. */
        fflush(stdout);
        signal(SIGINT, SIG_DFL);
        pid_t job = fork();
        if (!job)
            for (;;)
                pause();
        setpgid(job, job);
        signal(SIGINT, signalled);
        CALL(tcsetpgrp(slave, job));
        got = 0;
        type("\003");
        t_reap("foreground job", job);
        printf("shell got %d\n", got);
        CALL(tcsetpgrp(slave, getpgrp()));
        CALL(tcsetpgrp(slave, 99999999));
        char c = 'x';
        fflush(stdout);
        got = 0;
        write(p[1], "r", 1);
        close(master);
        for (int i = 0; i < 1000 && got != SIGHUP; i++)
            t_sleep(10);
        printf("hang-up: %s\n", sigabbrev_np(got));
        CALL(read(slave, &c, 1));
        CALL(write(slave, &c, 1));
        struct termios t;
        CALL(tcgetattr(slave, &t));
        struct pollfd pf = {slave, POLLIN | POLLOUT, 0};
        poll(&pf, 1, 0);
        printf("revents %x\n", pf.revents);
        CALL(open("/dev/tty", O_RDWR));
        fflush(stdout);
        _exit(0);
    }
    char c;
    close(slave);
    read(p[0], &c, 1);
    close(master);
    t_reap("session", pid);
}

static void hangups(void) {
    char b[10];
    master = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    write(slave, "last", 4);
    close(slave);
    CALL(read(master, b, 10));
    CALL(read(master, b, 10));
    struct pollfd p = {master, POLLIN, 0};
    poll(&p, 1, 0);
    printf("revents %x\n", p.revents);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CALL(write(slave, "again", 5));
    CALL(read(master, b, 10));
    char path[64];
    strcpy(path, ptsname(master));
    close(master);
    CALL(access(path, F_OK));
    close(slave);
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    TRUE(peer >= 0 && isatty(peer));
    close(peer);
    close(master);
}

int main(void) {
    setvbuf(stdout, NULL, _IOFBF, 65536);
    alarm(40);
    opening();
    canonical();
    raw();
    packets();
    session();
    hangups();
    return 0;
}
