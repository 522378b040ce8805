/* The line discipline, flag by flag (termios(3)): what the terminal reads and what the master sees. */
#include "t.h"
#include <termios.h>

static int master, slave;
static struct termios normal;

static void show(const char *what, const char *b, int n) {
    printf(" %s[%d]\"", what, n);
    for (int i = 0; i < n; i++)
        if (b[i] >= ' ' && b[i] < 127)
            putchar(b[i]);
        else
            printf("\\%o", b[i] & 255);
    printf("\"");
}

static void collect(int fd, const char *what) {
    char b[9000];
    int n = 0;
    struct pollfd p = {fd, POLLIN, 0};
    while (poll(&p, 1, 5) > 0 && (p.revents & POLLIN)) {
        int r = read(fd, b + n, sizeof b - n);
        if (r <= 0) {
            printf(" %s:%s", what, r ? strerrorname_np(errno) : "EOF");
            if (r)
                break;
            n += r;
            if (fd != slave)
                break;
            continue;
        }
        n += r;
        if (fd == slave && n < (int)sizeof b) {
            b[n++] = '|';
        }
    }
    show(what, b, n);
}

static void fresh(void) {
    tcflush(slave, TCIOFLUSH);
    tcsetattr(slave, TCSANOW, &normal);
    write(master, "\021", 1); /* ^Q: output goes on */
    usleep(4000);
    char b[4096];
    struct pollfd p = {master, POLLIN, 0};
    while (poll(&p, 1, 0) > 0 && (p.revents & POLLIN) && read(master, b, sizeof b) > 0)
        ;
    write(master, "\r", 1); /* the column is known */
    usleep(5000);
    write(slave, "\r", 1);
    tcflush(slave, TCIOFLUSH);
    usleep(1000);
    while (poll(&p, 1, 0) > 0 && (p.revents & POLLIN) && read(master, b, sizeof b) > 0)
        ;
}

static void type(const char *b, int n) {
    write(master, b, n);
    usleep(6000);
}

static void run(const char *name, tcflag_t ion, tcflag_t ioff, tcflag_t oon, tcflag_t ooff, tcflag_t lon, tcflag_t loff,
                const char *in, int n) {
    fresh();
    struct termios t = normal;
    t.c_iflag = (t.c_iflag | ion) & ~ioff;
    t.c_oflag = (t.c_oflag | oon) & ~ooff;
    t.c_lflag = (t.c_lflag | lon) & ~loff;
    tcsetattr(slave, TCSANOW, &t);
    printf("%s:", name);
    type(in, n);
    collect(master, "echo");
    collect(slave, "read");
    printf("\n");
}

static void out(const char *name, tcflag_t on, tcflag_t off, const char *text, int n) {
    fresh();
    struct termios t = normal;
    t.c_oflag = (t.c_oflag | on) & ~off;
    tcsetattr(slave, TCSANOW, &t);
    printf("%s: %d", name, (int)write(slave, text, n));
    usleep(2000);
    collect(master, "out");
    printf("\n");
}

#define IN(x) x, sizeof x - 1

