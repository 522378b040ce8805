/* /proc: what programs read there about themselves and the system. */
#include "t.h"
#include <pthread.h>

static char text[200000];

static long slurp(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        text[0] = 0;
        return -1;
    }
    long n = 0, r;
    while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += r;
    text[n] = 0;
    close(fd);
    return n;
}

static long field(const char *name) {
    char *at = strstr(text, name);
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static void *thread(void *arg) {
    char a[64] = "", b[64];
    readlink("/proc/thread-self", a, sizeof a - 1);
    sprintf(b, "%d/task/%d", getpid(), gettid());
    printf("thread-self %d\n", strcmp(a, b) == 0);
    prctl(PR_SET_NAME, "a-thread");
    sprintf(b, "/proc/self/task/%d/comm", gettid());
    slurp(b);
    printf("thread comm %s", text);
    slurp("/proc/self/comm");
    printf("process comm %s", text);
    DIR *d = opendir("/proc/self/task");
    int n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    printf("threads %d\n", n);
    slurp("/proc/self/status");
    printf("Threads %ld\n", field("Threads:"));
    return NULL;
}

static void self(char **argv) {
    char link[PATH_MAX] = "", real[PATH_MAX], number[20];
    sprintf(number, "%d", getpid());
    readlink("/proc/self", link, sizeof link - 1);
    TRUE(strcmp(link, number) == 0);
    memset(link, 0, sizeof link);
    CALL(readlink("/proc/self/exe", link, sizeof link - 1) > 0);
    TRUE(realpath(argv[0], real) && strcmp(link, real) == 0);
    struct stat one, two;
    TRUE(stat("/proc/self/exe", &one) == 0 && stat(real, &two) == 0 && one.st_ino == two.st_ino);
    TRUE(lstat("/proc/self/exe", &one) == 0 && S_ISLNK(one.st_mode));
    chdir("/usr");
    memset(link, 0, sizeof link);
    readlink("/proc/self/cwd", link, sizeof link - 1);
    printf("cwd %s\n", link);
    memset(link, 0, sizeof link);
    readlink("/proc/self/root", link, sizeof link - 1);
    printf("root %s\n", link);
    CALL(access("/proc/self/cwd/bin/env", F_OK));
    CALL(access("/proc/self/root/usr/bin/env", F_OK));

    long n = slurp("/proc/self/cmdline");
    TRUE(n == (long)(strlen(argv[0]) + 1 + strlen(argv[1]) + 1) && strcmp(text, argv[0]) == 0);
    printf("argument %s\n", text + strlen(argv[0]) + 1);
    slurp("/proc/self/environ");
    TRUE(memmem(text, sizeof text, "T_MARK=here", 11) != NULL);
    prctl(PR_SET_NAME, "named");
    slurp("/proc/self/comm");
    printf("comm %s", text);
    int fd = open("/proc/self/comm", O_WRONLY | O_TRUNC);
    CALL(write(fd, "0123456789abcdefgh", 18));
    close(fd);
    slurp("/proc/self/comm");
    printf("comm %s", text);
    slurp("/proc/self/stat");
    int pid, ppid, pgrp, session, fields = 1;
    char state;
    sscanf(text, "%d (0123456789abcde) %c %d %d %d", &pid, &state, &ppid, &pgrp, &session);
    TRUE(pid == getpid() && state == 'R' && ppid == getppid() && pgrp == getpgrp() && session == getsid(0));
    for (char *c = text; *c; c++)
        fields += *c == ' ';
    printf("stat has %d fields\n", fields);
    slurp("/proc/self/statm");
    fields = 1;
    for (char *c = text; *c; c++)
        fields += *c == ' ';
    printf("statm has %d fields\n", fields);
    slurp("/proc/self/status");
    TRUE(field("Pid:") == getpid() && field("PPid:") == getppid() && field("Uid:") == getuid());
    TRUE(field("VmSize:") > 500 && field("VmRSS:") > 20 && field("Threads:") == 1);
    TRUE(strstr(text, "State:\tR (running)") != NULL);
    slurp("/proc/self/limits");
    TRUE(strstr(text, "Max open files") && strstr(text, "Max stack size"));
    slurp("/proc/self/auxv");
    TRUE(((long *)text)[0] != 0);
    slurp("/proc/self/oom_score_adj");
    fd = open("/proc/self/oom_score_adj", O_WRONLY);
    CALL(write(fd, "500", 3));
    CALL(write(fd, "5000", 4));
    CALL(write(fd, "x", 1));
    close(fd);
    slurp("/proc/self/oom_score_adj");
    printf("oom_score_adj %s", text);
}

static void maps(void) {
    static int data = 3;
    int local;
    void *heap = malloc(10);
    char *map = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = open("/usr/bin/env", O_RDONLY);
    char *file = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
    close(fd);
    slurp("/proc/self/maps");
    int code = 0, has_data = 0, stack = 0, has_heap = 0, found = 0, found_file = 0, ordered = 1;
    unsigned long last = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long start, end, offset, ino;
        char perms[5], name[200] = "";
        unsigned major, minor;
        int n = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %199s", &start, &end, perms, &offset, &major, &minor, &ino, name);
        if (n < 7)
            printf("bad line %s\n", line);
        ordered &= start >= last && end > start;
        last = end;
#define IN(p) ((unsigned long)(p) >= start && (unsigned long)(p) < end)
        code |= IN(maps) && perms[2] == 'x' && strstr(name, "procfs");
        has_data |= IN(&data) && !strncmp(perms, "rw", 2);
        stack |= IN(&local) && !strcmp(name, "[stack]") && !strncmp(perms, "rw", 2);
        has_heap |= IN(heap) && !strcmp(name, "[heap]");
        found |= IN(map) && !strcmp(perms, "r--p") && ino == 0;
        found_file |= IN(file) && !strcmp(perms, "r--s") && offset == 4096 && !strcmp(name, "/usr/bin/env") && ino > 0;
    }
    printf("code %d data %d stack %d heap %d anonymous %d file %d ordered %d\n", code, has_data, stack, has_heap, found,
           found_file, ordered);
    slurp("/proc/self/smaps");
    TRUE(strstr(text, "\nRss:") && strstr(text, "\nSize:"));
    fd = open("/proc/self/mem", O_RDWR);
    int value = 0;
    CALL(pread(fd, &value, sizeof value, (long)&data));
    printf("read %d\n", value);
    value = 9;
    CALL(pwrite(fd, &value, sizeof value, (long)&data));
    printf("data %d\n", data);
    CALL(pread(fd, &value, sizeof value, 8));
}

