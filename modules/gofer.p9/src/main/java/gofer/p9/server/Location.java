package gofer.p9.server;

import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;
import host.linux.Memory;
import host.linux.NativeArea;

/**
 * A file as a request names it: a starting descriptor and a path of checked names. The path lies in host memory,
 * NUL-terminated. Reused from request to request.
 */
final class Location {
    /** openat2 takes at most this much at once (PATH_MAX less the NUL). */
    private static final int CHUNK = 4095;

    private final Host host;
    private final NativeArea area = NativeArea.allocate(Protocol.PATH_LIMIT + 4096);
    private final byte[] path = new byte[Protocol.PATH_LIMIT + 1];
    private int length;
    private int last;
    private int names;
    private Node base;

    Location(Host host) {
        this.host = host;
    }

    /** Reads count[2] name[s]* behind a fid that was found to be {@code node}. */
    void read(Node node, Packet in) throws ProtocolException {
        base = node;
        read(in, in.get16());
    }

    /** Takes one name below {@code node}. */
    void readName(Node node, Packet in) throws ProtocolException {
        base = node;
        read(in, 1);
    }

    /** The file {@code name} in the directory {@code node}. */
    void set(Node node, byte[] name) {
        set(node, name, 0, name.length);
    }

    /** The file in the directory {@code node} whose name is {@code size} bytes of {@code source}. */
    void set(Node node, byte[] source, int from, int size) {
        base = node;
        names = 1;
        last = 0;
        length = size;
        System.arraycopy(source, from, path, 0, size);
        store();
    }

    private void read(Packet in, int count) throws ProtocolException {
        if (count > Protocol.MAX_NAMES) {
            throw ProtocolException.malformed();
        }
        names = count;
        length = 0;
        last = 0;
        for (int i = 0; i < count; i++) {
            int size = in.skipName();
            if (length + size + 1 > Protocol.PATH_LIMIT) {
                throw ProtocolException.malformed();
            }
            if (i > 0) {
                path[length++] = '/';
            }
            last = length;
            System.arraycopy(in.array(), in.position() - size, path, length, size);
            length += size;
        }
        store();
    }

    private void store() {
        path[length] = 0;
        Memory.copy(path, 0, area.address(), length + 1);
    }

    Node base() {
        return base;
    }

    /** Whether the location is its fid itself. */
    boolean isBase() {
        return names == 0;
    }

    /** The last name alone, NUL-terminated. */
    long lastName() {
        return area.address() + last;
    }

    /**
     * A descriptor of the directory that holds {@link #lastName}, or a negated errno. It is given back with
     * {@link #close}.
     */
    int parent() {
        if (names == 0) {
            return -Errors.EINVAL;
        }
        if (!base.isDirectory()) {
            return -Errors.ENOTDIR;
        }
        return names == 1 ? base.fd : walk(last - 1, Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC);
    }

    /** An O_PATH descriptor of the file itself (of a symbolic link too), or a negated errno. */
    int open() {
        if (names == 0) {
            return base.fd;
        }
        if (!base.isDirectory()) {
            return -Errors.ENOTDIR;
        }
        return walk(length, Files.O_PATH | Files.O_NOFOLLOW | Files.O_CLOEXEC);
    }

    /** As {@link #open}, for a directory. */
    int directory() {
        if (!base.isDirectory()) {
            return -Errors.ENOTDIR;
        }
        return names == 0 ? base.fd : walk(length, Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC);
    }

    void close(int fd) {
        if (fd >= 0 && fd != base.fd) {
            Files.close(fd);
        }
    }

    /** Opens {@code path[0, end)}, in pieces when it is longer than the host takes. */
    private int walk(int end, int flags) {
        int fd = base.fd;
        int start = 0;
        while (end - start > CHUNK) {
            int cut = start + CHUNK;
            while (path[cut] != '/') {
                cut--;
            }
            int next = step(fd, start, cut, Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC);
            close(fd);
            if (next < 0) {
                return next;
            }
            fd = next;
            start = cut + 1;
        }
        int result = step(fd, start, end, flags);
        close(fd);
        return result;
    }

    private int step(int fd, int start, int end, int flags) {
        long at = area.address();
        if (end < length) {
            Memory.putByte(at + end, (byte) 0);
        }
        int result = host.openBeneath(fd, at + start, flags);
        if (end < length) {
            Memory.putByte(at + end, (byte) '/');
        }
        return result;
    }

    void free() {
        area.close();
    }
}
