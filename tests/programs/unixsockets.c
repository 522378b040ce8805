/* AF_UNIX sockets: the errors of every call, the three types, descriptors and credentials in messages. */
#include "t.h"
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BAD ((void *)8)

static struct sockaddr_un at(const char *path) {
    struct sockaddr_un a = {AF_UNIX};
    strcpy(a.sun_path, path);
    return a;
}

static int type;
static const char *type_name(void) { return type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "dgram" : "seqpacket"; }

static void making(void) {
    int s[2];
    CALL(socket(AF_UNIX, 0, 0));
    CALL(socket(AF_UNIX, 6, 0));
    CALL(socket(AF_UNIX, 99, 0));
    CALL(socket(AF_UNIX, SOCK_STREAM, 2));
    CALL(socket(AF_UNIX, SOCK_STREAM | 0x10000, 0));
    CALL(socket(99, SOCK_STREAM, 0));
    CALL(socket(-1, SOCK_STREAM, 0));
    int fd = WORKS(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 1));
    printf("%x %x\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    close(fd);
    fd = WORKS(socket(AF_UNIX, SOCK_RAW, 0));
    int value;
    socklen_t len = 4;
    CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len));
    printf("%d\n", value);
    close(fd);
    CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, BAD));
    CALL(socketpair(AF_UNIX, 99, 0, s));
    CALL(socketpair(99, SOCK_STREAM, 0, s));
    CALL(socketpair(AF_UNIX, SOCK_STREAM, 2, s));
    CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s));
    printf("%x %x\n", fcntl(s[1], F_GETFL), fcntl(s[1], F_GETFD));
    close(s[0]), close(s[1]);
}

static void addresses(void) {
    int fd = socket(AF_UNIX, type, 0), other = socket(AF_UNIX, type, 0);
    struct sockaddr_un a = at("socket"), got;
    socklen_t len = sizeof got;
    CALL(getsockname(fd, (void *)&got, &len));
    printf("%d %d\n", got.sun_family, len);
    len = sizeof got;
    CALL(getpeername(fd, (void *)&got, &len));
    CALL(getsockname(fd, BAD, &len));
    CALL(getsockname(fd, (void *)&got, BAD));
    len = -1;
    CALL(getsockname(fd, (void *)&got, &len));
    CALL(bind(fd, (void *)&a, 1));
    CALL(bind(fd, (void *)&a, 0));
    CALL(bind(fd, (void *)&a, 200));
    CALL(bind(fd, BAD, sizeof a));
    a.sun_family = AF_INET;
    CALL(bind(fd, (void *)&a, sizeof a));
    a.sun_family = AF_UNIX;
    struct sockaddr_un none = at("missing/socket"), file = at("file/socket");
    CALL(bind(fd, (void *)&none, sizeof none));
    CALL(bind(fd, (void *)&file, sizeof file));
    CALL(bind(fd, (void *)&a, sizeof a));
    CALL(bind(fd, (void *)&a, sizeof a));
    CALL(bind(other, (void *)&a, sizeof a));
    len = sizeof got;
    CALL(getsockname(fd, (void *)&got, &len));
    printf("%s %d\n", got.sun_path, len);
    len = 4;
    memset(&got, 'z', sizeof got);
    CALL(getsockname(fd, (void *)&got, &len));
    printf("%.4s %d\n", got.sun_path, len);
    struct stat st;
    stat("socket", &st);
    printf("%o\n", st.st_mode);
    CALL(open("socket", O_RDONLY));
    unlink("socket");
    close(fd), close(other);
    /* Abstract names, and one that the kernel chooses. */
    fd = socket(AF_UNIX, type, 0);
    other = socket(AF_UNIX, type, 0);
    struct sockaddr_un abstract = {AF_UNIX};
    int n = offsetof(struct sockaddr_un, sun_path) + 1 + snprintf(abstract.sun_path + 1, 90, "t%d.%d", getpid(), type);
    CALL(bind(fd, (void *)&abstract, n));
    CALL(bind(other, (void *)&abstract, n));
    len = sizeof got;
    getsockname(fd, (void *)&got, &len);
    TRUE(len == n && !memcmp(&got, &abstract, n));
    sa_family_t family = AF_UNIX;
    CALL(bind(other, (void *)&family, sizeof family));
    len = sizeof got;
    getsockname(other, (void *)&got, &len);
    printf("%d %d\n", len, got.sun_path[0]);
    close(fd), close(other);
}