static void descriptors(void) {
    char link[200] = "";
    int fd = open("/usr/bin/env", O_RDONLY | O_CLOEXEC), p[2], n = 0;
    char path[64];
    sprintf(path, "/proc/self/fd/%d", fd);
    readlink(path, link, sizeof link - 1);
    printf("fd -> %s\n", link);
    struct stat st, direct;
    lstat(path, &st);
    printf("mode %o\n", st.st_mode);
    TRUE(stat(path, &st) == 0 && fstat(fd, &direct) == 0 && st.st_ino == direct.st_ino);
    int again = WORKS(open(path, O_RDONLY));
    lseek(fd, 123, SEEK_SET);
    CALL(lseek(again, 0, SEEK_CUR));
    sprintf(path, "/proc/self/fdinfo/%d", fd);
    slurp(path);
    printf("pos %ld flags %s\n", field("pos:"), strstr(text, "flags:\t02100000") ? "right" : text);
    pipe(p);
    sprintf(path, "/proc/self/fd/%d", p[0]);
    memset(link, 0, sizeof link);
    readlink(path, link, sizeof link - 1);
    fstat(p[0], &st);
    char expected[100];
    sprintf(expected, "pipe:[%lu]", (long)st.st_ino);
    TRUE(strcmp(link, expected) == 0);
    sprintf(path, "/proc/self/fd/%d", p[1]);
    int w = WORKS(open(path, O_WRONLY));
    CALL(write(w, "through proc", 12));
    CALL(read(p[0], link, 50));
    char tmp[] = "/tmp/procfs.XXXXXX";
    int t = mkstemp(tmp);
    unlink(tmp);
    sprintf(path, "/proc/self/fd/%d", t);
    memset(link, 0, sizeof link);
    readlink(path, link, sizeof link - 1);
    TRUE(strstr(link, " (deleted)") != NULL);
    write(t, "back", 4);
    int reopened = WORKS(open(path, O_RDONLY));
    memset(link, 0, sizeof link);
    read(reopened, link, 10);
    printf("%s\n", link);
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.' && fcntl(atoi(e->d_name), F_GETFD) >= 0;
    int open_files = 0;
    for (int i = 0; i < 1000; i++)
        open_files += fcntl(i, F_GETFD) >= 0;
    TRUE(n == open_files);
    closedir(d);
    CALL(open("/proc/self/fd/999", O_RDONLY));
    CALL(access("/dev/stdin", F_OK));
    CALL(readlink("/dev/fd", link, 100));
}

