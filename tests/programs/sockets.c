/* Sockets of the Unix domain: pairs, names, datagrams, packets, what travels along, options, polling. */
#include "t.h"
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

static char b[300000];
static int s[2];

static void pair(int type) { WORKS(socketpair(AF_UNIX, type, 0, s)); }

static void part(void) {
    close(s[0]);
    close(s[1]);
}

/* What poll(2) says of fd now. */
static void state(int fd, int events) {
    struct pollfd p = {fd, events};
    int n = poll(&p, 1, 0);
    printf("poll %d: %x\n", n, p.revents);
}

static void streams(void) {
    int n;
    pair(SOCK_STREAM);
    CALL(socketpair(AF_UNIX, 99, 0, s + 0));
    CALL(socket(AF_UNIX, SOCK_STREAM, 5));
    CALL(write(s[0], "hello", 5));
    CALL(ioctl(s[1], FIONREAD, &n));
    printf("%d bytes wait\n", n);
    CALL(recv(s[1], b, 3, MSG_PEEK));
    CALL(read(s[1], b, 100));
    CALL(recv(s[1], b, 10, MSG_DONTWAIT));
    state(s[0], POLLIN | POLLOUT | POLLRDHUP);
    CALL(lseek(s[0], 0, SEEK_SET));
    CALL(shutdown(s[0], SHUT_WR));
    state(s[1], POLLIN | POLLOUT | POLLRDHUP);
    CALL(read(s[1], b, 1));
    CALL(write(s[0], "x", 1));
    CALL(write(s[1], "back", 4));
    CALL(read(s[0], b, 10));
    CALL(shutdown(s[0], 9));
    close(s[0]);
    state(s[1], POLLIN | POLLOUT | POLLRDHUP);
    CALL(write(s[1], "x", 1));
    close(s[1]);
    pair(SOCK_STREAM);
    CALL(write(s[0], "unread", 6));
    close(s[1]);
    CALL(read(s[0], b, 1));
    CALL(read(s[0], b, 1));
    close(s[0]);
    pair(SOCK_STREAM);
    pid_t child = t_fork();
    if (child == 0) {
        long total = 0, n;
        close(s[0]);
        while ((n = read(s[1], b, 7000)) > 0)
            total += n;
        printf("the child got %ld\n", total);
        fflush(stdout);
        _exit(0);
    }
    close(s[1]);
    CALL(write(s[0], b, 300000));
    CALL(write(s[0], b, 300000));
    close(s[0]);
    t_reap("reader", child);
}

static int send_fd(int to, int fd) {
    struct iovec v = {"F", 1};
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(h), &fd, sizeof fd);
    return sendmsg(to, &m, 0);
}

