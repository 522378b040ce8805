package sentry.syscalls;

import java.util.ArrayList;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.socket.Peer;
import sentry.core.socket.Received;
import sentry.core.socket.UnixSocket;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** The ancillary data of sendmsg(2) and recvmsg(2) (cmsg(3), unix(7)). */
final class ControlMessages {
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    /** struct cmsghdr: length 8, level 4, type 4. */
    private static final int HEADER = 16;

    private static final int MAX_FILES = 253;
    private static final int MAX_BYTES = 20480;
    static final int MSG_CTRUNC = 8;

    private static final FileDescription[] NONE = {};

    private ControlMessages() {}

    /**
     * What a message carries.
     *
     * @param files each with a reference
     * @param says what the sender wants to be known as, checked; null when he says nothing
     */
    record Sent(FileDescription[] files, Peer says) {}

    private static final Sent NOTHING = new Sent(NONE, null);

    static Sent read(Task task, long address, long length) throws ErrnoException {
        if (length == 0) {
            return NOTHING;
        }
        if (length < 0 || length > MAX_BYTES) {
            throw Errno.ENOBUFS.error();
        }
        byte[] b = new byte[(int) length];
        task.memory().read(address, b, 0, b.length);
        ArrayList<FileDescription> files = new ArrayList<>();
        Peer says = null;
        boolean ok = false;
        try {
            for (int at = 0; at + HEADER <= b.length; ) {
                long size = Struct.getLong(b, at);
                if (size < HEADER || size > b.length - at) {
                    throw Errno.EINVAL.error();
                }
                if (Struct.getInt(b, at + 8) == SOL_SOCKET) {
                    int payload = (int) size - HEADER;
                    switch (Struct.getInt(b, at + 12)) {
                        case SCM_RIGHTS -> {
                            for (int i = 0; i + 4 <= payload; i += 4) {
                                files.add(task.fds().take(Struct.getInt(b, at + HEADER + i)));
                            }
                            if (files.size() > MAX_FILES) {
                                throw Errno.EINVAL.error();
                            }
                        }
                        case SCM_CREDENTIALS -> says = credentials(task, b, at + HEADER, payload);
                        default -> throw Errno.EINVAL.error();
                    }
                }
                at += (int) size + 7 & -8;
            }
            ok = true;
        } finally {
            if (!ok) {
                drop(files.toArray(NONE));
            }
        }
        return new Sent(files.toArray(NONE), says);
    }

    private static Peer credentials(Task task, byte[] b, int at, int size) throws ErrnoException {
        if (size != 12) {
            throw Errno.EINVAL.error();
        }
        var who = task.credentials();
        int pid = Struct.getInt(b, at);
        int uid = who.userNamespace().kernelUid(Struct.getInt(b, at + 4));
        int gid = who.userNamespace().kernelGid(Struct.getInt(b, at + 8));
        if (uid == -1 || gid == -1) {
            throw Errno.EINVAL.error();
        }
        boolean uidOk = uid == who.uid() || uid == who.euid() || uid == who.suid() || who.capableHere(Capability.SETUID);
        boolean gidOk = gid == who.gid() || gid == who.egid() || gid == who.sgid() || who.capableHere(Capability.SETGID);
        if (pid != task.ownPid()
                        && !who.capableIn(task.namespaces().pid().owner(), Capability.SYS_ADMIN) || !uidOk || !gidOk) {
            throw Errno.EPERM.error();
        }
        Pid named = task.namespaces().pid().find(pid);
        if (named == null || named.task() == null) {
            throw Errno.ESRCH.error();
        }
        return new Peer(named.number(), uid, gid);
    }

    static void drop(FileDescription[] files) {
        for (FileDescription f : files) {
            f.release();
        }
    }

    /**
     * Writes what came along and gives the program the descriptors.
     *
     * @return bytes written; MSG_CTRUNC is added to {@code flags[0]} when there was no room for all
     */
    static long write(Task task, UnixSocket socket, Received with, long address, long room, boolean cloexec, int[] flags)
            throws ErrnoException {
        byte[] b = new byte[(int) Math.min(Math.max(room, 0), MAX_BYTES)];
        int at = 0;
        if (socket.passCredentials) {
            int size = HEADER + 12;
            if (b.length - at >= size) {
                header(b, at, size, SCM_CREDENTIALS);
                var users = task.credentials().userNamespace();
                Struct.putInt(b, at + HEADER, task.namespaces().pid().translate(with.from.pid()));
                Struct.putInt(b, at + HEADER + 4, users.uid(with.from.uid()));
                Struct.putInt(b, at + HEADER + 8, users.gid(with.from.gid()));
                at = Math.min(b.length, at + size + 7 & -8);
            } else {
                flags[0] |= MSG_CTRUNC;
            }
        }
        FileDescription[] files = with.files;
        if (files.length > 0) {
            int fits = Math.max(0, Math.min(files.length, (b.length - at - HEADER) / 4));
            int given = 0;
            while (given < fits) {
                try {
                    int fd = task.fds().install(files[given], 0, cloexec, Descriptors.limit(task));
                    Struct.putInt(b, at + HEADER + 4 * given, fd);
                } catch (ErrnoException e) {
                    break;
                }
                given++;
            }
            for (int i = given; i < files.length; i++) {
                files[i].release();
            }
            if (given < files.length) {
                flags[0] |= MSG_CTRUNC;
            }
            if (given > 0) {
                int size = HEADER + 4 * given;
                header(b, at, size, SCM_RIGHTS);
                at = Math.min(b.length, at + size + 7 & -8);
            }
        }
        if (at > 0) {
            task.memory().write(address, b, 0, at);
        }
        return at;
    }

    private static void header(byte[] b, int at, int size, int type) {
        Struct.putLong(b, at, size);
        Struct.putInt(b, at + 8, SOL_SOCKET);
        Struct.putInt(b, at + 12, type);
    }
}
