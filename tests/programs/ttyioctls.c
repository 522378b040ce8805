/* Every terminal ioctl on both ends (tty_ioctl(4)), with good and bad arguments. */
#include "t.h"
#include <asm/termbits.h>
#include <linux/serial.h>
#undef TIOCSER_TEMT

extern int unlockpt(int), grantpt(int);
extern char *ptsname(int);
static int master, slave;

static void name_(const char *what, const char *end, int fd, unsigned long cmd, unsigned long arg) {
    errno = 0;
    long r = ioctl(fd, cmd, arg);
    printf("%s %s = %ld %s\n", what, end, r, r < 0 ? strerrorname_np(errno) : "");
}

static char buf[256];

int main(void) {
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setsid();
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
#define N(c) {#c, c}
    struct { const char *name; unsigned long cmd; } all[] = {
        N(TCGETS), N(TCGETA), N(0x5432 /* TCGETX */), N(TIOCGWINSZ), N(TIOCMGET), N(TIOCOUTQ), N(FIONREAD), N(TIOCGPGRP),
        N(TIOCGSID), N(TIOCGETD), N(TIOCGEXCL), N(TIOCGPKT), N(TIOCGPTLCK), N(TIOCGSOFTCAR), N(TIOCGLCKTRMIOS),
        N(TIOCGSERIAL), N(TIOCGICOUNT), N(TIOCGRS485), N(TIOCGDEV), N(TIOCGISO7816), N(FIOQSIZE), N(TCGETS2),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        memset(buf, 0, sizeof buf);
        name_(all[i].name, "terminal", slave, all[i].cmd, (unsigned long)buf);
        name_(all[i].name, "terminal, bad address", slave, all[i].cmd, 1);
        name_(all[i].name, "master", master, all[i].cmd, (unsigned long)buf);
        name_(all[i].name, "master, bad address", master, all[i].cmd, 1);
    }
    struct { const char *name; unsigned long cmd, arg; } set[] = {
        {"TCSBRK 0", TCSBRK, 0}, {"TCSBRK 1", TCSBRK, 1}, {"TCSBRKP", TCSBRKP, 1}, {"TIOCSBRK", TIOCSBRK, 0},
        {"TIOCCBRK", TIOCCBRK, 0}, {"TCXONC 0", TCXONC, 0}, {"TCXONC 1", TCXONC, 1}, {"TCXONC 2", TCXONC, 2},
        {"TCXONC 3", TCXONC, 3}, {"TCXONC 4", TCXONC, 4}, {"TCXONC -1", TCXONC, -1}, {"TCFLSH 0", TCFLSH, 0},
        {"TCFLSH 1", TCFLSH, 1}, {"TCFLSH 2", TCFLSH, 2}, {"TCFLSH 3", TCFLSH, 3}, {"TIOCEXCL", TIOCEXCL, 0},
        {"TIOCNXCL", TIOCNXCL, 0}, {"TIOCNOTTY", TIOCNOTTY, 0}, {"TIOCSETD bad", TIOCSETD, 1}, {"TIOCSSOFTCAR bad", TIOCSSOFTCAR, 1},
        {"TIOCMIWAIT", TIOCMIWAIT, 0}, {"TIOCSERCONFIG", TIOCSERCONFIG, 0}, {"TIOCSERGWILD", TIOCSERGWILD, 0},
        {"TCSETS bad", TCSETS, 1}, {"TCSETSW bad", TCSETSW, 1}, {"TCSETSF bad", TCSETSF, 1}, {"TCSETS2 bad", TCSETS2, 1},
        {"TCSETA bad", TCSETA, 1}, {"TIOCSWINSZ bad", TIOCSWINSZ, 1}, {"TIOCSPGRP bad", TIOCSPGRP, 1}, {"TIOCMSET bad", TIOCMSET, 1},
        {"TIOCMBIS bad", TIOCMBIS, 1}, {"TIOCPKT bad", TIOCPKT, 1}, {"TIOCSPTLCK bad", TIOCSPTLCK, 1}, {"TIOCSLCKTRMIOS bad", TIOCSLCKTRMIOS, 1},
        {"TIOCSSERIAL bad", TIOCSSERIAL, 1}, {"TIOCSIG 1", TIOCSIG, 1}, {"TIOCSIG 2", TIOCSIG, 2}, {"TIOCSIG 3", TIOCSIG, 3},
        {"TIOCSIG 20", TIOCSIG, 20}, {"TIOCSIG 15", TIOCSIG, 15}, {"TIOCSIG 0", TIOCSIG, 0}, {"TIOCSIG 100", TIOCSIG, 100},
        {"TIOCLINUX", 0x541c, 0}, {"0x5400", 0x5400, 0}, {"FIONBIO bad", 0x5421, 1}, {"FIOASYNC bad", 0x5452, 1},
    };
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        name_(set[i].name, "terminal", slave, set[i].cmd, set[i].arg);
        name_(set[i].name, "master", master, set[i].cmd, set[i].arg);
    }
    int v = 0;
    struct { const char *name; unsigned long cmd; int value; } ints[] = {
        {"TIOCSETD 0", TIOCSETD, 0}, {"TIOCSETD 1", TIOCSETD, 1}, {"TIOCSETD 99", TIOCSETD, 99}, {"TIOCSSOFTCAR 1", TIOCSSOFTCAR, 1},
        {"TIOCSSOFTCAR 0", TIOCSSOFTCAR, 0}, {"TIOCPKT 0", TIOCPKT, 0}, {"TIOCPKT 1", TIOCPKT, 1}, {"TIOCPKT 0", TIOCPKT, 0},
        {"TIOCSPTLCK 1", TIOCSPTLCK, 1}, {"TIOCSPTLCK 0", TIOCSPTLCK, 0}, {"TIOCSPGRP -1", TIOCSPGRP, -1},
        {"TIOCSPGRP 0", TIOCSPGRP, 0}, {"TIOCSPGRP 1", TIOCSPGRP, 1}, {"TIOCMSET 0", TIOCMSET, 0}, {"TIOCMBIC 0", TIOCMBIC, 0},
    };
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        v = ints[i].value;
        name_(ints[i].name, "terminal", slave, ints[i].cmd, (unsigned long)&v);
        v = ints[i].value;
        name_(ints[i].name, "master", master, ints[i].cmd, (unsigned long)&v);
    }
    /* What settings read back as. */
    struct termios2 t;
    ioctl(slave, TCGETS2, &t);
    printf("%x %x %x %x line %d speeds %d %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, t.c_ispeed, t.c_ospeed);
    ioctl(master, TCGETS2, &t);
    printf("master %x %x %x %x line %d speeds %d %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, t.c_ispeed, t.c_ospeed);
    unsigned speeds[] = {0, B9600, B38400, B57600, B115200, B4000000, BOTHER, B9600 << 16 | B115200, BOTHER | BOTHER << 16, 037};
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        ioctl(slave, TCGETS2, &t);
        t.c_cflag = (t.c_cflag & ~(CBAUD | CIBAUD)) | speeds[i];
        t.c_ispeed = 12345;
        t.c_ospeed = 54321;
        int r = ioctl(slave, TCSETS2, &t);
        ioctl(slave, TCGETS2, &t);
        printf("speed %x: %d cflag %x speeds %d %d\n", speeds[i], r, t.c_cflag, t.c_ispeed, t.c_ospeed);
    }
    for (int i = 0; i < 4; i++) {
        ioctl(slave, TCGETS2, &t);
        t.c_iflag = t.c_oflag = t.c_lflag = ~0u;
        t.c_cflag = i == 0 ? ~0u & ~(CBAUD | CIBAUD) : i == 1 ? CS5 : i == 2 ? PARENB | CSTOPB | HUPCL : CLOCAL | CRTSCTS;
        t.c_line = 77;
        memset(t.c_cc, 0x55, sizeof t.c_cc);
        ioctl(slave, i & 1 ? TCSETSW2 : TCSETS2, &t);
        ioctl(slave, TCGETS2, &t);
        printf("%x %x %x %x line %d speeds %d %d cc", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, t.c_ispeed, t.c_ospeed);
        for (int j = 0; j < 19; j++)
            printf(" %d", t.c_cc[j]);
        printf("\n");
    }
    struct termio o;
    memset(&o, 0, sizeof o);
    ioctl(slave, TCGETA, &o);
    printf("termio %x %x %x %x %d", o.c_iflag, o.c_oflag, o.c_cflag, o.c_lflag, o.c_line);
    for (int j = 0; j < 8; j++)
        printf(" %d", o.c_cc[j]);
    printf("\n");
    o.c_iflag = 0x500;
    o.c_oflag = 5;
    o.c_lflag = 0x8a3b;
    o.c_cc[0] = 3;
    printf("TCSETA %d\n", ioctl(slave, TCSETA, &o));
    ioctl(slave, TCGETS2, &t);
    printf("%x %x %x %x cc %d %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_cc[0], t.c_cc[10]);
    /* The master's settings are its own? */
    ioctl(master, TCGETS2, &t);
    t.c_lflag ^= ECHO;
    printf("TCSETS2 master %d\n", ioctl(master, TCSETS2, &t));
    struct termios2 u;
    ioctl(slave, TCGETS2, &u);
    printf("terminal's lflag %x, the master's %x\n", u.c_lflag, t.c_lflag);
    /* Locked settings. */
    struct termios lock, got;
    memset(&lock, 0, sizeof lock);
    lock.c_lflag = ECHO;
    lock.c_cc[VINTR] = 1;
    printf("TIOCSLCKTRMIOS %d\n", ioctl(slave, TIOCSLCKTRMIOS, &lock));
    ioctl(slave, TCGETS, &got);
    int before = got.c_lflag & ECHO, intr = got.c_cc[VINTR];
    got.c_lflag ^= ECHO | ICANON;
    got.c_cc[VINTR] ^= 1;
    got.c_cc[VQUIT] = 99;
    ioctl(slave, TCSETS, &got);
    ioctl(slave, TCGETS, &got);
    printf("locked: %d %d %d\n", (got.c_lflag & ECHO) == (unsigned)before, got.c_cc[VINTR] == intr, got.c_cc[VQUIT]);
    memset(&got, 0, sizeof got);
    ioctl(slave, TIOCGLCKTRMIOS, &got);
    printf("lock: %x %d\n", got.c_lflag, got.c_cc[VINTR]);
    /* As another user nobody changes locks, or injects. */
    pid_t p = t_fork();
    if (p == 0) {
        setresuid(1000, 1000, 1000);
        CALL(ioctl(slave, TIOCSLCKTRMIOS, &lock));
        CALL(ioctl(slave, TIOCVHANGUP, 0));
        CALL(ioctl(slave, TIOCCONS, 0));
        CALL(ioctl(slave, TIOCSTI, "x"));
        fflush(NULL);
        _exit(0);
    }
    t_reap("user", p);
    /* Characters put in as if typed. */
    ioctl(slave, TIOCSLCKTRMIOS, memset(&lock, 0, sizeof lock));
    memset(&t, 0, sizeof t);
    t.c_cflag = B38400 | CS8 | CREAD;
    t.c_cc[VMIN] = 1;
    ioctl(slave, TCSETS2, &t);
    CALL(ioctl(slave, TIOCSTI, "x"));
    CALL(ioctl(slave, TIOCSTI, 1));
    char c = 0;
    CALL(read(slave, &c, 1));
    printf("%c\n", c);
    /* vhangup */
    CALL(ioctl(slave, TIOCVHANGUP, 0));
    CALL(write(slave, "x", 1));
    CALL(read(slave, &c, 1));
    CALL(ioctl(slave, TCGETS2, &t));
    CALL(ioctl(slave, TIOCSPGRP, &v));
    struct pollfd f = {slave, POLLIN | POLLOUT, 0};
    poll(&f, 1, 0);
    printf("poll %x\n", f.revents);
    f = (struct pollfd){master, POLLIN | POLLOUT, 0};
    poll(&f, 1, 0);
    printf("poll %x\n", f.revents);
    fcntl(master, F_SETFL, O_NONBLOCK);
    CALL(read(master, &c, 1));
    int again = WORKS(open(ptsname(master), O_RDWR | O_NOCTTY));
    CALL(write(again, "y", 1));
    usleep(10000);
    CALL(read(master, &c, 1));
    CALL(write(slave, "x", 1));
    close(master);
    CALL(write(again, "y", 1));
    CALL(read(again, &c, 1));
    CALL(ioctl(again, TCGETS2, &t));
    CALL(ioctl(again, TIOCSPGRP, &v));
    CALL(ioctl(again, TCGETS2, 1));
    f = (struct pollfd){again, POLLIN | POLLOUT, 0};
    poll(&f, 1, 0);
    printf("poll %x\n", f.revents);
    return 0;
}