static void connecting(void) {
    int fd = socket(AF_UNIX, type, 0), c = socket(AF_UNIX, type, 0);
    struct sockaddr_un a = at("socket"), none = at("missing"), file = at("file"), inet = at("socket");
    inet.sun_family = AF_INET;
    sa_family_t family = AF_UNIX;
    bind(fd, (void *)&a, sizeof a);
    CALL(connect(c, (void *)&none, sizeof none));
    CALL(connect(c, (void *)&file, sizeof file));
    CALL(connect(c, (void *)&inet, sizeof inet));
    CALL(connect(c, (void *)&a, 1));
    CALL(connect(c, (void *)&family, 2));
    CALL(connect(c, BAD, sizeof a));
    CALL(listen(c, 1));
    CALL(accept(c, NULL, NULL));
    CALL(connect(c, (void *)&a, sizeof a));
    CALL(listen(fd, -1));
    CALL(listen(fd, 5));
    CALL(accept4(fd, NULL, NULL, 7));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CALL(accept(fd, NULL, NULL));
    CALL(connect(c, (void *)&a, sizeof a));
    CALL(connect(c, (void *)&a, sizeof a));
    struct sockaddr_un got;
    socklen_t len = sizeof got;
    if (CALL(getpeername(c, (void *)&got, &len)) == 0)
        printf("%s %d\n", got.sun_path, len);
    if (type != SOCK_DGRAM) {
        len = sizeof got;
        int s = WORKS(accept4(fd, (void *)&got, &len, SOCK_CLOEXEC));
        printf("%d %d %x %x\n", len, got.sun_family, fcntl(s, F_GETFL), fcntl(s, F_GETFD));
        CALL(connect(fd, (void *)&a, sizeof a));
        CALL(connect(s, (void *)&a, sizeof a));
        CALL(listen(s, 1));
        CALL(write(fd, "x", 1));
        CALL(read(fd, &got, 1));
        int value;
        len = 4;
        CALL(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len));
        printf("%d\n", value);
        CALL(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, &value, &len));
        printf("%d\n", value);
        struct ucred u;
        len = sizeof u;
        CALL(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &u, &len));
        printf("%d %d %d\n", u.pid == getpid(), u.uid == getuid(), u.gid == getgid());
        close(s);
        char b;
        CALL(read(c, &b, 1));
        CALL(send(c, "x", 1, MSG_NOSIGNAL));
    }
    close(fd);
    int c2 = socket(AF_UNIX, type, 0);
    CALL(connect(c2, (void *)&a, sizeof a));
    close(c), close(c2);
    unlink("socket");
}

static void backlog(void) {
    if (type == SOCK_DGRAM)
        return;
    int fd = socket(AF_UNIX, type, 0), c[4];
    struct sockaddr_un a = at("socket");
    bind(fd, (void *)&a, sizeof a);
    listen(fd, 1);
    for (int i = 0; i < 4; i++) {
        c[i] = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
        CALL(connect(c[i], (void *)&a, sizeof a));
    }
    close(fd);
    char b;
    CALL(read(c[0], &b, 1));
    for (int i = 0; i < 4; i++)
        close(c[i]);
    unlink("socket");
}

