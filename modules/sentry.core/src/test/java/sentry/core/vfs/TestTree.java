package sentry.core.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import host.linux.HostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.tmpfs.TmpFileSystem;
import sentry.core.memory.KernelBuffer;
import sentry.core.memory.MemoryFile;
import sentry.core.task.Credentials;

/** A mount tree without tasks, and short names for what tests do with it. */
public final class TestTree {
    private static final MemoryFile MEMORY = memory();

    private final MountNamespace namespace;
    private Credentials who;

    public TestTree(FileSystem root) {
        namespace = new MountNamespace(root, "test", 0);
    }

    /** A tree whose root is an empty tmpfs. */
    public TestTree() {
        this(tmpfs());
    }

    private static MemoryFile memory() {
        try {
            return new MemoryFile();
        } catch (HostException e) {
            throw new AssertionError(e);
        }
    }

    public static TmpFileSystem tmpfs() {
        return new TmpFileSystem(MEMORY, null, TmpFileSystem.Options.DEFAULT);
    }

    public static TmpFileSystem tmpfs(long pages, long inodes) {
        return new TmpFileSystem(MEMORY, null, new TmpFileSystem.Options(pages, inodes, 01777, 0, 0, ""));
    }

    public MountNamespace namespace() {
        return namespace;
    }

    public VfsPath root() {
        return namespace.root();
    }

    /** From here on as user {@code uid} without capabilities; 0 is the kernel again. */
    public void as(int uid) {
        who = uid == 0 ? null : Credentials.of(uid, uid, new int[0], 0);
    }

    public PathWalk walk() {
        return PathWalk.of(who, root(), 022);
    }

    public VfsPath find(String path) throws ErrnoException {
        return walk().resolve(root(), path, PathWalk.FOLLOW).path();
    }

    public VfsPath findLink(String path) throws ErrnoException {
        return walk().resolve(root(), path, 0).path();
    }

    public void mkdir(String path) throws ErrnoException {
        Namei.mkdir(walk(), root(), path, 0777);
    }

    public void symlink(String target, String path) throws ErrnoException {
        Namei.symlink(walk(), target, root(), path);
    }

    public void link(String old, String path) throws ErrnoException {
        Namei.link(walk(), findLink(old), root(), path);
    }

    public void unlink(String path) throws ErrnoException {
        Namei.unlink(walk(), root(), path);
    }

    public void rmdir(String path) throws ErrnoException {
        Namei.rmdir(walk(), root(), path);
    }

    public void rename(String from, String to) throws ErrnoException {
        rename(from, to, 0);
    }

    public void rename(String from, String to, int flags) throws ErrnoException {
        Namei.rename(walk(), root(), from, root(), to, flags);
    }

    public FileDescription open(String path, int flags) throws ErrnoException {
        return Opener.open(walk(), root(), path, flags, 0666, 0);
    }

    public void write(String path, String text) throws ErrnoException {
        FileDescription f = open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC);
        assertEquals(text.length(), put(f, text));
        f.release();
    }

    public String read(String path) throws ErrnoException {
        FileDescription f = open(path, Fcntl.O_RDONLY);
        try {
            return get(f, 1 << 20);
        } finally {
            f.release();
        }
    }

    public static long put(FileDescription f, String text) throws ErrnoException {
        byte[] b = text.getBytes(StandardCharsets.ISO_8859_1);
        return f.write(null, KernelBuffer.of(b, 0, b.length));
    }

    public static long putAt(FileDescription f, String text, long offset) throws ErrnoException {
        byte[] b = text.getBytes(StandardCharsets.ISO_8859_1);
        return f.pwrite(null, KernelBuffer.of(b, 0, b.length), offset);
    }

    public static String get(FileDescription f, int limit) throws ErrnoException {
        byte[] b = new byte[limit];
        long n = f.read(null, KernelBuffer.of(b, 0, limit));
        if (n < 0) {
            throw Errno.EAGAIN.error();
        }
        return new String(b, 0, (int) n, StandardCharsets.ISO_8859_1);
    }

    public Stat stat(String path) throws ErrnoException {
        Stat s = new Stat();
        findLink(path).inode().stat(s);
        return s;
    }

    /** The names in a directory, but for the dots, sorted. */
    public List<String> list(String path) throws ErrnoException {
        FileDescription f = open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        try {
            return list(f);
        } finally {
            f.release();
        }
    }

    /** Lists what is left of an open directory, three entries at a time. */
    public static List<String> list(FileDescription f) throws ErrnoException {
        List<String> names = new ArrayList<>();
        int before;
        do {
            before = names.size();
            int[] room = {3};
            f.iterate(null, (name, ino, type, next) -> {
                if (room[0]-- == 0) {
                    return false;
                }
                names.add(name);
                return true;
            });
        } while (names.size() > before);
        names.remove(".");
        names.remove("..");
        names.sort(null);
        return names;
    }

    /** Something that may fail with an errno. */
    @FunctionalInterface
    public interface Action {
        void run() throws ErrnoException;
    }

    public static void fails(Errno errno, Action action) {
        ErrnoException e = assertThrows(ErrnoException.class, action::run);
        assertEquals(errno, e.errno());
    }
}
