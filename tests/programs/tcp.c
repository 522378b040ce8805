/* TCP over the loopback: tcp(7), ip(7), socket(7), connect(2), listen(2), accept(2), shutdown(2), send(2), recv(2). */
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static struct sockaddr_in at(unsigned addr, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(addr)};
    return a;
}

static int tcp(void) { return socket(AF_INET, SOCK_STREAM, 0); }

static int port_of(int fd) {
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    if (getsockname(fd, (void *)&a, &n))
        return -1;
    return ntohs(a.sin_port);
}

static int listener(int backlog) {
    int fd = tcp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, 0);
    if (bind(fd, (void *)&a, sizeof a) || listen(fd, backlog))
        perror("listener");
    return fd;
}

static int to(int l) {
    int fd = tcp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, port_of(l));
    if (connect(fd, (void *)&a, sizeof a))
        perror("connect");
    return fd;
}

static void join(int s[2]) {
    int l = listener(5);
    s[0] = to(l);
    s[1] = accept(l, 0, 0);
    close(l);
}

static int events(int fd) {
    struct pollfd p = {fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    return p.revents;
}

static void show(const char *what, int fd) {
    int e = events(fd);
    printf("%s:%s%s%s%s%s%s\n", what, e & POLLIN ? " IN" : "", e & POLLPRI ? " PRI" : "", e & POLLOUT ? " OUT" : "",
           e & POLLERR ? " ERR" : "", e & POLLHUP ? " HUP" : "", e & POLLRDHUP ? " RDHUP" : "");
}

static int wait_for(int fd, int mask) {
    struct pollfd p = {fd, mask, 0};
    return poll(&p, 1, 2000);
}

static int so_error(int fd) {
    int e = -1;
    socklen_t n = sizeof e;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
    return e;
}

static int pipes;
static void on_pipe(int s) { pipes++; }

static void creation(void) {
    CALL(socket(AF_INET, 0, 0));
    CALL(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    CALL(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
    CALL(socket(AF_INET, SOCK_SEQPACKET, 0));
    CALL(socket(AF_INET, SOCK_RDM, 0));
    CALL(socket(AF_INET, 11, 0));
    CALL(socket(AF_INET, 15, 0));
    CALL(socket(AF_INET, SOCK_STREAM | 0x100, 0));
    CALL(socket(AF_INET, SOCK_STREAM, -1));
    CALL(socket(AF_INET, SOCK_STREAM, 300));
    CALL(socket(AF_INET, SOCK_RAW, 0));
    CALL(socket(-1, SOCK_STREAM, 0));
    CALL(socket(46, SOCK_STREAM, 0));
    CALL(socket(AF_UNSPEC, SOCK_STREAM, 0));
    CALL(socket(AF_INET6, SOCK_STREAM, IPPROTO_UDP));
    CALL(socket(AF_INET6, SOCK_SEQPACKET, 0));
    int p[2];
    CALL(socketpair(AF_INET, SOCK_STREAM, 0, p));
    CALL(socketpair(AF_INET, SOCK_DGRAM, 0, p));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    TRUE(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
    TRUE(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    show("new", fd);
    CALL(write(fd, "x", 1) == -1 && errno == EPIPE);
    char b[4];
    CALL(read(fd, b, 4));
    CALL(read(fd, b, 0));
    CALL(shutdown(fd, SHUT_RD));
    CALL(shutdown(fd, 7));
    CALL(shutdown(fd, -1));
    CALL(accept(fd, 0, 0));
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    CALL(getpeername(fd, (void *)&a, &n));
    CALL(getsockname(fd, (void *)&a, &n));
    printf("len %d family %d port %d addr %x\n", n, a.sin_family, a.sin_port, a.sin_addr.s_addr);
    n = 4;
    CALL(getsockname(fd, (void *)&a, &n));
    printf("len %d\n", n);
    n = -1;
    CALL(getsockname(fd, (void *)&a, &n));
    CALL(getsockname(fd, (void *)8, &n));
    CALL(getsockname(fd, (void *)&a, (void *)8));
    close(fd);
    CALL(listen(0x7ffffff, 1));
    CALL(bind(1 << 20, (void *)&a, sizeof a));
    int f = open("/dev/null", O_RDWR);
    CALL(listen(f, 1));
    CALL(send(f, "", 0, 0));
    CALL(getsockname(f, (void *)&a, &n));
    close(f);
}

static void binding(void) {
    int fd = tcp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, 0);
    CALL(bind(fd, (void *)&a, 2));
    CALL(bind(fd, (void *)&a, 15));
    CALL(bind(fd, (void *)&a, 129));
    CALL(bind(fd, (void *)&a, -1));
    CALL(bind(fd, (void *)8, sizeof a));
    a.sin_family = AF_UNIX;
    CALL(bind(fd, (void *)&a, sizeof a));
    a.sin_family = AF_INET6;
    CALL(bind(fd, (void *)&a, sizeof a));
    a.sin_family = AF_UNSPEC;
    CALL(bind(fd, (void *)&a, sizeof a));
    a = at(0x08080808, 0);
    CALL(bind(fd, (void *)&a, sizeof a));
    a = at(0x7f010203, 0);
    CALL(bind(fd, (void *)&a, 128));
    CALL(bind(fd, (void *)&a, sizeof a));
    TRUE(port_of(fd) >= 32768 && port_of(fd) <= 60999);
    int g = tcp();
    a = at(0x7f010203, port_of(fd));
    CALL(bind(g, (void *)&a, sizeof a));
    a = at(INADDR_ANY, port_of(fd));
    CALL(bind(g, (void *)&a, sizeof a));
    a = at(0x7f010204, port_of(fd));
    CALL(bind(g, (void *)&a, sizeof a));
    close(g);
    // SO_REUSEADDR: both, and nobody listens.
    int one = 1;
    g = tcp();
    a = at(0x7f010203, port_of(fd));
    setsockopt(g, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(g, (void *)&a, sizeof a));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(g, (void *)&a, sizeof a));
    CALL(listen(g, 1));
    CALL(listen(fd, 1));
    int h = tcp();
    setsockopt(h, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(h, (void *)&a, sizeof a));
    close(h);
    close(g);
    CALL(listen(fd, 1));
    close(fd);
    // SO_REUSEPORT.
    fd = tcp();
    g = tcp();
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, 4);
    a = at(INADDR_LOOPBACK, 0);
    bind(fd, (void *)&a, sizeof a);
    a = at(INADDR_LOOPBACK, port_of(fd));
    CALL(bind(g, (void *)&a, sizeof a));
    setsockopt(g, SOL_SOCKET, SO_REUSEPORT, &one, 4);
    CALL(bind(g, (void *)&a, sizeof a));
    CALL(listen(fd, 8));
    CALL(listen(g, 8));
    close(fd);
    close(g);
    // Privileged ports.
    if (!t_fork()) {
        if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
            _exit(1);
        fd = tcp();
        a = at(INADDR_LOOPBACK, 1023);
        CALL(bind(fd, (void *)&a, sizeof a));
        a = at(0x08080808, 1023);
        CALL(bind(fd, (void *)&a, sizeof a));
        CALL(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
        CALL(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
        fflush(stdout);
        _exit(0);
    }
    wait(0);
}

static void connecting(void) {
    int l = listener(5);
    int fd = tcp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, port_of(l));
    CALL(connect(fd, (void *)&a, 1));
    CALL(connect(fd, (void *)&a, 15));
    CALL(connect(fd, (void *)8, sizeof a));
    a.sin_family = AF_UNIX;
    CALL(connect(fd, (void *)&a, sizeof a));
    a.sin_family = AF_INET;
    CALL(connect(fd, (void *)&a, sizeof a));
    CALL(connect(fd, (void *)&a, sizeof a));
    CALL(listen(fd, 1));
    CALL(bind(fd, (void *)&a, sizeof a));
    show("connected", fd);
    show("listener", l);
    CALL(connect(l, (void *)&a, sizeof a));
    struct sockaddr_in p = {0}, q = {0};
    socklen_t n = sizeof p;
    int c = accept4(l, (void *)&p, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    TRUE(fcntl(c, F_GETFL) == (O_RDWR | O_NONBLOCK) && fcntl(c, F_GETFD) == FD_CLOEXEC);
    TRUE(n == sizeof p && ntohs(p.sin_port) == port_of(fd) && p.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    CALL(accept4(l, 0, 0, 1));
    getpeername(fd, (void *)&q, &n);
    TRUE(q.sin_port == a.sin_port);
    getsockname(c, (void *)&q, &n);
    TRUE(q.sin_port == a.sin_port);
    show("listener after", l);
    char b[8];
    CALL(read(c, b, 8));
    fcntl(l, F_SETFL, O_NONBLOCK);
    CALL(accept(l, 0, 0));
    close(c);
    close(fd);
    close(l);
    // Refused.
    fd = tcp();
    CALL(connect(fd, (void *)&a, sizeof a));
    show("refused", fd);
    CALL(so_error(fd));
    a.sin_port = 0;
    CALL(connect(fd, (void *)&a, sizeof a));
    a = at(0xe0000001, 80);
    CALL(connect(fd, (void *)&a, sizeof a));
    close(fd);
    // Not waiting.
    l = listener(5);
    fd = tcp();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    a = at(INADDR_LOOPBACK, port_of(l));
    CALL(connect(fd, (void *)&a, sizeof a));
    CALL(wait_for(fd, POLLOUT));
    CALL(so_error(fd));
    CALL(connect(fd, (void *)&a, sizeof a));
    CALL(connect(fd, (void *)&a, sizeof a));
    close(fd);
    close(l);
    fd = tcp();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CALL(connect(fd, (void *)&a, sizeof a));
    wait_for(fd, POLLOUT);
    show("refused later", fd);
    CALL(connect(fd, (void *)&a, sizeof a));
    CALL(so_error(fd));
    close(fd);
    fd = tcp();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    connect(fd, (void *)&a, sizeof a);
    CALL(so_error(fd));
    CALL(so_error(fd));
    CALL(connect(fd, (void *)&a, sizeof a));
    close(fd);
    // INADDR_ANY is the loopback.
    l = listener(5);
    fd = tcp();
    a = at(INADDR_ANY, port_of(l));
    CALL(connect(fd, (void *)&a, sizeof a));
    // AF_UNSPEC disconnects.
    a.sin_family = AF_UNSPEC;
    CALL(connect(fd, (void *)&a, sizeof a));
    a = at(INADDR_LOOPBACK, port_of(l));
    CALL(connect(fd, (void *)&a, sizeof a));
    close(fd);
    close(l);
}

static void backlog(void) {
    int l = listener(0);
    struct sockaddr_in a = at(INADDR_LOOPBACK, port_of(l));
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = tcp();
        fcntl(s[i], F_SETFL, O_NONBLOCK);
        connect(s[i], (void *)&a, sizeof a);
    }
    show("first", s[0]);
    show("second", s[1]);
    CALL(connect(s[1], (void *)&a, sizeof a));
    char b[2];
    CALL(read(s[1], b, 1));
    CALL(write(s[1], b, 1));
    int c = accept(l, 0, 0);
    CALL(wait_for(s[1], POLLOUT));
    CALL(listen(l, 100));
    close(c);
    close(l);
    for (int i = 0; i < 1; i++) {
        wait_for(s[i], POLLIN);
        show("after close", s[i]);
    }
    for (int i = 0; i < 3; i++)
        close(s[i]);
    // listen without bind takes any port.
    l = tcp();
    CALL(listen(l, -1));
    TRUE(port_of(l) > 0);
    struct sockaddr_in x = at(INADDR_ANY, 0);
    CALL(bind(l, (void *)&x, sizeof x));
    CALL(shutdown(l, SHUT_WR));
    CALL(shutdown(l, SHUT_RD));
    CALL(accept(l, 0, 0));
    show("shut listener", l);
    close(l);
}

static void closing(void) {
    int s[2];
    char b[64];
    join(s);
    CALL(send(s[0], "abc", 3, 0));
    CALL(shutdown(s[0], SHUT_WR));
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    show("half closed", s[0]);
    show("other", s[1]);
    CALL(recv(s[1], b, 64, 0));
    CALL(recv(s[1], b, 64, 0));
    CALL(recv(s[1], b, 64, 0));
    CALL(send(s[1], "back", 4, 0));
    CALL(recv(s[0], b, 64, 0));
    CALL(shutdown(s[0], SHUT_WR));
    CALL(shutdown(s[1], SHUT_WR));
    show("both", s[0]);
    show("both other", s[1]);
    CALL(shutdown(s[1], SHUT_WR));
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    CALL(getpeername(s[1], (void *)&a, &n));
    CALL(recv(s[0], b, 64, 0));
    close(s[0]);
    close(s[1]);
    // The other end closes.
    join(s);
    close(s[1]);
    show("peer closed", s[0]);
    CALL(send(s[0], "x", 1, 0));
    show("sent to closed", s[0]);
    CALL(recv(s[0], b, 64, 0));
    pipes = 0;
    CALL(send(s[0], "x", 1, 0));
    CALL(pipes);
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    CALL(pipes);
    CALL(write(s[0], "x", 1));
    CALL(pipes);
    close(s[0]);
    // Unread data: a reset.
    join(s);
    send(s[0], "data", 4, 0);
    wait_for(s[1], POLLIN);
    send(s[1], "left", 4, 0);
    close(s[1]);
    show("reset", s[0]);
    CALL(recv(s[0], b, 64, 0));
    CALL(recv(s[0], b, 64, 0));
    CALL(recv(s[0], b, 64, 0));
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    close(s[0]);
    // SO_LINGER 0.
    join(s);
    struct linger g = {1, 0};
    CALL(setsockopt(s[1], SOL_SOCKET, SO_LINGER, &g, sizeof g));
    close(s[1]);
    CALL(so_error(s[0]));
    CALL(recv(s[0], b, 64, 0));
    CALL(recv(s[0], b, 0, 0));
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    CALL(shutdown(s[0], SHUT_RDWR));
    close(s[0]);
    // First send after a reset says so without a signal.
    join(s);
    setsockopt(s[1], SOL_SOCKET, SO_LINGER, &g, sizeof g);
    close(s[1]);
    pipes = 0;
    CALL(send(s[0], "x", 1, 0));
    CALL(pipes);
    CALL(send(s[0], "x", 1, 0));
    CALL(pipes);
    close(s[0]);
    // SHUT_RD: what comes can still be read.
    join(s);
    CALL(shutdown(s[0], SHUT_RD));
    CALL(recv(s[0], b, 64, 0));
    CALL(send(s[1], "more", 4, 0));
    CALL(recv(s[0], b, 64, 0));
    CALL(recv(s[0], b, 64, 0));
    close(s[0]);
    close(s[1]);
}

static void receiving(void) {
    int s[2];
    char b[64] = {0};
    join(s);
    CALL(recv(s[0], b, 4, MSG_DONTWAIT));
    CALL(recv(s[0], b, 0, MSG_DONTWAIT));
    CALL(read(s[0], b, 0));
    send(s[1], "abcdefgh", 8, 0);
    wait_for(s[0], POLLIN);
    CALL(recv(s[0], b, 4, MSG_PEEK));
    CALL(recv(s[0], b, 3, 0));
    printf("%.3s\n", b);
    CALL(recv(s[0], b, 2, MSG_TRUNC));
    int n;
    CALL(ioctl(s[0], FIONREAD, &n));
    CALL(n);
    CALL(recv(s[0], b, 64, 0));
    printf("%.3s\n", b);
    struct timeval t = {0, 30000};
    CALL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    CALL(recv(s[0], b, 64, 0));
    send(s[1], "abc", 3, 0);
    CALL(recv(s[0], b, 10, MSG_WAITALL));
    send(s[1], "abc", 3, 0);
    close(s[1]);
    CALL(recv(s[0], b, 10, MSG_WAITALL));
    CALL(recv(s[0], b, 10, MSG_WAITALL));
    CALL(recv(s[0], b, 10, MSG_ERRQUEUE));
    close(s[0]);
    // Messages.
    join(s);
    struct iovec v[2] = {{"hello ", 6}, {"world", 5}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    CALL(sendmsg(s[0], &m, 0));
    char c[4], d[20];
    struct iovec w[2] = {{c, 4}, {d, 20}};
    struct sockaddr_in a = {.sin_family = 77};
    m = (struct msghdr){.msg_iov = w, .msg_iovlen = 2, .msg_name = &a, .msg_namelen = sizeof a};
    CALL(recvmsg(s[1], &m, 0));
    printf("%.4s|%.7s namelen %d flags %x\n", c, d, m.msg_namelen, m.msg_flags);
    socklen_t al = sizeof a;
    send(s[0], "x", 1, 0);
    CALL(recvfrom(s[1], d, 4, 0, (void *)&a, &al));
    CALL(al);
    CALL(recvfrom(s[1], d, 4, MSG_DONTWAIT, (void *)&a, &al));
    struct sockaddr_in to4 = at(INADDR_LOOPBACK, 9);
    CALL(sendto(s[0], "y", 1, 0, (void *)&to4, sizeof to4));
    CALL(sendto(s[0], "y", 1, 0, (void *)8, sizeof to4));
    CALL(sendto(s[0], "y", 1, 0, (void *)&to4, -1));
    CALL(send(s[0], (void *)8, 4, 0));
    CALL(recv(s[1], (void *)8, 4, 0));
    CALL(recv(s[1], d, 4, 0));
    m.msg_iovlen = 1025;
    CALL(recvmsg(s[1], &m, 0));
    CALL(sendmsg(s[1], &m, 0));
    CALL(sendmsg(s[1], (void *)8, 0));
    // SO_RCVLOWAT.
    int low = 5;
    CALL(setsockopt(s[1], SOL_SOCKET, SO_RCVLOWAT, &low, 4));
    send(s[0], "abc", 3, 0);
    show("below low water", s[1]);
    send(s[0], "de", 2, 0);
    show("at low water", s[1]);
    CALL(recv(s[1], d, 3, 0));
    CALL(recv(s[1], d, 20, MSG_DONTWAIT));
    close(s[0]);
    close(s[1]);
    // Full.
    join(s);
    int size = 8192;
    setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &size, 4);
    setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &size, 4);
    static char big[1 << 16];
    long total = 0, r;
    while ((r = send(s[0], big, sizeof big, MSG_DONTWAIT)) > 0)
        total += r;
    TRUE(total > 8192 && total < (4 << 20));
    TRUE(errno == EAGAIN);
    show("full", s[0]);
    t = (struct timeval){0, 20000};
    setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    CALL(send(s[0], big, 10, 0));
    while (total > 0 && wait_for(s[1], POLLIN) == 1 && (r = recv(s[1], big, sizeof big, MSG_DONTWAIT)) > 0)
        total -= r;
    CALL(total);
    wait_for(s[0], POLLOUT);
    show("drained", s[0]);
    close(s[0]);
    close(s[1]);
}

static int urgents;
static void on_urg(int s) { urgents++; }

static void urgent(void) {
    int s[2];
    char b[64] = {0};
    int n;
    join(s);
    CALL(recv(s[1], b, 1, MSG_OOB));
    signal(SIGURG, on_urg);
    CALL(fcntl(s[1], F_SETOWN, getpid()));
    CALL(send(s[0], "abcU", 4, MSG_OOB));
    CALL(send(s[0], "def", 3, 0));
    wait_for(s[1], POLLPRI);
    t_sleep(20);
    CALL(urgents);
    show("urgent", s[1]);
    CALL(ioctl(s[1], SIOCATMARK, &n));
    CALL(n);
    CALL(ioctl(s[1], FIONREAD, &n));
    CALL(n);
    CALL(recv(s[1], b, 64, 0));
    CALL(ioctl(s[1], SIOCATMARK, &n));
    CALL(n);
    CALL(recv(s[1], b, 64, MSG_OOB | MSG_PEEK));
    CALL(recv(s[1], b, 64, MSG_OOB));
    CALL(b[0]);
    show("urgent read", s[1]);
    CALL(recv(s[1], b, 64, MSG_OOB));
    CALL(recv(s[1], b, 64, 0));
    printf("%.3s\n", b);
    CALL(ioctl(s[1], SIOCATMARK, &n));
    CALL(n);
    // Never read.
    send(s[0], "12", 2, MSG_OOB);
    send(s[0], "3", 1, 0);
    wait_for(s[1], POLLPRI);
    CALL(recv(s[1], b, 64, 0));
    CALL(recv(s[1], b, 64, 0));
    CALL(b[0]);
    CALL(recv(s[1], b, 64, MSG_OOB));
    // In line.
    int one = 1;
    CALL(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &one, 4));
    send(s[0], "xyZ", 3, MSG_OOB);
    send(s[0], "w", 1, 0);
    wait_for(s[1], POLLIN);
    CALL(recv(s[1], b, 64, MSG_OOB));
    CALL(recv(s[1], b, 64, 0));
    CALL(ioctl(s[1], SIOCATMARK, &n));
    CALL(n);
    CALL(recv(s[1], b, 64, 0));
    printf("%.2s\n", b);
    close(s[0]);
    close(s[1]);
}

static void get(int fd, int level, int option, const char *name) {
    int v[32] = {0};
    socklen_t n = sizeof v;
    if (getsockopt(fd, level, option, v, &n))
        printf("%s: %s\n", name, strerrorname_np(errno));
    else
        printf("%s: len %d value %d\n", name, n, v[0]);
}
#define GET(fd, l, o) get(fd, l, o, #o)
static void set(int fd, int level, int option, const char *name, int value) {
    if (setsockopt(fd, level, option, &value, 4))
        printf("%s %d: %s\n", name, value, strerrorname_np(errno));
    else
        get(fd, level, option, name);
}
#define SET(fd, l, o, v) set(fd, l, o, #o, v)

static void options(void) {
    int fd = tcp();
    GET(fd, SOL_SOCKET, SO_TYPE);
    GET(fd, SOL_SOCKET, SO_DOMAIN);
    GET(fd, SOL_SOCKET, SO_PROTOCOL);
    GET(fd, SOL_SOCKET, SO_ACCEPTCONN);
    GET(fd, SOL_SOCKET, SO_ERROR);
    GET(fd, SOL_SOCKET, SO_SNDBUF);
    GET(fd, SOL_SOCKET, SO_RCVBUF);
    GET(fd, SOL_SOCKET, SO_SNDLOWAT);
    GET(fd, SOL_SOCKET, SO_RCVLOWAT);
    GET(fd, SOL_SOCKET, SO_PEERCRED);
    GET(fd, SOL_SOCKET, SO_PEERSEC);
    GET(fd, SOL_SOCKET, SO_PEERNAME);
    GET(fd, SOL_SOCKET, SO_PEERGROUPS);
    GET(fd, SOL_SOCKET, SO_BINDTODEVICE);
    GET(fd, SOL_SOCKET, SO_INCOMING_CPU);
    GET(fd, SOL_SOCKET, SO_PEEK_OFF);
    GET(fd, SOL_SOCKET, SO_LOCK_FILTER);
    GET(fd, SOL_SOCKET, SO_GET_FILTER);
    GET(fd, SOL_SOCKET, SO_TIMESTAMPING);
    GET(fd, SOL_SOCKET, SO_BPF_EXTENSIONS);
    GET(fd, SOL_SOCKET, 200);
    GET(fd, SOL_SOCKET, 0);
    SET(fd, SOL_SOCKET, SO_TYPE, 1);
    SET(fd, SOL_SOCKET, SO_ERROR, 1);
    SET(fd, SOL_SOCKET, SO_ACCEPTCONN, 1);
    SET(fd, SOL_SOCKET, SO_PROTOCOL, 1);
    SET(fd, SOL_SOCKET, SO_SNDLOWAT, 1);
    SET(fd, SOL_SOCKET, SO_RCVLOWAT, 0);
    SET(fd, SOL_SOCKET, SO_RCVLOWAT, 10);
    SET(fd, SOL_SOCKET, SO_REUSEADDR, 7);
    SET(fd, SOL_SOCKET, SO_REUSEPORT, 7);
    SET(fd, SOL_SOCKET, SO_KEEPALIVE, 7);
    SET(fd, SOL_SOCKET, SO_BROADCAST, 7);
    SET(fd, SOL_SOCKET, SO_DONTROUTE, 7);
    SET(fd, SOL_SOCKET, SO_OOBINLINE, 7);
    SET(fd, SOL_SOCKET, SO_NO_CHECK, 7);
    SET(fd, SOL_SOCKET, SO_PRIORITY, 5);
    SET(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
    SET(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    GET(fd, SOL_SOCKET, SO_TIMESTAMP);
    SET(fd, SOL_SOCKET, SO_PASSCRED, 1);
    SET(fd, SOL_SOCKET, SO_ZEROCOPY, 1);
    SET(fd, SOL_SOCKET, SO_SNDBUF, 1);
    SET(fd, SOL_SOCKET, SO_SNDBUF, 10000);
    SET(fd, SOL_SOCKET, SO_SNDBUF, -1);
    SET(fd, SOL_SOCKET, SO_RCVBUF, 1);
    SET(fd, SOL_SOCKET, SO_RCVBUF, 10000);
    SET(fd, SOL_SOCKET, SO_RCVBUF, 1 << 30);
    SET(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
    SET(fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
    SET(fd, SOL_SOCKET, SO_MARK, 9);
    SET(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
    SET(fd, SOL_SOCKET, SO_BUSY_POLL, -1);
    SET(fd, SOL_SOCKET, 200, 0);
    CALL(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, "\1\0\0", 3));
    CALL(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
    CALL(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, -1));
    struct linger g = {1, 7};
    CALL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &g, 4));
    CALL(setsockopt(fd, SOL_SOCKET, SO_LINGER, &g, sizeof g));
    socklen_t n = sizeof g;
    g = (struct linger){0};
    CALL(getsockopt(fd, SOL_SOCKET, SO_LINGER, &g, &n));
    printf("linger %d %d\n", g.l_onoff, g.l_linger);
    n = 2;
    int v = -1;
    CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &n));
    printf("%d %x\n", n, v);
    n = -1;
    CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &n));
    n = 4;
    CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &n));
    CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, (void *)8));
    CALL(getsockopt(fd, 77, 1, &v, &n));
    CALL(setsockopt(fd, 77, 1, &v, n));
    CALL(getsockopt(fd, IPPROTO_UDP, 1, &v, &n));
    CALL(setsockopt(fd, IPPROTO_UDP, 1, &v, n));
    CALL(getsockopt(fd, IPPROTO_IPV6, 26, &v, &n));
    CALL(setsockopt(fd, IPPROTO_IPV6, 26, &v, n));
    struct timeval t = {0, 1000000};
    CALL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    t = (struct timeval){3, 250000};
    CALL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    CALL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, 8));
    n = sizeof t;
    CALL(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, &n));
    printf("%d %ld %ld\n", n, (long)t.tv_sec, (long)t.tv_usec);
    // TCP.
    GET(fd, IPPROTO_TCP, TCP_NODELAY);
    SET(fd, IPPROTO_TCP, TCP_NODELAY, 5);
    SET(fd, IPPROTO_TCP, TCP_CORK, 5);
    SET(fd, IPPROTO_TCP, TCP_CORK, 0);
    GET(fd, IPPROTO_TCP, TCP_MAXSEG);
    SET(fd, IPPROTO_TCP, TCP_MAXSEG, 10);
    SET(fd, IPPROTO_TCP, TCP_MAXSEG, 1000);
    SET(fd, IPPROTO_TCP, TCP_MAXSEG, 70000);
    GET(fd, IPPROTO_TCP, TCP_KEEPIDLE);
    SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0);
    SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 100);
    SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 40000);
    GET(fd, IPPROTO_TCP, TCP_KEEPINTVL);
    SET(fd, IPPROTO_TCP, TCP_KEEPINTVL, 100);
    GET(fd, IPPROTO_TCP, TCP_KEEPCNT);
    SET(fd, IPPROTO_TCP, TCP_KEEPCNT, 200);
    SET(fd, IPPROTO_TCP, TCP_KEEPCNT, 100);
    GET(fd, IPPROTO_TCP, TCP_SYNCNT);
    SET(fd, IPPROTO_TCP, TCP_SYNCNT, 0);
    SET(fd, IPPROTO_TCP, TCP_SYNCNT, 3);
    GET(fd, IPPROTO_TCP, TCP_LINGER2);
    SET(fd, IPPROTO_TCP, TCP_LINGER2, 10);
    SET(fd, IPPROTO_TCP, TCP_LINGER2, -10);
    SET(fd, IPPROTO_TCP, TCP_LINGER2, 1000);
    SET(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
    SET(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0);
    GET(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP);
    GET(fd, IPPROTO_TCP, TCP_QUICKACK);
    SET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, -1);
    SET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
    SET(fd, IPPROTO_TCP, TCP_FASTOPEN, 5);
    SET(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 2);
    GET(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT);
    SET(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 5);
    SET(fd, IPPROTO_TCP, TCP_SAVE_SYN, 1);
    SET(fd, IPPROTO_TCP, TCP_INQ, 1);
    SET(fd, IPPROTO_TCP, TCP_REPAIR, 5);
    SET(fd, IPPROTO_TCP, TCP_TIMESTAMP, 5);
    SET(fd, IPPROTO_TCP, 99, 5);
    CALL(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, "\1", 1));
    CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nope", 4));
    CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
    char name[32];
    n = sizeof name;
    CALL(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &n));
    printf("%d %s\n", n, name);
    struct tcp_info info;
    n = sizeof info;
    CALL(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n));
    printf("state %d\n", info.tcpi_state);
    // IP.
    GET(fd, IPPROTO_IP, IP_TTL);
    SET(fd, IPPROTO_IP, IP_TTL, 0);
    SET(fd, IPPROTO_IP, IP_TTL, 256);
    SET(fd, IPPROTO_IP, IP_TTL, 7);
    SET(fd, IPPROTO_IP, IP_TTL, -1);
    SET(fd, IPPROTO_IP, IP_TOS, 0x10);
    SET(fd, IPPROTO_IP, IP_TOS, 0x13);
    SET(fd, IPPROTO_IP, IP_MTU_DISCOVER, 2);
    SET(fd, IPPROTO_IP, IP_MTU_DISCOVER, 7);
    GET(fd, IPPROTO_IP, IP_MTU);
    SET(fd, IPPROTO_IP, IP_RECVERR, 1);
    SET(fd, IPPROTO_IP, IP_PKTINFO, 1);
    SET(fd, IPPROTO_IP, IP_FREEBIND, 1);
    SET(fd, IPPROTO_IP, IP_HDRINCL, 1);
    SET(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1);
    SET(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
    SET(fd, IPPROTO_IP, IP_MINTTL, 5);
    SET(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    SET(fd, IPPROTO_IP, 99, 1);
    CALL(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nope", 5));
    CALL(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    n = sizeof name;
    CALL(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
    printf("%d %s\n", n, name);
    n = 2;
    CALL(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
    close(fd);
    int s[2];
    join(s);
    n = sizeof info;
    getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &info, &n);
    printf("state %d\n", info.tcpi_state);
    struct sockaddr_in a;
    n = sizeof a;
    CALL(getsockopt(s[0], SOL_SOCKET, SO_PEERNAME, &a, &n));
    CALL(n);
    GET(s[0], IPPROTO_TCP, TCP_MAXSEG);
    GET(s[0], SOL_SOCKET, SO_SNDBUF);
    GET(s[0], SOL_SOCKET, SO_RCVBUF);
    close(s[0]);
    close(s[1]);
}

static void v6(void) {
    int l = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    CALL(bind(l, (void *)&a, 23));
    CALL(bind(l, (void *)&a, 16));
    a.sin6_family = AF_INET;
    CALL(bind(l, (void *)&a, sizeof a));
    a.sin6_family = AF_INET6;
    inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
    CALL(bind(l, (void *)&a, sizeof a));
    inet_pton(AF_INET6, "ff02::1", &a.sin6_addr);
    CALL(bind(l, (void *)&a, sizeof a));
    inet_pton(AF_INET6, "fe80::1", &a.sin6_addr);
    CALL(bind(l, (void *)&a, sizeof a));
    inet_pton(AF_INET6, "::ffff:8.8.8.8", &a.sin6_addr);
    CALL(bind(l, (void *)&a, sizeof a));
    GET(l, IPPROTO_IPV6, IPV6_V6ONLY);
    a.sin6_addr = in6addr_any;
    CALL(bind(l, (void *)&a, sizeof a));
    SET(l, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    CALL(listen(l, 5));
    int port = port_of(l);
    // Dual stack.
    int c = tcp();
    struct sockaddr_in b = at(INADDR_LOOPBACK, port);
    CALL(connect(c, (void *)&b, sizeof b));
    socklen_t n = sizeof a;
    int s = accept(l, (void *)&a, &n);
    char text[64];
    printf("%d %s\n", n, inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text));
    getsockname(s, (void *)&a, &n);
    printf("%d %s\n", n, inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text));
    CALL(write(c, "hi", 2));
    CALL(read(s, text, 9));
    close(c);
    close(s);
    c = socket(AF_INET6, SOCK_STREAM, 0);
    a = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
    CALL(connect(c, (void *)&a, sizeof a));
    getpeername(c, (void *)&a, &n);
    printf("%s\n", inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text));
    getsockname(c, (void *)&a, &n);
    printf("%s\n", inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text));
    close(c);
    c = socket(AF_INET6, SOCK_STREAM, 0);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
    a.sin6_port = htons(port);
    CALL(connect(c, (void *)&a, sizeof a));
    getsockname(c, (void *)&a, &n);
    printf("%s\n", inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text));
    close(c);
    c = socket(AF_INET6, SOCK_STREAM, 0);
    SET(c, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
    a.sin6_port = htons(port);
    CALL(connect(c, (void *)&a, sizeof a));
    CALL(bind(c, (void *)&a, sizeof a));
    b = at(INADDR_LOOPBACK, port);
    CALL(connect(c, (void *)&b, sizeof b));
    // The ports of both are one, unless one is for IPv6 alone.
    int d = tcp();
    b = at(INADDR_ANY, port);
    CALL(bind(d, (void *)&b, sizeof b));
    close(c);
    close(l);
    l = socket(AF_INET6, SOCK_STREAM, 0);
    SET(l, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    a = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    bind(l, (void *)&a, sizeof a);
    b = at(INADDR_ANY, port_of(l));
    CALL(bind(d, (void *)&b, sizeof b));
    CALL(listen(d, 1));
    CALL(listen(l, 1));
    close(d);
    close(l);
    l = socket(AF_INET6, SOCK_STREAM, 0);
    GET(l, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
    SET(l, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 300);
    SET(l, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 30);
    SET(l, IPPROTO_IPV6, IPV6_TCLASS, 300);
    SET(l, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
    SET(l, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 3);
    SET(l, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
    SET(l, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    SET(l, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    SET(l, IPPROTO_IPV6, IPV6_RECVERR, 1);
    SET(l, IPPROTO_IPV6, IPV6_MTU_DISCOVER, 1);
    GET(l, IPPROTO_IPV6, IPV6_MTU);
    SET(l, IPPROTO_IPV6, 99, 1);
    GET(l, IPPROTO_IP, IP_TTL);
    SET(l, IPPROTO_IP, IP_TOS, 4);
    GET(l, 77, 1);
    close(l);
}

static void epolls(void) {
    int s[2];
    join(s);
    int e = epoll_create1(0);
    struct epoll_event v = {.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP};
    epoll_ctl(e, EPOLL_CTL_ADD, s[0], &v);
    struct epoll_event out = {0};
    CALL(epoll_wait(e, &out, 1, 0));
    printf("%x\n", out.events);
    CALL(epoll_wait(e, &out, 1, 0));
    send(s[1], "a", 1, 0);
    CALL(epoll_wait(e, &out, 1, 1000));
    printf("%x\n", out.events);
    CALL(epoll_wait(e, &out, 1, 0));
    send(s[1], "b", 1, 0);
    CALL(epoll_wait(e, &out, 1, 1000));
    shutdown(s[1], SHUT_WR);
    CALL(epoll_wait(e, &out, 1, 1000));
    printf("%x\n", out.events);
    CALL(epoll_wait(e, &out, 1, 0));
    close(s[1]);
    CALL(epoll_wait(e, &out, 1, 0));
    close(e);
    close(s[0]);
    // A listener.
    int l = listener(5);
    e = epoll_create1(0);
    v.events = EPOLLIN;
    epoll_ctl(e, EPOLL_CTL_ADD, l, &v);
    CALL(epoll_wait(e, &out, 1, 0));
    int c = to(l);
    CALL(epoll_wait(e, &out, 1, 1000));
    close(c);
    close(l);
    CALL(epoll_wait(e, &out, 1, 0));
    close(e);
}

static void timewait(void) {
    int one = 1;
    int l = listener(5);
    int port = port_of(l);
    int c = to(l);
    int s = accept(l, 0, 0);
    close(s); // this side first: it keeps the port
    close(l);
    char b[1];
    CALL(read(c, b, 1));
    close(c);
    l = tcp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, port);
    CALL(bind(l, (void *)&a, sizeof a));
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(l, (void *)&a, sizeof a));
    close(l);
    // Two connections between the same ends cannot be.
    l = listener(5);
    c = tcp();
    a = at(INADDR_LOOPBACK, 0);
    setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    bind(c, (void *)&a, sizeof a);
    int d = tcp();
    setsockopt(d, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    a = at(INADDR_LOOPBACK, port_of(c));
    CALL(bind(d, (void *)&a, sizeof a));
    a = at(INADDR_LOOPBACK, port_of(l));
    CALL(connect(c, (void *)&a, sizeof a));
    CALL(connect(d, (void *)&a, sizeof a));
    close(c);
    close(d);
    close(l);
    // With itself.
    c = tcp();
    a = at(INADDR_LOOPBACK, 0);
    bind(c, (void *)&a, sizeof a);
    a = at(INADDR_LOOPBACK, port_of(c));
    CALL(connect(c, (void *)&a, sizeof a));
    CALL(write(c, "self", 4));
    char t[8];
    CALL(read(c, t, 8));
    close(c);
}

int main(void) {
    struct sigaction sa = {.sa_handler = on_pipe};
    sigaction(SIGPIPE, &sa, 0);
    setvbuf(stdout, 0, _IOLBF, 0);
    creation();
    binding();
    connecting();
    backlog();
    closing();
    receiving();
    urgent();
    options();
    v6();
    epolls();
    timewait();
    return 0;
}