static void input_flags(void) {
    struct { const char *name; tcflag_t on, off; } f[] = {
        {"plain", 0, 0}, {"IGNCR", IGNCR, 0}, {"-ICRNL", 0, ICRNL}, {"INLCR", INLCR, 0}, {"INLCR-ICRNL", INLCR, ICRNL},
        {"IGNCR INLCR", IGNCR | INLCR, 0}, {"ISTRIP", ISTRIP, 0}, {"IUCLC", IUCLC, 0}, {"PARMRK", PARMRK, 0},
        {"PARMRK ISTRIP", PARMRK | ISTRIP, 0}, {"IUTF8", IUTF8, 0}, {"IGNBRK", IGNBRK, 0}, {"INPCK", INPCK, 0},
        {"-IXON", 0, IXON}, {"IXANY", IXANY, 0}, {"IMAXBEL", IMAXBEL, 0},
    };
    for (size_t i = 0; i < sizeof f / sizeof f[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s canonical", f[i].name);
        run(name, f[i].on, f[i].off, 0, 0, 0, 0, IN("aB\r\n\377c\341\r\303\251\177x\n"));
        snprintf(name, sizeof name, "%s raw", f[i].name);
        run(name, f[i].on, f[i].off, 0, 0, 0, ICANON | ECHO, IN("aB\r\n\377c\341\r\0\023x\021\177"));
        snprintf(name, sizeof name, "%s stop", f[i].name);
        run(name, f[i].on, f[i].off, 0, 0, 0, 0, IN("a\023b\021c\n"));
        snprintf(name, sizeof name, "%s stopped", f[i].name);
        run(name, f[i].on, f[i].off, 0, 0, 0, 0, IN("a\023bc\n"));
    }
}

static void local_flags(void) {
    struct { const char *name; tcflag_t on, off; } f[] = {
        {"plain", 0, 0}, {"-ECHO", 0, ECHO}, {"-ECHOE", 0, ECHOE}, {"-ECHOK", 0, ECHOK}, {"-ECHOKE", 0, ECHOKE},
        {"-ECHOK-ECHOKE", 0, ECHOK | ECHOKE}, {"ECHONL-ECHO", ECHONL, ECHO}, {"-ECHOCTL", 0, ECHOCTL},
        {"ECHOPRT", ECHOPRT, 0}, {"ECHOPRT-ECHOE", ECHOPRT, ECHOE}, {"-IEXTEN", 0, IEXTEN}, {"-ISIG", 0, ISIG},
        {"NOFLSH", NOFLSH, 0}, {"EXTPROC", EXTPROC, 0}, {"-ICANON", 0, ICANON}, {"-ICANON-ECHO", 0, ICANON | ECHO},
        {"-ECHOE-ECHOCTL", 0, ECHOE | ECHOCTL},
    };
    struct { const char *name, *in; int n; } s[] = {
        {"erase", IN("ab\177\177\177c\n")}, {"word", IN("one  two,three \027x\027\027\027y\n")},
        {"kill", IN("one\ttwo\001\025x\n")}, {"next", IN("a\026\003\026\026\026\n\026\177b\n")},
        {"reprint", IN("a\001b\022c\n")}, {"eof", IN("ab\004cd\004\004x\n\004")}, {"ctrl", IN("\001\033\t\b\177\177\177\177z\n")},
        {"tab", IN("a\tb\t\tc\177\177\177\177\177d\n")}, {"erasemix", IN("abc\177\177d\177\022e\027f\025g\n")},
        {"sig", IN("abc\003def\034gh\n")}, {"utf", IN("\303\251x\303\251\177\177\177\177a\n")},
        {"ctrlkill", IN("\001\002\003x\025y\n")}, {"nul", IN("a\0b\n\0\n")}, {"high", IN("\200\377\177\177\177a\n")},
    };
    for (size_t i = 0; i < sizeof f / sizeof f[0]; i++)
        for (size_t j = 0; j < sizeof s / sizeof s[0]; j++) {
            char name[64];
            snprintf(name, sizeof name, "%s %s", f[i].name, s[j].name);
            run(name, j & 1 ? IUTF8 : 0, 0, 0, 0, f[i].on, f[i].off, s[j].in, s[j].n);
        }
}

static void eol(void) {
    fresh();
    normal.c_cc[VEOL] = ';';
    normal.c_cc[VEOL2] = ',';
    run("EOL", 0, 0, 0, 0, 0, 0, IN("a;b,c\n;"));
    run("EOL -IEXTEN", 0, 0, 0, 0, 0, IEXTEN, IN("a;b,c\n;"));
    run("EOL -ECHO", 0, 0, 0, 0, 0, ECHO, IN("a;b,c\n;"));
    normal.c_cc[VEOL] = normal.c_cc[VEOL2] = 0;
    normal.c_cc[VERASE] = '#';
    normal.c_cc[VKILL] = '@';
    run("printable", 0, 0, 0, 0, 0, 0, IN("ab#c\\#d@ef\n"));
    run("printable -ECHOE-ECHOK", 0, 0, 0, 0, 0, ECHOE | ECHOKE, IN("ab#c\\#d@ef\n"));
    normal.c_cc[VERASE] = 0177;
    normal.c_cc[VKILL] = 025;
    normal.c_cc[VEOF] = 0;
    run("no EOF", 0, 0, 0, 0, 0, 0, IN("a\004b\0c\n"));
    normal.c_cc[VEOF] = 4;
    normal.c_cc[VSTART] = normal.c_cc[VSTOP] = 'x';
    run("START is STOP", 0, 0, 0, 0, 0, 0, IN("axbxc\n"));
    normal.c_cc[VSTART] = 021;
    normal.c_cc[VSTOP] = 023;
}

static void output_flags(void) {
    struct { const char *name; tcflag_t on, off; } f[] = {
        {"plain", 0, 0}, {"-OPOST", 0, OPOST}, {"-ONLCR", 0, ONLCR}, {"OCRNL", OCRNL, 0}, {"OCRNL-ONLCR", OCRNL, ONLCR},
        {"ONOCR", ONOCR, 0}, {"ONLRET", ONLRET, 0}, {"ONLRET-ONLCR", ONLRET, ONLCR}, {"ONLRET OCRNL", ONLRET | OCRNL, 0},
        {"OLCUC", OLCUC, 0}, {"XTABS", XTABS, 0}, {"TAB1", TAB1, 0}, {"OFILL", OFILL, 0}, {"ONOCR-ONLCR", ONOCR, ONLCR},
        {"ONOCR ONLRET OCRNL", ONOCR | ONLRET | OCRNL, 0},
    };
    for (size_t i = 0; i < sizeof f / sizeof f[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s text", f[i].name);
        out(name, f[i].on, f[i].off, IN("\rab\tc\r\r\ndE\b\b\b\b\tf\n\n\tx\001\303\251\ty"));
    }
}

static void limits(void) {
    static char big[6000], b[9000];
    memset(big, 'x', sizeof big);
    for (int mode = 0; mode < 4; mode++) {
        fresh();
        struct termios t = normal;
        if (mode & 1)
            t.c_lflag &= ~ECHO;
        if (mode & 2)
            t.c_iflag |= IMAXBEL;
        tcsetattr(slave, TCSANOW, &t);
        printf("mode %d: %d", mode, (int)write(master, big, 4500));
        usleep(20000);
        int total = 0, bells = 0, r;
        struct pollfd p = {master, POLLIN, 0};
        while (poll(&p, 1, 20) > 0 && (r = read(master, b, sizeof b)) > 0) {
            total += r;
            for (int i = 0; i < r; i++)
                bells += b[i] == 7;
        }
        printf(" echo %d bells %d", total, bells);
        write(master, "\n", 1);
        usleep(5000);
        int n = 0;
        ioctl(slave, FIONREAD, &n);
        printf(" ready %d", n);
        p.fd = slave;
        while (poll(&p, 1, 10) > 0 && (r = read(slave, b, sizeof b)) > 0)
            printf(" line %d %d", r, b[r - 1]);
        printf("\n");
    }
    fresh();
    struct termios t = normal;
    t.c_lflag &= ~(ECHO | ICANON);
    tcsetattr(slave, TCSANOW, &t);
    write(master, big, 5000);
    usleep(20000);
    int n = 0;
    ioctl(slave, FIONREAD, &n);
    printf("raw %d\n", n);
    n = 0;
    for (int r; n < 5000 && (r = read(slave, b, sizeof b)) > 0;) {
        n += r;
        usleep(5000);
    }
    printf("raw in all %d\n", n);
    fresh();
    t = normal;
    t.c_lflag &= ~ECHO;
    tcsetattr(slave, TCSANOW, &t);
    write(master, "abcdef\n", 7);
    usleep(3000);
    printf("parts %d", (int)read(slave, b, 3));
    printf(" %d", (int)read(slave, b, 4));
    printf(" next %d\n", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5));
    write(master, "abc\004", 4);
    usleep(3000);
    printf("exact %d", (int)read(slave, b, 3));
    printf(" next %d\n", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5));
    write(master, "abc\n", 4);
    usleep(3000);
    printf("exact %d", (int)read(slave, b, 4));
    printf(" next %d\n", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5));
}

