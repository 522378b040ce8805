package gofer.p9;

import gofer.p9.client.Client;
import gofer.p9.client.Names;
import gofer.p9.client.P9Error;
import gofer.p9.codec.Protocol;
import gofer.p9.server.Export;
import gofer.p9.server.Gofer;
import host.linux.HostException;
import host.linux.NativeArea;
import host.linux.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary directory, a server of it on a thread, and a client that is attached to it as fid {@link #root}. */
public final class Served implements AutoCloseable {
    public final Path directory;
    public final Client client;
    public final int root;
    private final Thread server;

    public Served(boolean readOnly) throws IOException, P9Error {
        this(Files.createTempDirectory("p9test"), readOnly);
    }

    private Served(Path directory, boolean readOnly) throws IOException, P9Error {
        this.directory = directory;
        long pair = Sockets.pair(Sockets.SOCK_STREAM);
        server = serve((int) (pair >>> 32), directory, readOnly);
        client = Client.connect((int) pair, Protocol.DEFAULT_MSIZE);
        root = client.newFid();
        client.attach(root, "", "");
    }

    /** Another connection to the same directory. */
    public Served again(boolean readOnly) throws IOException, P9Error {
        return new Served(directory, readOnly);
    }

    /** Serves {@code directory} on {@code socket}, on a thread. */
    public static Thread serve(int socket, Path directory, boolean readOnly) throws HostException {
        int rootFd = openDirectory(directory);
        Thread thread = new Thread(() -> {
            try {
                Gofer.open(List.of(new Export(socket, rootFd, readOnly))).serve();
            } catch (HostException e) {
                throw new AssertionError(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    public static int openDirectory(Path directory) throws HostException {
        try (NativeArea path = NativeArea.allocate(4096)) {
            int flags = host.linux.Files.O_PATH | host.linux.Files.O_DIRECTORY | host.linux.Files.O_CLOEXEC;
            return (int) HostException.check(
                    "open",
                    host.linux.Files.openat(
                            host.linux.Files.AT_FDCWD, path.putString(0, directory.toString()), flags, 0));
        }
    }

    /** The place of a path below the root. */
    public Names at(String... names) {
        return new Names(root, names);
    }

    public void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text, StandardCharsets.ISO_8859_1);
    }

    /** Reads a donated descriptor from its beginning and closes it. */
    public static String readAndClose(int fd) {
        try (NativeArea area = NativeArea.allocate(65536)) {
            long n = host.linux.Files.pread(fd, area.address(), area.size(), 0);
            byte[] bytes = new byte[(int) n];
            host.linux.Memory.copy(area.address(), bytes, 0, bytes.length);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } finally {
            host.linux.Files.close(fd);
        }
    }

    /** The number of descriptors that this process has open. */
    public static int openDescriptors() {
        String[] names = new java.io.File("/proc/self/fd").list();
        return names == null ? 0 : names.length;
    }

    @Override
    public void close() throws IOException {
        client.close();
        try {
            server.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (server.isAlive()) {
            throw new AssertionError("the server outlives its connection");
        }
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return; // the other connection's close removed it
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path p : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(p);
            }
        }
    }
}
