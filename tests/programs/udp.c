/* UDP over the loopback: udp(7), ip(7), ipv6(7), socket(7), sendmsg(2), recvmsg(2), recvmmsg(2). */
#include "t.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

static struct sockaddr_in at(unsigned addr, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(addr)};
    return a;
}
static int udp(void) { return socket(AF_INET, SOCK_DGRAM, 0); }
static int port_of(int fd) {
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    return getsockname(fd, (void *)&a, &n) ? -1 : ntohs(a.sin_port);
}
static int bound(unsigned addr) {
    int fd = udp();
    struct sockaddr_in a = at(addr, 0);
    if (bind(fd, (void *)&a, sizeof a))
        perror("bind");
    return fd;
}
static void show(const char *what, int fd) {
    struct pollfd p = {fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    int e = p.revents;
    printf("%s:%s%s%s%s%s%s\n", what, e & POLLIN ? " IN" : "", e & POLLPRI ? " PRI" : "", e & POLLOUT ? " OUT" : "",
           e & POLLERR ? " ERR" : "", e & POLLHUP ? " HUP" : "", e & POLLRDHUP ? " RDHUP" : "");
}
static void name(const char *what, int fd, int peer) {
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    int r = peer ? getpeername(fd, (void *)&a, &n) : getsockname(fd, (void *)&a, &n);
    if (r)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %s port %s\n", what, inet_ntoa(a.sin_addr), a.sin_port ? "some" : "none");
}

static void basics(void) {
    char b[100] = {0};
    int fd = udp();
    show("new", fd);
    name("new", fd, 0);
    name("new", fd, 1);
    CALL(send(fd, "x", 1, 0));
    CALL(recv(fd, b, 1, MSG_DONTWAIT));
    CALL(recv(fd, b, 0, MSG_DONTWAIT));
    CALL(read(fd, b, 0));
    CALL(listen(fd, 1));
    CALL(accept(fd, 0, 0));
    CALL(shutdown(fd, SHUT_RD));
    CALL(send(fd, "x", 1, MSG_OOB));
    CALL(recv(fd, b, 1, MSG_DONTWAIT | MSG_OOB));
    CALL(recv(fd, b, 1, MSG_ERRQUEUE));
    close(fd);
    int r = bound(INADDR_LOOPBACK);
    fd = udp();
    struct sockaddr_in a = at(INADDR_LOOPBACK, port_of(r)), from;
    socklen_t n = sizeof from;
    CALL(sendto(fd, "hello", 5, 0, (void *)&a, sizeof a));
    name("sent", fd, 0);
    show("arrived", r);
    int q;
    CALL(ioctl(r, FIONREAD, &q));
    CALL(q);
    CALL(recv(r, b, 100, MSG_PEEK));
    CALL(recv(r, b, 3, MSG_PEEK | MSG_TRUNC));
    CALL(recvfrom(r, b, 3, 0, (void *)&from, &n));
    TRUE(n == sizeof from && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && ntohs(from.sin_port) == port_of(fd));
    CALL(recv(r, b, 3, MSG_DONTWAIT));
    CALL(sendto(fd, "", 0, 0, (void *)&a, sizeof a));
    CALL(recv(r, b, 3, 0));
    CALL(sendto(fd, "x", 1, 0, (void *)&a, 4));
    CALL(sendto(fd, "x", 1, 0, (void *)&a, 200));
    a.sin_family = AF_UNIX;
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    a.sin_family = AF_UNSPEC;
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    a.sin_family = AF_INET6;
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    a.sin_family = AF_INET;
    a.sin_port = 0;
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    static char big[70000];
    a = at(INADDR_LOOPBACK, port_of(r));
    CALL(sendto(fd, big, 65508, 0, (void *)&a, sizeof a));
    CALL(sendto(fd, big, 65507, 0, (void *)&a, sizeof a));
    CALL(sendto(fd, big, 70000, 0, (void *)&a, sizeof a));
    CALL(sendto(fd, (void *)8, 10, 0, (void *)&a, sizeof a));
    recv(r, b, 1, 0);
    recv(r, b, 1, 0);
    CALL(recv(r, big, sizeof big, MSG_DONTWAIT));
    a = at(0x7fffffff, port_of(r));
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, 4);
    CALL(sendto(fd, "x", 1, 0, (void *)&a, sizeof a));
    close(fd);
    close(r);
}