static void switching(void) {
    char b[100];
    int n;
    fresh();
    write(master, "partial", 7);
    usleep(3000);
    ioctl(slave, FIONREAD, &n);
    printf("canonical: %d", n);
    struct termios t = normal;
    t.c_lflag &= ~ICANON;
    tcsetattr(slave, TCSANOW, &t);
    ioctl(slave, FIONREAD, &n);
    printf(" raw: %d", n);
    tcsetattr(slave, TCSANOW, &normal);
    ioctl(slave, FIONREAD, &n);
    printf(" canonical again: %d", n);
    printf(" poll %d", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5));
    printf(" read %d\n", (int)read(slave, b, sizeof b));
    write(master, "a\nb", 3);
    usleep(3000);
    tcsetattr(slave, TCSANOW, &t);
    printf("raw %d\n", (int)read(slave, b, sizeof b));
    write(master, "ab\004c", 4);
    usleep(3000);
    tcsetattr(slave, TCSANOW, &normal);
    printf("raw EOF char, canonical: %d\n", (int)read(slave, b, sizeof b));
    fresh();
    write(master, "ab\004c", 4);
    usleep(3000);
    tcsetattr(slave, TCSANOW, &t);
    n = read(slave, b, sizeof b);
    show("canonical EOF char, raw", b, n);
    printf("\n");
    fresh();
    write(master, "gone", 4);
    usleep(3000);
    tcsetattr(slave, TCSAFLUSH, &t);
    printf("flushed: %d\n", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 5));
}

int main(void) {
    signal(SIGINT, SIG_IGN);
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    tcgetattr(slave, &normal);
    input_flags();
    local_flags();
    eol();
    output_flags();
    limits();
    switching();
    return 0;
}