static int receive_fd(int from, int room) {
    struct iovec v = {b, 10};
    char control[100];
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
    int fd = -1, n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
    printf("%d bytes, control %ld, flags %x\n", n, (long)m.msg_controllen, m.msg_flags);
    if (n > 0 && m.msg_controllen >= CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

static void descriptors(void) {
    int ends[2];
    pair(SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
    CALL(fcntl(s[0], F_GETFD));
    CALL(fcntl(s[0], F_GETFL));
    CALL(read(s[0], b, 1));
    pipe(ends);
    CALL(send_fd(s[0], ends[1]));
    close(ends[1]);
    int got = receive_fd(s[1], CMSG_SPACE(sizeof(int)));
    CALL(fcntl(got, F_GETFD));
    CALL(write(got, "by way of", 9));
    CALL(read(ends[0], b, 100));
    close(got);
    CALL(read(ends[0], b, 100)); /* nobody else holds the writing end */
    CALL(send_fd(s[0], ends[0]));
    receive_fd(s[1], 0);
    CALL(send_fd(s[0], 999));
    CALL(send_fd(s[0], ends[0]));
    CALL(write(s[0], "abc", 3));
    CALL(recv(s[1], b, 100, 0));
    CALL(recv(s[1], b, 100, 0));
    CALL(send_fd(s[0], ends[0]));
    part();
}

static void named(void) {
    struct sockaddr_un un = {AF_UNIX, "sock"}, name;
    struct ucred peer;
    struct stat st;
    socklen_t l;
    int n, listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(listen(listener, 5));
    CALL(connect(client, (void *)&un, sizeof un));
    CALL(bind(listener, (void *)&un, sizeof un));
    CALL(bind(listener, (void *)&un, sizeof un));
    CALL(bind(other, (void *)&un, sizeof un));
    CALL(connect(client, (void *)&un, sizeof un));
    CALL(accept(listener, 0, 0));
    CALL(listen(listener, 5));
    CALL(accept4(listener, 0, 0, 99));
    state(listener, POLLIN | POLLOUT);
    CALL(connect(client, (void *)&un, sizeof un));
    CALL(connect(client, (void *)&un, sizeof un));
    state(listener, POLLIN | POLLOUT);
    l = sizeof name;
    int served = WORKS(accept(listener, (void *)&name, &l));
    printf("the client's address has %d bytes\n", l);
    CALL(write(client, "to server", 9));
    CALL(read(served, b, 100));
    CALL(write(served, "to client", 9));
    CALL(read(client, b, 100));
    l = sizeof name;
    CALL(getsockname(served, (void *)&name, &l));
    printf("%d bytes, %s\n", l, name.sun_path);
    l = sizeof name;
    CALL(getpeername(client, (void *)&name, &l));
    printf("%d bytes\n", l);
    l = sizeof name;
    CALL(getpeername(listener, (void *)&name, &l));
    l = sizeof peer;
    CALL(getsockopt(served, SOL_SOCKET, SO_PEERCRED, &peer, &l));
    TRUE(peer.pid == getpid());
    l = sizeof n;
    CALL(getsockopt(served, SOL_SOCKET, SO_TYPE, &n, &l));
    printf("type %d\n", n);
    CALL(getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &n, &l));
    printf("accepts %d\n", n);
    CALL(getsockopt(served, SOL_SOCKET, 9999, &n, &l));
    CALL(stat("sock", &st));
    printf("mode %o\n", st.st_mode);
    CALL(open("sock", O_RDWR));
    close(listener);
    CALL(connect(other, (void *)&un, sizeof un));
    CALL(unlink("sock"));
    CALL(connect(other, (void *)&un, sizeof un));
    CALL(write(client, "still", 5));
    CALL(read(served, b, 10));
    CALL(bind(other, (void *)&un, 1));
    CALL(bind(other, (void *)&un, 200));
    close(served);
    close(client);
    close(other);
    int file = open(".", O_RDONLY);
    CALL(listen(file, 1));
    close(file);
}

static void datagrams(void) {
    struct sockaddr_un un = {AF_UNIX}, name;
    socklen_t l;
    memcpy(un.sun_path, "\0t-sockets", 10);
    int server = socket(AF_UNIX, SOCK_DGRAM, 0), client = socket(AF_UNIX, SOCK_DGRAM, 0), n;
    CALL(bind(server, (void *)&un, 2 + 10));
    CALL(bind(client, (void *)&un, 2 + 10));
    CALL(sendto(client, "dgram", 5, 0, (void *)&un, 12));
    l = sizeof name;
    CALL(recvfrom(server, b, 100, 0, (void *)&name, &l));
    printf("from %d bytes\n", l);
    CALL(bind(client, (void *)&un, 2));
    l = sizeof name;
    CALL(getsockname(client, (void *)&name, &l));
    printf("bound to %d bytes\n", l);
    CALL(connect(client, (void *)&un, 12));
    CALL(send(client, "one", 3, 0));
    CALL(send(client, "", 0, 0));
    CALL(send(client, "three", 5, 0));
    l = sizeof name;
    CALL(recvfrom(server, b, 2, MSG_TRUNC, (void *)&name, &l));
    printf("from %d bytes\n", l);
    CALL(recv(server, b, 10, 0));
    CALL(recv(server, b, 10, MSG_PEEK));
    CALL(recv(server, b, 10, 0));
    CALL(recv(server, b, 10, MSG_DONTWAIT));
    for (n = 0; send(client, "q", 1, MSG_DONTWAIT) == 1; n++)
        ;
    printf("%d fit, then %s\n", n, strerrorname_np(errno));
    state(client, POLLOUT);
    CALL(send(client, b, 300000, MSG_DONTWAIT));
    close(server);
    CALL(send(client, "x", 1, 0));
    CALL(listen(client, 1));
    close(client);
}

static void packets(void) {
    pair(SOCK_SEQPACKET);
    CALL(write(s[0], "one", 3));
    CALL(write(s[0], "twotwo", 6));
    CALL(read(s[1], b, 100));
    CALL(read(s[1], b, 2));
    CALL(recv(s[1], b, 10, MSG_DONTWAIT));
    close(s[0]);
    CALL(read(s[1], b, 10));
    close(s[1]);
}

static void options(void) {
    struct iovec v = {b, 10};
    char control[100];
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct ucred who;
    struct timeval t = {0, 30000};
    int on = 1, i;
    pair(SOCK_STREAM);
    CALL(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CALL(setsockopt(s[1], SOL_SOCKET, 12345, &on, sizeof on));
    CALL(write(s[0], "c", 1));
    CALL(recvmsg(s[1], &m, 0));
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    memcpy(&who, CMSG_DATA(h), sizeof who);
    printf("control %ld type %d\n", (long)m.msg_controllen, h->cmsg_type);
    TRUE(who.pid == getpid());
    CALL(setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    CALL(read(s[1], b, 1));
    struct mmsghdr mm[3] = {0};
    struct iovec mv[3] = {{b, 1}, {b, 2}, {b, 3}};
    for (i = 0; i < 3; i++) {
        mm[i].msg_hdr.msg_iov = &mv[i];
        mm[i].msg_hdr.msg_iovlen = 1;
    }
    CALL(sendmmsg(s[0], mm, 3, 0));
    printf("the third has %d\n", mm[2].msg_len);
    CALL(read(s[1], b, 100));
    int ep = epoll_create1(0);
    struct epoll_event e = {EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP};
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e));
    CALL(epoll_wait(ep, &e, 1, 0));
    printf("events %x\n", e.events);
    CALL(write(s[0], "e", 1));
    CALL(epoll_wait(ep, &e, 1, 0));
    printf("events %x\n", e.events);
    CALL(epoll_wait(ep, &e, 1, 0));
    close(s[0]);
    CALL(epoll_wait(ep, &e, 1, 0));
    printf("events %x\n", e.events);
    close(s[1]);
    close(ep);
}

int main(void) {
    t_enter();
    signal(SIGPIPE, SIG_IGN);
    streams();
    descriptors();
    named();
    datagrams();
    packets();
    options();
    t_leave();
    return 0;
}