static void connected(void) {
    char b[100] = {0};
    int r = bound(INADDR_ANY), fd = udp();
    struct sockaddr_in a = at(INADDR_ANY, port_of(r));
    CALL(connect(fd, (void *)&a, sizeof a));
    name("connected", fd, 0);
    name("connected", fd, 1);
    CALL(send(fd, "one", 3, 0));
    CALL(recv(r, b, 9, 0));
    struct sockaddr_in me = at(INADDR_LOOPBACK, port_of(fd));
    int other = udp();
    CALL(sendto(other, "stranger", 8, 0, (void *)&me, sizeof me));
    CALL(recv(fd, b, 9, MSG_DONTWAIT));
    CALL(sendto(r, "friend", 6, 0, (void *)&me, sizeof me));
    CALL(recv(fd, b, 9, MSG_DONTWAIT));
    CALL(bind(fd, (void *)&a, sizeof a));
    a.sin_family = AF_UNSPEC;
    CALL(connect(fd, (void *)&a, 2));
    name("disconnected", fd, 0);
    name("disconnected", fd, 1);
    CALL(send(fd, "x", 1, 0));
    CALL(connect(fd, (void *)&a, 1));
    a = at(INADDR_LOOPBACK, 0);
    CALL(connect(fd, (void *)&a, sizeof a));
    name("port 0", fd, 1);
    a = at(0x7fffffff, 9);
    CALL(connect(fd, (void *)&a, sizeof a));
    close(fd);
    // Nobody there.
    fd = udp();
    a = at(INADDR_LOOPBACK, port_of(r));
    connect(fd, (void *)&a, sizeof a);
    close(r);
    CALL(send(fd, "x", 1, 0));
    show("refused", fd);
    CALL(send(fd, "x", 1, 0));
    CALL(send(fd, "x", 1, 0));
    CALL(recv(fd, b, 1, MSG_DONTWAIT));
    CALL(recv(fd, b, 1, MSG_DONTWAIT));
    CALL(send(fd, "x", 1, 0));
    int e = -1;
    socklen_t n = 4;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
    printf("%s\n", strerrorname_np(e));
    show("told", fd);
    // Unconnected ones are not told, but by IP_RECVERR.
    CALL(sendto(other, "x", 1, 0, (void *)&a, sizeof a));
    CALL(sendto(other, "x", 1, 0, (void *)&a, sizeof a));
    int one = 1;
    CALL(setsockopt(other, IPPROTO_IP, IP_RECVERR, &one, 4));
    CALL(sendto(other, "lost", 4, 0, (void *)&a, sizeof a));
    show("with RECVERR", other);
    char control[200];
    struct sockaddr_in from = {0};
    struct iovec v = {b, sizeof b};
    struct msghdr m = {&from, sizeof from, &v, 1, control, sizeof control, 0};
    CALL(recvmsg(other, &m, MSG_ERRQUEUE));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    struct sock_extended_err *x = (void *)CMSG_DATA(c);
    printf("flags %x level %d type %d len %d: %s origin %d type %d code %d\n", m.msg_flags, c->cmsg_level, c->cmsg_type,
           (int)c->cmsg_len, strerrorname_np(x->ee_errno), x->ee_origin, x->ee_type, x->ee_code);
    TRUE(from.sin_port == a.sin_port);
    CALL(recvmsg(other, &m, MSG_ERRQUEUE));
    CALL(recv(other, b, 1, MSG_DONTWAIT));
    CALL(recv(other, b, 1, MSG_DONTWAIT));
    close(other);
    close(fd);
    // shutdown
    r = bound(INADDR_LOOPBACK);
    fd = udp();
    a = at(INADDR_LOOPBACK, port_of(r));
    connect(fd, (void *)&a, sizeof a);
    CALL(shutdown(fd, SHUT_WR));
    CALL(send(fd, "x", 1, MSG_NOSIGNAL));
    show("shut for writing", fd);
    CALL(shutdown(fd, SHUT_RD));
    show("shut", fd);
    CALL(recv(fd, b, 1, 0));
    close(fd);
    close(r);
}