static void data(void) {
    int s[2];
    char b[64] = "", big[300000];
    socketpair(AF_UNIX, type, 0, s);
    CALL(send(s[0], "hello", 5, 0));
    CALL(send(s[0], "world!", 6, 0));
    CALL(recv(s[1], b, 3, MSG_PEEK));
    CALL(recv(s[1], b, 3, MSG_TRUNC));
    CALL(recv(s[1], b, 64, 0));
    printf("%.11s\n", b);
    CALL(recv(s[1], b, 64, MSG_DONTWAIT));
    CALL(recv(s[1], b, 64, MSG_OOB));
    CALL(send(s[1], b, 0, 0));
    CALL(recv(s[0], b, 64, MSG_DONTWAIT));
    CALL(send(s[0], BAD, 5, 0));
    CALL(recv(s[1], BAD, 5, MSG_DONTWAIT));
    CALL(send(s[0], "x", 1, 0));
    CALL(recv(s[1], BAD, 5, MSG_DONTWAIT));
    CALL(recv(s[1], b, 5, MSG_DONTWAIT));
    struct sockaddr_un a = at("socket");
    CALL(sendto(s[0], "x", 1, 0, (void *)&a, sizeof a));
    CALL(lseek(s[0], 0, SEEK_SET));
    CALL(pread(s[0], b, 1, 0));
    CALL(ioctl(s[1], FIONREAD, b));
    printf("%d\n", *(int *)b);
    send(s[0], "abc", 3, 0), send(s[0], "defg", 4, 0);
    CALL(ioctl(s[1], FIONREAD, b));
    printf("%d\n", *(int *)b);
    struct iovec v[2] = {{b, 2}, {b + 2, 10}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    CALL(recvmsg(s[1], &m, 0));
    printf("%x %u\n", m.msg_flags, (unsigned)m.msg_namelen);
    m.msg_iovlen = 1;
    CALL(recvmsg(s[1], &m, MSG_DONTWAIT));
    printf("%x\n", m.msg_flags);
    m.msg_iovlen = 1025;
    CALL(sendmsg(s[0], &m, 0));
    CALL(recvmsg(s[0], &m, 0));
    CALL(sendmsg(s[0], BAD, 0));
    CALL(recvmsg(s[0], BAD, 0));
    while (recv(s[1], b, 64, MSG_DONTWAIT) > 0)
        ;
    memset(big, 1, sizeof big);
    errno = 0;
    long n = send(s[0], big, sizeof big, MSG_DONTWAIT);
    printf("%s %s\n", n > 0 ? "some" : "none", n < 0 ? strerrorname_np(errno) : "");
    while (recv(s[1], big, sizeof big, MSG_DONTWAIT) > 0)
        ;
    CALL(shutdown(s[0], 3));
    CALL(shutdown(s[0], SHUT_RD));
    CALL(send(s[1], "x", 1, MSG_NOSIGNAL));
    CALL(recv(s[0], b, 1, MSG_DONTWAIT));
    CALL(shutdown(s[0], SHUT_WR));
    CALL(send(s[0], "x", 1, MSG_NOSIGNAL));
    CALL(recv(s[1], b, 1, MSG_DONTWAIT));
    close(s[0]);
    CALL(send(s[1], "x", 1, MSG_NOSIGNAL));
    CALL(recv(s[1], b, 1, MSG_DONTWAIT));
    close(s[1]);
    int lone = socket(AF_UNIX, type, 0);
    CALL(send(lone, "x", 1, MSG_NOSIGNAL));
    if (type != SOCK_DGRAM)
        CALL(recv(lone, b, 1, MSG_DONTWAIT));
    CALL(shutdown(lone, SHUT_RDWR));
    CALL(getsockopt(lone, SOL_SOCKET, SO_PEERCRED, BAD, BAD));
    close(lone);
}

static void datagrams(void) {
    int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct sockaddr_un an = at("a"), bn = at("b"), missing = at("missing"), file = at("file"), from;
    char buffer[16];
    bind(a, (void *)&an, sizeof an);
    bind(b, (void *)&bn, sizeof bn);
    CALL(sendto(a, "1", 1, 0, (void *)&bn, sizeof bn));
    socklen_t len = sizeof from;
    CALL(recvfrom(b, buffer, 16, 0, (void *)&from, &len));
    printf("%s %d\n", from.sun_path, len);
    CALL(sendto(a, "1", 1, 0, (void *)&missing, sizeof missing));
    CALL(sendto(a, "1", 1, 0, (void *)&file, sizeof file));
    CALL(sendto(a, "1", 1, 0, (void *)&bn, 1));
    CALL(sendto(a, "1", 1, 0, NULL, 0));
    CALL(connect(a, (void *)&bn, sizeof bn));
    CALL(send(a, "12345", 5, 0));
    CALL(recv(b, buffer, 2, MSG_TRUNC));
    int c = socket(AF_UNIX, SOCK_DGRAM, 0);
    CALL(connect(b, (void *)&an, sizeof an));
    CALL(sendto(c, "1", 1, 0, (void *)&bn, sizeof bn)); /* b listens to a alone */
    struct sockaddr unspec = {AF_UNSPEC};
    CALL(connect(b, &unspec, sizeof unspec));
    CALL(sendto(c, "1", 1, 0, (void *)&bn, sizeof bn));
    len = sizeof from;
    CALL(recvfrom(b, buffer, 16, 0, (void *)&from, &len));
    printf("%d\n", len);
    close(b);
    CALL(send(a, "1", 1, 0));
    CALL(send(a, "1", 1, 0));
    close(a), close(c);
    unlink("a"), unlink("b");
    int st = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(st, (void *)&an, sizeof an);
    listen(st, 1);
    c = socket(AF_UNIX, SOCK_DGRAM, 0);
    CALL(connect(c, (void *)&an, sizeof an));
    CALL(sendto(c, "1", 1, 0, (void *)&an, sizeof an));
    close(c), close(st);
    unlink("a");
}

static void options(void) {
    int s[2], value = 1;
    socklen_t len = 4;
    socketpair(AF_UNIX, type, 0, s);
    int ints[] = {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_PASSCRED, SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_ACCEPTCONN};
    for (int i = 0; i < 9; i++) {
        len = 4;
        value = -1;
        printf("option %d: ", ints[i]);
        CALL(getsockopt(s[0], SOL_SOCKET, ints[i], &value, &len));
        printf("%d %d\n", value, len);
        value = 1;
        CALL(setsockopt(s[0], SOL_SOCKET, ints[i], &value, 4));
        CALL(setsockopt(s[0], SOL_SOCKET, ints[i], &value, 2));
        CALL(setsockopt(s[0], SOL_SOCKET, ints[i], BAD, 4));
        CALL(getsockopt(s[0], SOL_SOCKET, ints[i], BAD, &len));
        CALL(getsockopt(s[0], SOL_SOCKET, ints[i], &value, BAD));
        len = 2;
        CALL(getsockopt(s[0], SOL_SOCKET, ints[i], &value, &len));
        len = -1;
        CALL(getsockopt(s[0], SOL_SOCKET, ints[i], &value, &len));
    }
    len = 4;
    CALL(getsockopt(s[0], SOL_SOCKET, 9999, &value, &len));
    CALL(setsockopt(s[0], SOL_SOCKET, 9999, &value, 4));
    CALL(getsockopt(s[0], 77, 1, &value, &len));
    CALL(setsockopt(s[0], 77, 1, &value, 4));
    value = 10000;
    CALL(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, 4));
    CALL(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &len));
    printf("%d\n", value);
    value = 1;
    setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, 4);
    getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &len);
    printf("%d\n", value);
    struct timeval tv = {1, 1000000}, got;
    len = sizeof got;
    CALL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
    CALL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, 4));
    tv.tv_usec = 40000;
    tv.tv_sec = 0;
    CALL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
    CALL(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len));
    printf("%ld %ld\n", got.tv_sec, got.tv_usec);
    CALL(recv(s[0], &value, 1, 0));
    struct linger l = {1, 5}, m;
    len = sizeof m;
    CALL(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &l, sizeof l));
    CALL(getsockopt(s[0], SOL_SOCKET, SO_LINGER, &m, &len));
    printf("%d %d\n", m.l_onoff, m.l_linger);
    CALL(getsockopt(0, SOL_SOCKET, SO_TYPE, &value, &len));
    CALL(getsockopt(999, SOL_SOCKET, SO_TYPE, &value, &len));
    close(s[0]), close(s[1]);
}

