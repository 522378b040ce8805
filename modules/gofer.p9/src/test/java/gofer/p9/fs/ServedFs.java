package gofer.p9.fs;

import gofer.p9.Served;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Sockets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.Mount;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;

/** A temporary directory behind a gofer, mounted as a root, and shorthands of what programs do with it. */
final class ServedFs implements AutoCloseable {
    final Path directory;
    final GoferFileSystem fs;
    final VfsPath root;
    private final Thread server;

    ServedFs(CachePolicy policy, boolean readOnly) throws Exception {
        this(Files.createTempDirectory("p9fs"), policy, readOnly);
    }

    ServedFs(Path directory, CachePolicy policy, boolean readOnly) throws Exception {
        this.directory = directory;
        long pair = Sockets.pair(Sockets.SOCK_STREAM);
        server = Served.serve((int) (pair >>> 32), directory, readOnly);
        fs = GoferFileSystem.attach((int) pair, policy, readOnly, null);
        root = new VfsPath(new Mount(1, fs, fs.rootDentry(), "root", 0), fs.rootDentry());
    }

    PathWalk walk() {
        return PathWalk.of(null, root, 0);
    }

    FileDescription open(String path, int flags) throws ErrnoException {
        return Opener.open(walk(), root, path, flags, 0644, 0);
    }

    Stat stat(String path) throws ErrnoException {
        Stat s = new Stat();
        walk().resolve(root, path, PathWalk.FOLLOW).inode().stat(s);
        return s;
    }

    static Stat stat(FileDescription file) throws ErrnoException {
        Stat s = new Stat();
        file.inode().stat(s);
        return s;
    }

    GoferInode inode(String path) throws ErrnoException {
        return (GoferInode) walk().resolve(root, path, 0).inode();
    }

    static String read(FileDescription file) throws ErrnoException {
        try (HostBuffer b = new HostBuffer(1 << 16)) {
            file.read(null, b);
            return b.text();
        }
    }

    static String pread(FileDescription file, long offset) throws ErrnoException {
        try (HostBuffer b = new HostBuffer(1 << 16)) {
            file.pread(null, b, offset);
            return b.text();
        }
    }

    static long write(FileDescription file, String text) throws ErrnoException {
        try (HostBuffer b = new HostBuffer(text)) {
            return file.write(null, b);
        }
    }

    List<String> list(String path) throws ErrnoException {
        FileDescription dir = open(path, 0x10000);
        List<String> names = new ArrayList<>();
        dir.iterate(null, (name, ino, type, next) -> names.add(name));
        dir.release();
        return names;
    }

    long requests() {
        return fs.client.requests();
    }

    static int errno(Thrower what) {
        try {
            what.run();
            return 0;
        } catch (ErrnoException e) {
            return e.errno().number();
        }
    }

    @FunctionalInterface
    interface Thrower {
        void run() throws ErrnoException;
    }

    @Override
    public void close() throws java.io.IOException {
        fs.release();
        fs.client.close();
        try {
            server.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (Files.exists(directory)) {
            try (var all = Files.walk(directory)) {
                for (Path p : (Iterable<Path>) all.sorted(java.util.Comparator.reverseOrder())::iterator) {
                    Files.delete(p);
                }
            }
        }
    }

    /** Host memory as the memory side of a transfer. */
    static final class HostBuffer extends IoBuffer implements AutoCloseable {
        private final NativeArea area;
        private final int size;
        private int at;

        HostBuffer(int size) {
            area = NativeArea.allocate(size);
            this.size = size;
        }

        HostBuffer(String text) {
            this(Math.max(1, text.length()), text);
        }

        private HostBuffer(int room, String text) {
            area = NativeArea.allocate(room);
            size = text.length();
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            Memory.copy(bytes, 0, area.address(), bytes.length);
        }

        String text() {
            byte[] bytes = new byte[at];
            Memory.copy(area.address(), bytes, 0, at);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        @Override
        public long remaining() {
            return size - at;
        }

        @Override
        public int put(byte[] source, int offset, int length) {
            int n = (int) Math.min(length, remaining());
            Memory.copy(source, offset, area.address() + at, n);
            at += n;
            return n;
        }

        @Override
        public long put(long address, long length) throws ErrnoException {
            throw Errno.ENOSYS.error();
        }

        @Override
        public long putZeros(long length) throws ErrnoException {
            throw Errno.ENOSYS.error();
        }

        @Override
        public int get(byte[] target, int offset, int length) {
            int n = (int) Math.min(length, remaining());
            Memory.copy(area.address() + at, target, offset, n);
            at += n;
            return n;
        }

        @Override
        public int peek(byte[] target, int offset, int length) {
            int n = (int) Math.min(length, remaining());
            Memory.copy(area.address() + at, target, offset, n);
            return n;
        }

        @Override
        public long get(long address, long length) throws ErrnoException {
            throw Errno.ENOSYS.error();
        }

        @Override
        public long direct(boolean intoBuffer, long limit, HostTransfer transfer) {
            long n = transfer.run(area.address() + at, Math.min(limit, remaining()), 0);
            if (n > 0) {
                at += (int) n;
            }
            return n;
        }

        @Override
        public void close() {
            area.close();
        }
    }
}
