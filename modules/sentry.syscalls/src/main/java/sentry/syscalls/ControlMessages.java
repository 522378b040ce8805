package sentry.syscalls;

import java.util.ArrayList;
import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Peer;
import sentry.core.socket.Received;
import sentry.core.socket.Socket;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** The ancillary data of sendmsg(2) and recvmsg(2) (cmsg(3), unix(7)). */
final class ControlMessages {
    private static final int HEADER = Ancillary.HEADER;

    private static final int MAX_FILES = 253;
    /** Most bytes that one message may bring (net.core.optmem_max). */
    private static final int MAX_BYTES = 131072;

    private static final FileDescription[] NONE = {};

    private ControlMessages() {}

    /** Takes what the program wants to go along into {@code message}. */
    static void read(Task task, Socket socket, Outgoing message, long address, long length) throws ErrnoException {
        if (length < 0 || length > MAX_BYTES) {
            throw Errno.ENOBUFS.error();
        }
        byte[] b = new byte[(int) length];
        task.memory().read(address, b, 0, b.length);
        boolean unix = socket.domain() == Sockets.AF_UNIX;
        ArrayList<FileDescription> files = new ArrayList<>();
        boolean ok = false;
        try {
            for (int at = 0; at + HEADER <= b.length; ) {
                long size = Bytes.getLong(b, at);
                if (size < HEADER || size > b.length - at) {
                    throw Errno.EINVAL.error();
                }
                int payload = (int) size - HEADER;
                int level = Bytes.getInt(b, at + 8);
                int kind = Bytes.getInt(b, at + 12);
                if (level != Sockets.SOL_SOCKET) {
                    socket.control(task, message, level, kind, b, at + HEADER, payload);
                } else if (kind == Sockets.SCM_RIGHTS && unix) {
                    rights(task, files, b, at + HEADER, payload);
                } else if (kind == Sockets.SCM_CREDENTIALS && (unix || socket.domain() == Sockets.AF_NETLINK)) {
                    message.says = credentials(task, b, at + HEADER, payload);
                } else if (unix || !ignored(kind)) {
                    throw Errno.EINVAL.error();
                }
                at += (int) size + 7 & -8;
            }
            ok = true;
        } finally {
            FileDescription[] taken = files.toArray(NONE);
            message.files = taken;
            if (!ok) {
                message.dropFiles();
            }
        }
    }

    /** What IP sockets take at level SOL_SOCKET without its meaning anything here (Linux: __sock_cmsg_send). */
    private static boolean ignored(int kind) {
        return kind == Sockets.SCM_RIGHTS
                || kind == Sockets.SCM_CREDENTIALS
                || kind == Sockets.SO_MARK
                || kind == Sockets.SO_TIMESTAMPING;
    }

    private static void rights(Task task, ArrayList<FileDescription> files, byte[] b, int at, int size)
            throws ErrnoException {
        if (size / 4 > MAX_FILES) {
            throw Errno.EINVAL.error();
        }
        for (int i = 0; i + 4 <= size; i += 4) {
            files.add(task.fds().take(Bytes.getInt(b, at + i)));
        }
        if (files.size() > MAX_FILES) {
            throw Errno.EINVAL.error();
        }
    }

    private static Peer credentials(Task task, byte[] b, int at, int size) throws ErrnoException {
        if (size != 12) {
            throw Errno.EINVAL.error();
        }
        var who = task.credentials();
        int pid = Bytes.getInt(b, at);
        int uid = who.userNamespace().kernelUid(Bytes.getInt(b, at + 4));
        int gid = who.userNamespace().kernelGid(Bytes.getInt(b, at + 8));
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

    /**
     * Writes what came along and gives the program the descriptors.
     *
     * @return bytes written; MSG_CTRUNC is added to {@code with.flags} when there was no room for all
     */
    static long write(Task task, Socket socket, Received with, long address, long room, boolean cloexec)
            throws ErrnoException {
        Ancillary out = new Ancillary((int) Math.min(Math.max(room, 0), MAX_BYTES));
        if (with.time != 0) {
            time(socket, with.time, out);
        }
        socket.ancillary(task, with, out);
        FileDescription[] files = with.files;
        if (files.length > 0) {
            with.files = NONE;
            give(task, files, out, cloexec);
        }
        if (out.cut()) {
            with.flags |= Sockets.MSG_CTRUNC;
        }
        if (out.length() > 0) {
            task.memory().write(address, out.bytes(), 0, out.length());
        }
        return out.length();
    }

    private static void time(Socket socket, long time, Ancillary out) {
        boolean nanos = socket.options().has(Sockets.SO_TIMESTAMPNS);
        if (nanos || socket.options().has(Sockets.SO_TIMESTAMP)) {
            byte[] b = new byte[16];
            Bytes.putLong(b, 0, time / 1_000_000_000L);
            Bytes.putLong(b, 8, nanos ? time % 1_000_000_000L : time % 1_000_000_000L / 1000);
            out.add(Sockets.SOL_SOCKET, nanos ? Sockets.SO_TIMESTAMPNS : Sockets.SO_TIMESTAMP, b, b.length);
        }
    }

    private static void give(Task task, FileDescription[] files, Ancillary out, boolean cloexec) {
        int fits = Math.max(0, Math.min(files.length, out.room() / 4));
        byte[] numbers = new byte[4 * fits];
        int given = 0;
        while (given < fits) {
            try {
                int fd = task.fds().install(files[given], 0, cloexec, Descriptors.limit(task));
                Bytes.putInt(numbers, 4 * given, fd);
            } catch (ErrnoException e) {
                break;
            }
            given++;
        }
        for (int i = given; i < files.length; i++) {
            files[i].release();
        }
        if (given < files.length) {
            out.markCut();
        }
        if (given > 0) {
            out.add(Sockets.SOL_SOCKET, Sockets.SCM_RIGHTS, numbers, 4 * given);
        }
    }
}