static long send_control(int fd, int kind, const void *data, size_t size, const char *text) {
    char c[CMSG_SPACE(1024 * 4)];
    struct iovec v = {(void *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = CMSG_SPACE(size)};
    memset(c, 0, sizeof c);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = kind;
    h->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(h), data, size);
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static void receive(int fd, size_t room, int flags) {
    char c[512] = "", text[32] = "";
    struct iovec v = {text, 31};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = room};
    errno = 0;
    long n = recvmsg(fd, &m, MSG_DONTWAIT | flags);
    printf("received %ld %s flags %x control %zu:", n, n < 0 ? strerrorname_np(errno) : text, m.msg_flags, m.msg_controllen);
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); n >= 0 && h; h = CMSG_NXTHDR(&m, h)) {
        printf(" type %d length %zu", h->cmsg_type, h->cmsg_len);
        if (h->cmsg_type == SCM_RIGHTS)
            for (unsigned i = 0; i < (h->cmsg_len - CMSG_LEN(0)) / 4; i++) {
                int got = ((int *)CMSG_DATA(h))[i];
                printf(" [flags %x%s]", fcntl(got, F_GETFD), fcntl(got, F_GETFL) >= 0 ? "" : " bad");
                close(got);
            }
        if (h->cmsg_type == SCM_CREDENTIALS) {
            struct ucred *u = (void *)CMSG_DATA(h);
            printf(" [%d %d %d]", u->pid == getpid(), u->uid == getuid(), u->gid == getgid());
        }
    }
    printf("\n");
}

