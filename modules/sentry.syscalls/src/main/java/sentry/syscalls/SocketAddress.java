package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.socket.UnixSocket;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.Namei;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;

/** struct sockaddr_un on its way in and out (unix(7)). */
final class SocketAddress {
    static final int AF_UNSPEC = 0;
    static final int AF_UNIX = 1;
    private static final int FAMILY = 2;
    /** Bytes of sun_path. */
    private static final int PATH = 108;

    private SocketAddress() {}

    /** Family of the address, AF_UNSPEC included. */
    static int family(Task task, long address, int length) throws ErrnoException {
        if (length < FAMILY) {
            throw Errno.EINVAL.error();
        }
        return task.memory().getShort(address) & 0xffff;
    }

    /** The name in an address of the Unix domain: empty, abstract (with its leading NUL), or a path without NUL. */
    static byte[] read(Task task, long address, int length) throws ErrnoException {
        if (length < FAMILY || length > FAMILY + PATH) {
            throw Errno.EINVAL.error();
        }
        if (family(task, address, length) != AF_UNIX) {
            throw Errno.EINVAL.error();
        }
        byte[] name = new byte[length - FAMILY];
        task.memory().read(address + FAMILY, name, 0, name.length);
        if (name.length == 0 || name[0] == 0) {
            return name;
        }
        int n = 0;
        while (n < name.length && name[n] != 0) {
            n++;
        }
        return java.util.Arrays.copyOf(name, n);
    }

    private static String path(byte[] name) {
        return new String(name, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    static void bind(Task task, UnixSocket socket, byte[] name) throws ErrnoException {
        if (name.length == 0) {
            socket.bindAny();
            return;
        }
        if (name[0] == 0) {
            socket.bindAbstract(name);
            return;
        }
        PathWalk w = PathWalk.of(task);
        Dentry dentry;
        try {
            dentry = Namei.mknod(w, task.fs().cwd(), path(name), FileMode.S_IFSOCK | 0777, 0);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EEXIST ? Errno.EADDRINUSE.error() : e;
        }
        try {
            socket.requireUnbound(); // Linux finds out this late, too
        } catch (ErrnoException e) {
            Namei.unlink(w, task.fs().cwd(), path(name));
            throw e;
        }
        dentry.inode().state().setSocket(socket);
        byte[] terminated = java.util.Arrays.copyOf(name, Math.min(PATH, name.length + 1));
        socket.boundTo(terminated);
    }

    /** The socket at an address; ECONNREFUSED when there is none. */
    static UnixSocket find(Task task, byte[] name) throws ErrnoException {
        if (name.length == 0) {
            throw Errno.EINVAL.error();
        }
        if (name[0] == 0) {
            return UnixSocket.findAbstract(name);
        }
        PathWalk w = PathWalk.of(task).resolve(task.fs().cwd(), path(name), PathWalk.FOLLOW);
        Permissions.require(task.credentials(), w.inode(), Permissions.WRITE);
        if (FileMode.isSocket(w.inode().mode()) && w.inode().state().socket() instanceof UnixSocket found) {
            return found;
        }
        throw Errno.ECONNREFUSED.error();
    }

    /**
     * Writes an address as getsockname(2) does: cut to the program's room, with the true length in {@code lengthAt}.
     *
     * @param name null writes a length of 0 only
     */
    static void write(Task task, long address, long lengthAt, byte[] name) throws ErrnoException {
        int room = task.memory().getInt(lengthAt);
        if (room < 0) {
            throw Errno.EINVAL.error();
        }
        if (name == null) {
            task.memory().putInt(lengthAt, 0);
            return;
        }
        byte[] b = bytes(name);
        task.memory().write(address, b, 0, Math.min(room, b.length));
        task.memory().putInt(lengthAt, b.length);
    }

    static byte[] bytes(byte[] name) {
        byte[] b = new byte[FAMILY + name.length];
        b[0] = AF_UNIX;
        System.arraycopy(name, 0, b, FAMILY, name.length);
        return b;
    }
}