static void ports(void) {
    int one = 1;
    int a = bound(INADDR_LOOPBACK), b = udp();
    struct sockaddr_in x = at(INADDR_LOOPBACK, port_of(a));
    CALL(bind(b, (void *)&x, sizeof x));
    setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(b, (void *)&x, sizeof x));
    setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(b, (void *)&x, sizeof x));
    int s = udp();
    sendto(s, "x", 1, 0, (void *)&x, sizeof x);
    show("first", a);
    show("second", b);
    close(b);
    b = udp();
    x = at(INADDR_ANY, port_of(a));
    setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    CALL(bind(b, (void *)&x, sizeof x));
    CALL(bind(b, (void *)&x, sizeof x));
    x = at(INADDR_LOOPBACK, port_of(a));
    sendto(s, "x", 1, 0, (void *)&x, sizeof x);
    x = at(0x7f000005, port_of(a));
    sendto(s, "x", 1, 0, (void *)&x, sizeof x);
    show("exact", a);
    show("any", b);
    close(a);
    close(b);
    a = udp(), b = udp();
    setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &one, 4);
    setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &one, 4);
    x = at(INADDR_LOOPBACK, 0);
    bind(a, (void *)&x, sizeof x);
    x = at(INADDR_LOOPBACK, port_of(a));
    CALL(bind(b, (void *)&x, sizeof x));
    int got = 0;
    for (int i = 0; i < 40; i++) {
        int t = udp();
        sendto(t, "x", 1, 0, (void *)&x, sizeof x);
        close(t);
    }
    char c;
    int ga = 0, gb = 0;
    while (recv(a, &c, 1, MSG_DONTWAIT) == 1)
        ga++;
    while (recv(b, &c, 1, MSG_DONTWAIT) == 1)
        gb++;
    TRUE(ga + gb == 40);
    TRUE(ga > 0 && gb > 0);
    close(a);
    close(b);
    close(s);
}

static void dump(struct msghdr *m) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        printf("  level %d type %d len %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len);
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo *p = (void *)CMSG_DATA(c);
            printf(" if %d spec %x", p->ipi_ifindex, ntohl(p->ipi_spec_dst.s_addr));
            printf(" addr %x", ntohl(p->ipi_addr.s_addr));
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo *p = (void *)CMSG_DATA(c);
            char t[64];
            printf(" if %d addr %s", p->ipi6_ifindex, inet_ntop(AF_INET6, &p->ipi6_addr, t, 64));
        } else if (c->cmsg_level != SOL_SOCKET && c->cmsg_len == CMSG_LEN(4)) {
            printf(" value %d", *(int *)CMSG_DATA(c));
        } else if (c->cmsg_len == CMSG_LEN(1)) {
            printf(" value %d", *(char *)CMSG_DATA(c));
        }
        printf("\n");
    }
}