static void control(void) {
    int s[2], fds[300], value = 1;
    socketpair(AF_UNIX, type, 0, s);
    for (int i = 0; i < 300; i++)
        fds[i] = 0;
    CALL(send_control(s[0], SCM_RIGHTS, fds, 4, "one"));
    receive(s[1], 512, 0);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 12, "three"));
    receive(s[1], 512, MSG_CMSG_CLOEXEC);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 12, "cut"));
    receive(s[1], CMSG_SPACE(8), 0);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 8, "no room"));
    receive(s[1], 0, 0);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 8, "peek"));
    receive(s[1], 512, MSG_PEEK);
    receive(s[1], 512, 0);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 253 * 4, "many"));
    char drop[16];
    CALL(recv(s[1], drop, 16, 0));
    CALL(send_control(s[0], SCM_RIGHTS, fds, 254 * 4, "too many"));
    fds[0] = 999;
    CALL(send_control(s[0], SCM_RIGHTS, fds, 4, "bad"));
    fds[0] = -1;
    CALL(send_control(s[0], SCM_RIGHTS, fds, 4, "bad"));
    fds[0] = 0;
    CALL(send_control(s[0], SCM_RIGHTS, fds, 3, "odd"));
    receive(s[1], 512, 0);
    CALL(send_control(s[0], SCM_RIGHTS, fds, 0, "none"));
    receive(s[1], 512, 0);
    CALL(send_control(s[0], 77, fds, 4, "unknown"));
    struct ucred u = {getpid(), getuid(), getgid()};
    CALL(send_control(s[0], SCM_CREDENTIALS, &u, sizeof u, "me"));
    receive(s[1], 512, 0);
    CALL(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &value, 4));
    CALL(send_control(s[0], SCM_CREDENTIALS, &u, sizeof u, "me"));
    receive(s[1], 512, 0);
    CALL(send(s[0], "plain", 5, 0));
    receive(s[1], 512, 0);
    CALL(send_control(s[0], SCM_CREDENTIALS, &u, 4, "short"));
    CALL(send_control(s[0], SCM_RIGHTS, fds, 4, "both"));
    receive(s[1], 512, 0);
    u.pid = 99999999;
    CALL(send_control(s[0], SCM_CREDENTIALS, &u, sizeof u, "nobody"));
    pid_t pid = t_fork();
    if (!pid) {
        setgid(1000);
        setuid(1000);
        u = (struct ucred){getpid(), 0, 0};
        CALL(send_control(s[0], SCM_CREDENTIALS, &u, sizeof u, "root?"));
        u = (struct ucred){getppid(), 1000, 1000};
        CALL(send_control(s[0], SCM_CREDENTIALS, &u, sizeof u, "parent?"));
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    value = 0;
    setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &value, 4);
    char bad[64];
    struct iovec v = {"x", 1};
    struct cmsghdr *h = (void *)bad;
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = bad, .msg_controllen = 64};
    memset(bad, 0, sizeof bad);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = 100;
    CALL(sendmsg(s[0], &m, 0));
    h->cmsg_len = 5;
    CALL(sendmsg(s[0], &m, 0));
    m.msg_control = BAD;
    CALL(sendmsg(s[0], &m, 0));
    m.msg_control = bad;
    h->cmsg_len = CMSG_LEN(4);
    h->cmsg_level = 77;
    CALL(sendmsg(s[0], &m, MSG_DONTWAIT));
    /* Descriptors do not merge with bytes around them. */
    if (type == SOCK_STREAM) {
        while (recv(s[1], bad, 64, MSG_DONTWAIT) > 0)
            ;
        send(s[0], "ab", 2, 0);
        send_control(s[0], SCM_RIGHTS, fds, 4, "cd");
        send(s[0], "ef", 2, 0);
        receive(s[1], 512, 0);
        receive(s[1], 512, 0);
        receive(s[1], 512, 0);
    }
    close(s[0]), close(s[1]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    t_enter();
    close(open("file", O_CREAT | O_RDWR, 0600));
    making();
    int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 3; i++) {
        type = types[i];
        printf("== %s\n", type_name());
        addresses();
        connecting();
        backlog();
        data();
        options();
        control();
    }
    printf("== between datagram sockets\n");
    datagrams();
    t_leave();
    return 0;
}
