/* How mappings split and join, as /proc/self/maps shows it. */
#include "t.h"
#include <sys/shm.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *room;
#define PAGES 64

/* Prints what is mapped in the room, in pages from its start. */
static void show(const char *what) {
    static char buffer[1 << 18];
    int fd = open("/proc/self/maps", O_RDONLY), n = 0;
    for (int r; (r = read(fd, buffer + n, sizeof buffer - 1 - n)) > 0;)
        n += r;
    close(fd);
    buffer[n] = 0;
    printf("%s:", what);
    for (char *line = buffer; *line;) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        unsigned long a, b, offset, inode;
        char perms[5], device[10], name[300] = "";
        sscanf(line, "%lx-%lx %4s %lx %9s %lu %299[^\n]", &a, &b, perms, &offset, device, &inode, name);
        if (a >= (unsigned long)room && b <= (unsigned long)room + PAGES * PAGE) {
            char *base = strrchr(name, '/');
            printf(" %ld-%ld %s", (long)(a - (long)room) / PAGE, (long)(b - (long)room) / PAGE, perms);
            if (offset)
                printf(" +%lx", offset);
            if (base)
                printf(" %s", base);
            printf(";");
        }
        line = next ? next : line + strlen(line);
    }
    puts("");
}

static void *at(int page) { return room + page * PAGE; }

static void map(int from, int n, int prot, int flags, int fd, long offset) {
    if (mmap(at(from), n * PAGE, prot, flags | MAP_FIXED, fd, offset) != at(from))
        printf("mmap %d: %s\n", from, strerrorname_np(errno));
}

static void clear(void) { munmap(room, PAGES * PAGE); }

int main(void) {
    t_enter();
    room = mmap(NULL, (PAGES + 200) * PAGE, PROT_NONE, ANON, -1, 0);
    munmap(room, (PAGES + 200) * PAGE);
    room += 100 * PAGE;
    show("nothing");
    map(0, 4, RW, ANON, -1, 0);
    map(4, 4, RW, ANON, -1, 0);
    show("two joined");
    map(10, 2, RW, ANON, -1, 0);
    map(8, 2, RW, ANON, -1, 0);
    show("gap closed");
    map(12, 2, PROT_READ, ANON, -1, 0);
    show("other rights");
    mprotect(at(12), 2 * PAGE, RW);
    show("same rights");
    mprotect(at(4), 2 * PAGE, PROT_READ);
    show("cut in three");
    mprotect(at(5), 4 * PAGE, PROT_READ);
    show("more of it");
    mprotect(at(0), 14 * PAGE, RW);
    show("one again");
    munmap(at(6), PAGE);
    show("hole");
    map(6, 1, RW, ANON, -1, 0);
    show("hole filled");
    map(6, 1, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    show("shared inside");
    map(6, 1, RW, ANON | MAP_NORESERVE, -1, 0);
    show("no reserve inside");
    map(6, 1, RW, ANON, -1, 0);
    mlock(at(2), 2 * PAGE);
    show("locked");
    munlock(at(0), 14 * PAGE);
    show("unlocked");
    madvise(at(3), PAGE, MADV_DONTFORK);
    show("not for children");
    madvise(at(0), 14 * PAGE, MADV_DOFORK);
    show("for children");
    madvise(at(3), PAGE, MADV_WIPEONFORK);
    madvise(at(5), PAGE, MADV_DONTDUMP);
    show("advice");
    madvise(at(3), PAGE, MADV_KEEPONFORK);
    madvise(at(5), PAGE, MADV_DODUMP);
    show("advice taken back");
    clear();
    /* Files. */
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 100 * PAGE);
    map(0, 4, RW, MAP_SHARED, fd, 0);
    map(4, 4, RW, MAP_SHARED, fd, 4 * PAGE);
    show("file goes on");
    map(8, 4, RW, MAP_SHARED, fd, 4 * PAGE);
    show("file does not go on");
    map(12, 4, RW, MAP_PRIVATE, fd, 8 * PAGE);
    show("private");
    int again = open("f", O_RDWR);
    map(16, 4, RW, MAP_PRIVATE, again, 12 * PAGE);
    show("another description");
    munmap(at(2), PAGE);
    show("file with a hole");
    map(2, 1, RW, MAP_SHARED, fd, 2 * PAGE);
    show("file whole");
    int ro = open("f", O_RDONLY);
    map(20, 2, PROT_READ, MAP_SHARED, ro, 0);
    show("read-only description");
    mprotect(at(0), 4 * PAGE, PROT_READ);
    show("file with two rights");
    unlink("f");
    show("no name");
    clear();
    /* Moving. */
    map(0, 4, RW, ANON, -1, 0);
    map(8, 4, RW, ANON, -1, 0);
    mremap(at(0), 4 * PAGE, 8 * PAGE, 0);
    show("grown into its neighbour");
    mremap(at(0), 12 * PAGE, 6 * PAGE, 0);
    show("shrunk");
    mremap(at(2), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(20));
    show("moved from the middle");
    mremap(at(20), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(2));
    show("moved back");
    mremap(at(4), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, at(30));
    show("moved and kept");
    clear();
    map(10, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
    show("grows down");
    clear();
    int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
    shmat(id, at(0), 0);
    shmat(id, at(3), SHM_RDONLY);
    shmctl(id, IPC_RMID, NULL);
    mprotect(at(1), PAGE, PROT_READ);
    printf("%d\n", 1);
    shmdt(at(3));
    munmap(at(0), PAGE);
    clear();
    map(0, 1, PROT_NONE, ANON, -1, 0);
    map(1, 1, PROT_EXEC, ANON, -1, 0);
    map(2, 1, PROT_WRITE, ANON, -1, 0);
    map(3, 1, PROT_READ | PROT_WRITE | PROT_EXEC, ANON, -1, 0);
    show("all rights");
    map(4, 1, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    map(5, 1, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    show("shared do not join");
    t_leave();
    return 0;
}