static void ancillary(void) {
    int one = 1, v;
    int r = bound(INADDR_ANY), s = udp();
    struct sockaddr_in a = at(0x7f000003, port_of(r)), from;
    setsockopt(r, IPPROTO_IP, IP_PKTINFO, &one, 4);
    setsockopt(r, IPPROTO_IP, IP_RECVTTL, &one, 4);
    setsockopt(r, IPPROTO_IP, IP_RECVTOS, &one, 4);
    setsockopt(r, IPPROTO_IP, IP_RECVORIGDSTADDR, &one, 4);
    setsockopt(r, SOL_SOCKET, SO_TIMESTAMP, &one, 4);
    char b[64], control[256];
    struct iovec w = {b, sizeof b};
    struct msghdr m = {&from, sizeof from, &w, 1, control, sizeof control, 0};
    sendto(s, "abc", 3, 0, (void *)&a, sizeof a);
    CALL(recvmsg(r, &m, 0));
    dump(&m);
    v = 33;
    CALL(setsockopt(s, IPPROTO_IP, IP_TTL, &v, 4));
    v = 8;
    CALL(setsockopt(s, IPPROTO_IP, IP_TOS, &v, 4));
    setsockopt(r, SOL_SOCKET, SO_TIMESTAMPNS, &one, 4);
    sendto(s, "abc", 3, 0, (void *)&a, sizeof a);
    m.msg_controllen = sizeof control;
    w.iov_len = 2;
    CALL(recvmsg(r, &m, 0));
    printf("flags %x\n", m.msg_flags);
    dump(&m);
    sendto(s, "abc", 3, 0, (void *)&a, sizeof a);
    m.msg_controllen = 70;
    CALL(recvmsg(r, &m, 0));
    printf("flags %x control %d\n", m.msg_flags, (int)m.msg_controllen);
    // To be sent.
    struct {
        struct cmsghdr h;
        int value;
        int pad;
    } ttl = {{CMSG_LEN(4), IPPROTO_IP, IP_TTL}, 5};
    struct msghdr out = {&a, sizeof a, &w, 1, &ttl, sizeof ttl, 0};
    CALL(sendmsg(s, &out, 0));
    ttl.value = 0;
    CALL(sendmsg(s, &out, 0));
    ttl.value = 300;
    CALL(sendmsg(s, &out, 0));
    ttl.h.cmsg_type = 99;
    CALL(sendmsg(s, &out, 0));
    ttl.h.cmsg_level = SOL_SOCKET;
    CALL(sendmsg(s, &out, 0));
    ttl.h.cmsg_level = 99;
    CALL(sendmsg(s, &out, 0));
    ttl.h.cmsg_len = 3;
    CALL(sendmsg(s, &out, 0));
    m.msg_controllen = sizeof control;
    CALL(recvmsg(r, &m, 0));
    dump(&m);
    struct {
        struct cmsghdr h;
        struct in_pktinfo p;
    } info = {{CMSG_LEN(sizeof info.p), IPPROTO_IP, IP_PKTINFO}, {.ipi_spec_dst.s_addr = htonl(0x7f000009)}};
    out.msg_control = &info;
    out.msg_controllen = sizeof info;
    while (recv(r, b, 1, MSG_DONTWAIT) >= 0)
        ;
    CALL(sendmsg(s, &out, 0));
    m.msg_namelen = sizeof from;
    CALL(recvmsg(r, &m, 0));
    printf("from %s\n", inet_ntoa(from.sin_addr));
    // Many at once.
    struct mmsghdr mm[4] = {0};
    struct iovec iv[4];
    char bb[4][8];
    for (int i = 0; i < 4; i++) {
        iv[i] = (struct iovec){bb[i], 8};
        mm[i].msg_hdr.msg_iov = &iv[i];
        mm[i].msg_hdr.msg_iovlen = 1;
        mm[i].msg_hdr.msg_name = &a;
        mm[i].msg_hdr.msg_namelen = sizeof a;
    }
    CALL(sendmmsg(s, mm, 3, 0));
    for (int i = 0; i < 4; i++)
        mm[i].msg_hdr.msg_name = 0;
    CALL(recvmmsg(r, mm, 4, MSG_WAITFORONE, 0));
    CALL(mm[0].msg_len);
    CALL(recvmmsg(r, mm, 4, MSG_DONTWAIT, 0));
    struct timespec bad = {0, 1000000000};
    CALL(recvmmsg(r, mm, 4, 0, &bad));
    close(s);
    // Corked.
    s = udp();
    CALL(sendto(s, "ab", 2, MSG_MORE, (void *)&a, sizeof a));
    CALL(recv(r, b, 9, MSG_DONTWAIT));
    CALL(sendto(s, "cd", 2, 0, (void *)&a, sizeof a));
    CALL(recv(r, b, 9, MSG_DONTWAIT));
    printf("%.2s\n", b);
    CALL(setsockopt(s, IPPROTO_UDP, UDP_CORK, &one, 4));
    CALL(sendto(s, "ab", 2, 0, (void *)&a, sizeof a));
    int zero = 0;
    CALL(setsockopt(s, IPPROTO_UDP, UDP_CORK, &zero, 4));
    CALL(recv(r, b, 9, MSG_DONTWAIT));
    CALL(setsockopt(s, IPPROTO_UDP, 77, &zero, 4));
    CALL(setsockopt(s, IPPROTO_TCP, 1, &zero, 4));
    close(s);
    close(r);
    // The buffer's end: what does not fit is lost.
    r = bound(INADDR_LOOPBACK), s = udp();
    v = 4096;
    setsockopt(r, SOL_SOCKET, SO_RCVBUF, &v, 4);
    a = at(INADDR_LOOPBACK, port_of(r));
    for (int i = 0; i < 100; i++)
        sendto(s, b, 64, 0, (void *)&a, sizeof a);
    int n = 0;
    while (recv(r, b, 64, MSG_DONTWAIT) > 0)
        n++;
    TRUE(n > 4 && n < 40);
    // SO_PEEK_OFF.
    v = 0;
    CALL(setsockopt(r, SOL_SOCKET, SO_PEEK_OFF, &v, 4));
    sendto(s, "abcdef", 6, 0, (void *)&a, sizeof a);
    CALL(recv(r, b, 2, MSG_PEEK));
    CALL(recv(r, b, 2, MSG_PEEK));
    printf("%.2s\n", b);
    CALL(recv(r, b, 9, 0));
    printf("%.2s\n", b);
    close(s);
    close(r);
}