static void others(void) {
    pid_t pid = t_fork();
    if (!pid)
        for (;;)
            pause();
    t_sleep(50);
    char path[100];
    sprintf(path, "/proc/%d/status", pid);
    slurp(path);
    TRUE(strstr(text, "State:\tS (sleeping)") && field("PPid:") == getpid());
    int fd = open(path, O_RDONLY);
    sprintf(path, "/proc/%d", pid);
    int dir = open(path, O_RDONLY | O_DIRECTORY);
    int seen = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; (e = readdir(d));)
        seen |= atoi(e->d_name) == pid;
    closedir(d);
    printf("listed %d\n", seen);
    kill(pid, SIGKILL);
    t_sleep(50);
    sprintf(path, "/proc/%d/status", pid);
    slurp(path);
    TRUE(strstr(text, "State:\tZ (zombie)") != NULL);
    sprintf(path, "/proc/%d/cmdline", pid);
    printf("cmdline of a zombie: %ld\n", slurp(path));
    waitpid(pid, NULL, 0);
    CALL(access(path, F_OK));
    char c;
    CALL(read(fd, &c, 1));
    CALL(openat(dir, "status", O_RDONLY));
    sprintf(path, "/proc/%d", pid);
    CALL(open(path, O_RDONLY));
    CALL(open("/proc/99999999/status", O_RDONLY));
    CALL(mkdir("/proc/new", 0755));
    CALL(open("/proc/new", O_CREAT | O_WRONLY, 0644));
    CALL(unlink("/proc/version"));
}

static void system_wide(void) {
    slurp("/proc/meminfo");
    TRUE(field("MemTotal:") > 100000 && field("MemFree:") > 0 && field("MemAvailable:") > 0);
    slurp("/proc/cpuinfo");
    int n = 0;
    for (char *at = text; (at = strstr(at, "processor\t:")); at++)
        n++;
    TRUE(n == sysconf(_SC_NPROCESSORS_CONF));
    TRUE(strstr(text, "flags\t") && strstr(text, " sse2"));
    slurp("/proc/stat");
    TRUE(!strncmp(text, "cpu ", 4) && field("btime ") > 1600000000);
    slurp("/proc/uptime");
    double up = 0, idle = 0;
    TRUE(sscanf(text, "%lf %lf", &up, &idle) == 2 && up > 0);
    slurp("/proc/loadavg");
    double a, b, c;
    int running, all, last;
    TRUE(sscanf(text, "%lf %lf %lf %d/%d %d", &a, &b, &c, &running, &all, &last) == 6 && running >= 1);
    slurp("/proc/version");
    TRUE(!strncmp(text, "Linux version ", 14));
    slurp("/proc/filesystems");
    TRUE(strstr(text, "nodev\tproc\n") && strstr(text, "nodev\ttmpfs\n"));
    slurp("/proc/mounts");
    TRUE(strstr(text, " / ") && strstr(text, " /proc proc "));
    slurp("/proc/self/mountinfo");
    TRUE(strstr(text, " / / ") && strstr(text, " - proc proc "));
    slurp("/proc/sys/kernel/ostype");
    printf("ostype %s", text);
    slurp("/proc/sys/kernel/hostname");
    char host[100];
    gethostname(host, 100);
    TRUE(strlen(text) == strlen(host) + 1 && !strncmp(text, host, strlen(host)));
    printf("uuid has %ld bytes\n", slurp("/proc/sys/kernel/random/uuid"));
    char first[50];
    strcpy(first, text);
    slurp("/proc/sys/kernel/random/uuid");
    TRUE(strcmp(first, text) != 0 && text[14] == '4');
    slurp("/proc/sys/kernel/random/boot_id");
    strcpy(first, text);
    slurp("/proc/sys/kernel/random/boot_id");
    TRUE(strcmp(first, text) == 0);
    slurp("/proc/sys/kernel/cap_last_cap");
    printf("cap_last_cap %s", text);
    slurp("/proc/sys/kernel/ngroups_max");
    printf("ngroups_max %s", text);
    slurp("/proc/sys/vm/overcommit_memory");
    TRUE(text[0] >= '0' && text[0] <= '2');
    int fd = open("/proc/version", O_RDONLY);
    char c1[5], c2[5];
    CALL(pread(fd, c1, 5, 6));
    CALL(lseek(fd, 6, SEEK_SET));
    CALL(read(fd, c2, 5));
    TRUE(memcmp(c1, c2, 5) == 0);
    struct stat st;
    fstat(fd, &st);
    printf("mode %o size %ld\n", st.st_mode, (long)st.st_size);
}

int main(int argc, char **argv) {
    if (argc == 1) {
        char *again[] = {argv[0], "one argument", NULL};
        setenv("T_MARK", "here", 1);
        fflush(stdout);
        execv("/proc/self/exe", again);
        perror("exec");
        return 1;
    }
    t_dir[0] = 0;
    self(argv);
    maps();
    descriptors();
    others();
    system_wide();
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    return 0;
}
