package sentry.core.socket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sockets;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.Namei;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;

/** struct sockaddr_un (unix(7)): a path, a name of the abstract namespace (with its leading NUL), or nothing. */
final class UnixNames {
    private static final int FAMILY = 2;
    /** Bytes of sun_path. */
    private static final int PATH = 108;

    private UnixNames() {}

    /** The name in an address: empty, abstract, or a path without NUL. */
    static byte[] of(byte[] address, int length) throws ErrnoException {
        if (length < FAMILY || length > FAMILY + PATH || Bytes.getShort(address, 0) != Sockets.AF_UNIX) {
            throw Errno.EINVAL.error();
        }
        int n = length - FAMILY;
        if (n > 0 && address[FAMILY] != 0) {
            n = 0;
            while (n < length - FAMILY && address[FAMILY + n] != 0) {
                n++;
            }
        }
        return Arrays.copyOfRange(address, FAMILY, FAMILY + n);
    }

    private static String path(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
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
        socket.boundTo(Arrays.copyOf(name, Math.min(PATH, name.length + 1)));
    }

    /** The socket at an address as {@code by} sees it; ECONNREFUSED when there is none. */
    static UnixSocket find(Task task, UnixSocket by, byte[] name) throws ErrnoException {
        if (name.length == 0) {
            throw Errno.EINVAL.error();
        }
        if (name[0] == 0) {
            return by.findAbstract(name);
        }
        PathWalk w = PathWalk.of(task).resolve(task.fs().cwd(), path(name), PathWalk.FOLLOW);
        Permissions.require(task.credentials(), w.inode(), Permissions.WRITE);
        if (FileMode.isSocket(w.inode().mode()) && w.inode().state().socket() instanceof UnixSocket found) {
            return found;
        }
        throw Errno.ECONNREFUSED.error();
    }

    /** Writes the address with {@code name}; returns its length. */
    static int put(byte[] out, byte[] name) {
        Bytes.putShort(out, 0, Sockets.AF_UNIX);
        System.arraycopy(name, 0, out, FAMILY, name.length);
        return FAMILY + name.length;
    }
}