static void multicast(void) {
    int r = bound(INADDR_ANY), s = udp(), one = 1;
    struct ip_mreqn q = {{htonl(0xe1020304)}, {0}, 1};
    CALL(setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &q, sizeof q));
    CALL(setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &q, sizeof q));
    CALL(setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &q, 4));
    q.imr_multiaddr.s_addr = htonl(0x7f000001);
    CALL(setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &q, sizeof q));
    q.imr_multiaddr.s_addr = htonl(0xe1020305);
    CALL(setsockopt(r, IPPROTO_IP, IP_DROP_MEMBERSHIP, &q, sizeof q));
    q.imr_ifindex = 77;
    CALL(setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &q, sizeof q));
    struct in_addr lo = {htonl(INADDR_LOOPBACK)};
    CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo));
    struct sockaddr_in a = at(0xe1020304, port_of(r));
    CALL(sendto(s, "many", 4, 0, (void *)&a, sizeof a));
    char b[9];
    CALL(recv(r, b, 9, MSG_DONTWAIT));
    q.imr_multiaddr.s_addr = htonl(0xe1020304);
    q.imr_ifindex = 1;
    CALL(setsockopt(r, IPPROTO_IP, IP_DROP_MEMBERSHIP, &q, sizeof q));
    CALL(sendto(s, "many", 4, 0, (void *)&a, sizeof a));
    CALL(recv(r, b, 9, MSG_DONTWAIT));
    int v;
    socklen_t n = 4;
    CALL(getsockopt(s, IPPROTO_IP, IP_MULTICAST_TTL, &v, &n));
    CALL(v);
    n = 1;
    CALL(getsockopt(s, IPPROTO_IP, IP_MULTICAST_LOOP, &v, &n));
    printf("%d %d\n", n, (char)v);
    close(r);
    close(s);
}

