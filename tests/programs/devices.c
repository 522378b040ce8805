/* Character devices, wherever their nodes are. */
#include "t.h"

static void play(const char *path) {
    char b[64];
    memset(b, 'x', sizeof b);
    int fd = open(path, O_RDWR);
    printf("%s: open %s\n", path, fd < 0 ? strerrorname_np(errno) : "works");
    if (fd < 0)
        return;
    long n = CALL(read(fd, b, 32));
    int zeros = 0, xs = 0;
    for (int i = 0; i < 64; i++) {
        zeros += b[i] == 0;
        xs += b[i] == 'x';
    }
    printf("  zeros %s, untouched %d\n", zeros >= 32 ? "all" : "few", xs >= 32);
    CALL(write(fd, b, 64));
    CALL(lseek(fd, 10, SEEK_SET));
    CALL(ioctl(fd, TCGETS, b));
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CALL(poll(&p, 1, 0));
    printf("  revents %x\n", p.revents & (POLLIN | POLLOUT));
    CALL(ftruncate(fd, 0));
    CALL(fsync(fd));
    close(fd);
}

int main(void) {
    t_enter();
    play("/dev/null");
    play("/dev/zero");
    play("/dev/full");
    play("/dev/random");
    play("/dev/urandom");
    if (geteuid() == 0) {
        CALL(mknod("mynull", S_IFCHR | 0666, 0x103));
        play("mynull");
        CALL(mknod("myzero", S_IFCHR | 0666, 0x105));
        play("myzero");
        CALL(mknod("none", S_IFCHR | 0666, 0xc807));
        CALL(open("none", O_RDWR));
    }
    char one[16], two[16];
    int fd = open("/dev/urandom", O_RDONLY);
    read(fd, one, 16);
    read(fd, two, 16);
    TRUE(memcmp(one, two, 16) != 0);
    char *big = calloc(1, 1 << 20);
    TRUE(read(fd, big, 1 << 20) == 1 << 20);
    CALL(open("/dev/null", O_CREAT | O_TRUNC | O_WRONLY, 0644) >= 0);
    CALL(open("/dev/null", O_DIRECTORY));
    fd = open("/dev/zero", O_RDWR);
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    TRUE(p != MAP_FAILED);
    if (p != MAP_FAILED) {
        p[5000] = 1;
        printf("%d %d\n", p[0], p[5000]);
    }
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    TRUE(p != MAP_FAILED);
    if (p != MAP_FAILED) {
        pid_t pid = t_fork();
        if (!pid) {
            p[1] = 7;
            _exit(0);
        }
        t_reap("child", pid);
        printf("%d\n", p[1]);
    }
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open("/dev/null", O_RDONLY), 0));
    t_leave();
    return 0;
}
