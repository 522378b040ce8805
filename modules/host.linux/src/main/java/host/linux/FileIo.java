package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;

/**
 * Whole small files, directories and links, on top of what {@link Files} has. Paths are plain bytes
 * without a NUL. For the start-up path and for small things; {@code java.nio.file} would decode paths by the locale and
 * loads a hundred classes.
 */
public final class FileIo {
    public static final int LOCK_EX = 2;
    public static final int LOCK_UN = 8;

    private static final int RENAME_NOREPLACE = 1;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int CHUNK = 65536;

    private FileIo() {}

    /** openat(2); always close-on-exec. Returns a descriptor or a negated errno. */
    public static int open(int directory, byte[] path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            long p = CString.of(arena, path).address();
            long r;
            do {
                r = Syscall.call(257, directory, p, flags | Files.O_CLOEXEC, mode);
            } while (r == -EINTR);
            return (int) r;
        }
    }

    /** Whether {@code path} exists when {@code directory} is taken for the root directory, symbolic links included. */
    public static boolean existsInRoot(int directory, byte[] path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(Files.OPEN_HOW_SIZE, 8);
            how.set(ValueLayout.JAVA_LONG, 0, Files.O_PATH | Files.O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, Files.RESOLVE_IN_ROOT);
            long fd = Files.openat2(directory, CString.of(arena, path).address(), how.address());
            if (Syscall.failed(fd)) {
                return false;
            }
            Files.close((int) fd);
            return true;
        }
    }

    /** Returns 0 or a negated errno. */
    public static int makeDirectory(int directory, byte[] path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Syscall.call(258, directory, CString.of(arena, path).address(), mode);
        }
    }

    /** Removes a file, or with {@link Files#AT_REMOVEDIR} an empty directory. Returns 0 or a negated errno. */
    public static int remove(int directory, byte[] path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Syscall.call(263, directory, CString.of(arena, path).address(), flags);
        }
    }

    /** Renames within one directory, replacing what is there. Returns 0 or a negated errno. */
    public static int rename(int directory, byte[] from, byte[] to) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) Syscall.call(
                    264,
                    directory,
                    CString.of(arena, from).address(),
                    directory,
                    CString.of(arena, to).address());
        }
    }

    /** As {@link #rename}, but replaces nothing: EEXIST then. */
    public static int renameNew(int directory, byte[] from, byte[] to) {
        try (Arena arena = Arena.ofConfined()) {
            long old = CString.of(arena, from).address();
            return (int) Files.renameat2(directory, old, directory, CString.of(arena, to).address(), RENAME_NOREPLACE);
        }
    }

    /** flock(2); waits for the lock. */
    public static void lock(int fd, int operation) throws HostException {
        long r;
        do {
            r = Syscall.call(73, fd, operation);
        } while (r == -EINTR);
        HostException.check("flock", r);
    }

    /** The content of a small file, proc files included, or null when it cannot be opened or read. */
    public static byte[] read(int directory, byte[] path) {
        int fd = open(directory, path, Files.O_RDONLY, 0);
        if (fd < 0) {
            return null;
        }
        try {
            return readAll(fd);
        } finally {
            Files.close(fd);
        }
    }

    /** Everything from the descriptor's position to the end, or to where it would block; null on an error. */
    public static byte[] readAll(int fd) {
        byte[] all = new byte[0];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, 8);
            while (true) {
                long n = Syscall.call(0, fd, buffer.address(), CHUNK);
                if (n == -EINTR) {
                    continue;
                }
                if (n == 0 || n == -EAGAIN) {
                    return all;
                }
                if (Syscall.failed(n)) {
                    return null;
                }
                byte[] more = new byte[Math.addExact(all.length, (int) n)];
                System.arraycopy(all, 0, more, 0, all.length);
                MemorySegment.copy(buffer, 0, MemorySegment.ofArray(more), all.length, n);
                all = more;
            }
        }
    }

    /** Writes everything. Returns 0 or a negated errno. */
    public static int write(int fd, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, bytes.length), 1);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
            long done = 0;
            while (done < bytes.length) {
                long n = Syscall.call(1, fd, buffer.address() + done, bytes.length - done);
                if (n == -EINTR) {
                    continue;
                }
                if (Syscall.failed(n)) {
                    return (int) n;
                }
                done += n;
            }
            return 0;
        }
    }

    /** The target of a symbolic link such as /proc/self/cwd, or null. */
    public static byte[] readLink(int directory, byte[] path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096, 1);
            long n = Syscall.call(267, directory, CString.of(arena, path).address(), buffer.address(), 4096);
            if (Syscall.failed(n)) {
                return null;
            }
            byte[] target = new byte[(int) n];
            MemorySegment.copy(buffer, 0, MemorySegment.ofArray(target), 0, target.length);
            return target;
        }
    }

    /** Names in a directory but for "." and "..", or null when it cannot be read. */
    public static byte[][] list(int directory) {
        ArrayList<byte[]> names = new ArrayList<>();
        Syscall.call(8, directory, 0, 0); // lseek to the start: the descriptor may have been read before
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, 8);
            while (true) {
                long n = Syscall.call(217, directory, buffer.address(), CHUNK);
                if (Syscall.failed(n)) {
                    return null;
                }
                if (n == 0) {
                    return names.toArray(new byte[0][]);
                }
                // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name
                for (long at = 0; at < n; ) {
                    int length = buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16) & 0xffff;
                    long end = at + 19;
                    while (buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
                        end++;
                    }
                    byte[] name = buffer.asSlice(at + 19, end - at - 19).toArray(ValueLayout.JAVA_BYTE);
                    boolean dots = name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
                    if (!dots) {
                        names.add(name);
                    }
                    at += length;
                }
            }
        }
    }

    /** An anonymous file in memory, close-on-exec. */
    public static int memory(String name) throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) HostException.check("memfd_create", Syscall.call(319, CString.of(arena, name).address(), 1));
        }
    }

    /** st_mode of a descriptor, or a negated errno. */
    public static int mode(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = arena.allocate(144, 8);
            long r = Syscall.call(5, fd, stat.address());
            return Syscall.failed(r) ? (int) r : stat.get(ValueLayout.JAVA_INT, 24);
        }
    }

    public static boolean isDirectory(int mode) {
        return mode >= 0 && (mode & 0xf000) == 0x4000;
    }
}