static void v6(void) {
    int r = socket(AF_INET6, SOCK_DGRAM, 0), s = socket(AF_INET6, SOCK_DGRAM, 0), one = 1;
    struct sockaddr_in6 a = {.sin6_family = AF_INET6}, from;
    bind(r, (void *)&a, sizeof a);
    setsockopt(r, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, 4);
    setsockopt(r, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, 4);
    setsockopt(r, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, 4);
    a.sin6_port = htons(port_of(r));
    a.sin6_addr = in6addr_loopback;
    CALL(sendto(s, "six", 3, 0, (void *)&a, sizeof a));
    char b[64], control[256], t[64];
    struct iovec w = {b, sizeof b};
    struct msghdr m = {&from, sizeof from, &w, 1, control, sizeof control, 0};
    CALL(recvmsg(r, &m, 0));
    dump(&m);
    printf("%d %s\n", m.msg_namelen, inet_ntop(AF_INET6, &from.sin6_addr, t, 64));
    int f = udp();
    struct sockaddr_in x = at(INADDR_LOOPBACK, port_of(r));
    CALL(sendto(f, "four", 4, 0, (void *)&x, sizeof x));
    m.msg_controllen = sizeof control;
    CALL(recvmsg(r, &m, 0));
    dump(&m);
    printf("%d %s\n", m.msg_namelen, inet_ntop(AF_INET6, &from.sin6_addr, t, 64));
    CALL(sendto(s, "four", 4, 0, (void *)&x, sizeof x));
    m.msg_controllen = sizeof control;
    CALL(recvmsg(r, &m, 0));
    printf("%d %s\n", m.msg_namelen, inet_ntop(AF_INET6, &from.sin6_addr, t, 64));
    inet_pton(AF_INET6, "fe80::1", &a.sin6_addr);
    CALL(sendto(s, "x", 1, 0, (void *)&a, 20));
    a.sin6_family = AF_UNIX;
    CALL(sendto(s, "x", 1, 0, (void *)&a, sizeof a));
    close(f);
    close(s);
    close(r);
}

static void devices(void) {
    int fd = udp();
    struct ifreq q = {0};
    CALL(ioctl(fd, SIOCGIFNAME, &q));
    q.ifr_ifindex = 1;
    CALL(ioctl(fd, SIOCGIFNAME, &q));
    printf("%s\n", q.ifr_name);
    strcpy(q.ifr_name, "nope");
    CALL(ioctl(fd, SIOCGIFINDEX, &q));
    CALL(ioctl(fd, SIOCGIFFLAGS, &q));
    strcpy(q.ifr_name, "lo");
    CALL(ioctl(fd, SIOCGIFINDEX, &q));
    CALL(q.ifr_ifindex);
    CALL(ioctl(fd, SIOCGIFFLAGS, &q));
    printf("%x\n", q.ifr_flags & 0xffff);
    CALL(ioctl(fd, SIOCGIFMTU, &q));
    CALL(q.ifr_mtu);
    CALL(ioctl(fd, SIOCGIFADDR, &q));
    printf("%s\n", inet_ntoa(((struct sockaddr_in *)&q.ifr_addr)->sin_addr));
    CALL(ioctl(fd, SIOCGIFNETMASK, &q));
    printf("%s\n", inet_ntoa(((struct sockaddr_in *)&q.ifr_addr)->sin_addr));
    CALL(ioctl(fd, SIOCGIFBRDADDR, &q));
    CALL(ioctl(fd, SIOCGIFHWADDR, &q));
    CALL(q.ifr_hwaddr.sa_family);
    CALL(ioctl(fd, SIOCGIFINDEX, 8));
    CALL(ioctl(fd, 0x5401, &q));
    CALL(ioctl(fd, 0x12345, &q));
    CALL(if_nametoindex("lo"));
    close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(ioctl(fd, SIOCGIFINDEX, &q));
    close(fd);
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    basics();
    connected();
    ports();
    ancillary();
    multicast();
    v6();
    devices();
    return 0;
}
