package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.memory.ProgramBuffer;
import sentry.core.socket.Peer;
import sentry.core.socket.Received;
import sentry.core.socket.UnixSocket;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitQueue;

/** Messages on sockets: send(2), recv(2), sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2). */
final class MessageSyscalls {
    private static final int MSG_OOB = 1;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_WAITALL = 0x100;
    private static final int MSG_WAITFORONE = 0x10000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    // struct msghdr: name 8, namelen 4, pad 4, iov 8, iovlen 8, control 8, controllen 8, flags 4, pad 4.
    private static final int NAME = 0;
    private static final int NAMELEN = 8;
    private static final int IOV = 16;
    private static final int IOVLEN = 24;
    private static final int CONTROL = 32;
    private static final int CONTROLLEN = 40;
    private static final int FLAGS = 48;
    private static final int MSGHDR = 56;
    /** struct mmsghdr: a msghdr, the length 4, pad 4. */
    private static final int MMSGHDR = 64;

    private static final int MAX_MESSAGES = 1024;
    private static final FileDescription[] NO_FILES = {};

    private MessageSyscalls() {}

    static void install(SyscallTable.Builder table) {
        String only = "on sockets of the Unix domain";
        table.partial(Sys.SENDTO, only, MessageSyscalls::sendto);
        table.partial(Sys.RECVFROM, only, MessageSyscalls::recvfrom);
        table.partial(Sys.SENDMSG, only, (task, a) -> withSocket(task, a, s -> sendmsg(task, s, a.a1, a.i2())));
        table.partial(Sys.RECVMSG, only, (task, a) -> withSocket(task, a, s -> recvmsg(task, s, a.a1, a.i2())));
        table.partial(Sys.SENDMMSG, only, (task, a) -> withSocket(task, a, s -> sendmmsg(task, s, a)));
        table.partial(Sys.RECVMMSG, only, (task, a) -> withSocket(task, a, s -> recvmmsg(task, s, a)));
    }

    @FunctionalInterface
    private interface Use {
        long with(UnixSocket socket) throws ErrnoException;
    }

    private static long withSocket(Task task, SyscallArgs a, Use use) throws ErrnoException {
        UnixSocket s = SocketSyscalls.take(task, a.i0());
        try {
            return use.with(s);
        } finally {
            s.release();
        }
    }

    private static boolean waits(UnixSocket s, int flags) {
        return (flags & MSG_DONTWAIT) == 0 && !Blocking.nonBlocking(s);
    }

    // Sending.

    /** Sends all; what was sent before an error counts. The files belong to the message, whatever happens. */
    private static long send(
            Task task, UnixSocket s, IoBuffer b, UnixSocket to, FileDescription[] files, int flags, Peer says)
            throws ErrnoException {
        if ((flags & MSG_OOB) != 0) {
            ControlMessages.drop(files);
            throw Errno.EOPNOTSUPP.error();
        }
        FileDescription[] along = files;
        long deadline = 0;
        WaitQueue queue = null;
        long done = 0;
        try {
            for (; ; ) {
                if (queue != null) {
                    task.sleeper().prepare();
                }
                long n = s.send(task, b, to, along, flags, says);
                if (n >= 0) {
                    if (n > 0 || s.type() != UnixSocket.STREAM) {
                        along = NO_FILES; // else nothing was queued that could carry them
                    }
                    done += n;
                    if (b.remaining() == 0 || n == 0) {
                        return done;
                    }
                    continue;
                }
                if (!waits(s, flags)) {
                    throw Errno.EAGAIN.error();
                }
                if (queue == null) {
                    deadline = Blocking.deadline(s.writeTimeout());
                    queue = s.roomQueue(to);
                    queue.add(task.waitEntry(), PollEvents.WRITABLE);
                } else {
                    Blocking.sleep(task, deadline);
                }
            }
        } catch (ErrnoException e) {
            if (done > 0) {
                return done;
            }
            throw e;
        } finally {
            if (queue != null) {
                queue.remove(task.waitEntry());
            }
            ControlMessages.drop(along);
        }
    }

    private static UnixSocket target(Task task, UnixSocket s, long address, int length) throws ErrnoException {
        if (address == 0 || length == 0) {
            return null;
        }
        byte[] name = SocketAddress.read(task, address, length);
        if (s.type() == UnixSocket.SEQPACKET) {
            return null; // Linux does not look at it
        }
        if (s.type() == UnixSocket.STREAM) {
            throw (isConnected(s) ? Errno.EISCONN : Errno.EOPNOTSUPP).error();
        }
        UnixSocket to = SocketAddress.find(task, name);
        if (to.type() != s.type()) {
            throw Errno.EPROTOTYPE.error();
        }
        return to;
    }

    private static boolean isConnected(UnixSocket s) {
        try {
            s.peerAddress();
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static long sendto(Task task, SyscallArgs a) throws ErrnoException {
        return withSocket(task, a, s -> {
            UnixSocket to = target(task, s, a.a4, a.i5());
            return send(task, s, Scratch.get().buffer.of(task, a.a1, a.a2), to, NO_FILES, a.i3(), null);
        });
    }

    private static long sendmsg(Task task, UnixSocket s, long header, int flags) throws ErrnoException {
        byte[] h = new byte[MSGHDR];
        task.memory().read(header, h, 0, MSGHDR);
        UnixSocket to = target(task, s, Struct.getLong(h, NAME), Struct.getInt(h, NAMELEN));
        if (Struct.getLong(h, IOVLEN) > ProgramBuffer.MAX_IOVECS) {
            throw Errno.EMSGSIZE.error();
        }
        ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, Struct.getLong(h, IOV), Struct.getLong(h, IOVLEN));
        ControlMessages.Sent along =
                ControlMessages.read(task, Struct.getLong(h, CONTROL), Struct.getLong(h, CONTROLLEN));
        return send(task, s, b, to, along.files(), flags, along.says());
    }

    private static long sendmmsg(Task task, UnixSocket s, SyscallArgs a) throws ErrnoException {
        int count = Math.min(a.i2(), MAX_MESSAGES);
        int done = 0;
        try {
            while (done < count) {
                long at = a.a1 + (long) done * MMSGHDR;
                long n = sendmsg(task, s, at, a.i3());
                task.memory().putInt(at + MSGHDR, (int) n);
                done++;
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    // Receiving.

    private static long receive(Task task, UnixSocket s, IoBuffer b, int flags, Received with) throws ErrnoException {
        if ((flags & MSG_OOB) != 0) {
            // A stream could have such a byte, but never has one here.
            throw (s.type() == UnixSocket.STREAM ? Errno.EINVAL : Errno.EOPNOTSUPP).error();
        }
        boolean all = (flags & MSG_WAITALL) != 0
                && (flags & UnixSocket.MSG_PEEK) == 0
                && s.type() == UnixSocket.STREAM;
        long deadline = 0;
        boolean registered = false;
        long done = 0;
        try {
            for (; ; ) {
                if (registered) {
                    task.sleeper().prepare();
                }
                Received part = done == 0 ? with : new Received();
                long n = s.receive(b, flags, part);
                if (done > 0) {
                    ControlMessages.drop(part.files);
                }
                if (n >= 0) {
                    done += n;
                    if (!all || n == 0 || b.remaining() == 0) {
                        return done;
                    }
                    continue;
                }
                if (!waits(s, flags)) {
                    throw Errno.EAGAIN.error();
                }
                if (!registered) {
                    deadline = Blocking.deadline(s.readTimeout());
                    s.addWaiter(task.waitEntry(), PollEvents.READABLE);
                    registered = true;
                } else {
                    Blocking.sleep(task, deadline);
                }
            }
        } catch (ErrnoException e) {
            if (done > 0) {
                return done;
            }
            throw e;
        } finally {
            if (registered) {
                s.removeWaiter(task.waitEntry());
            }
        }
    }

    private static long recvfrom(Task task, SyscallArgs a) throws ErrnoException {
        return withSocket(task, a, s -> {
            Received with = new Received();
            long n = receive(task, s, Scratch.get().buffer.of(task, a.a1, a.a2), a.i3(), with);
            ControlMessages.drop(with.files);
            if (a.a4 != 0) {
                SocketAddress.write(task, a.a4, a.a5, with.address);
            }
            return n;
        });
    }

    private static long recvmsg(Task task, UnixSocket s, long header, int flags) throws ErrnoException {
        byte[] h = new byte[MSGHDR];
        task.memory().read(header, h, 0, MSGHDR);
        if (Struct.getLong(h, IOVLEN) > ProgramBuffer.MAX_IOVECS) {
            throw Errno.EMSGSIZE.error();
        }
        ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, Struct.getLong(h, IOV), Struct.getLong(h, IOVLEN));
        Received with = new Received();
        long n = receive(task, s, b, flags, with);
        int[] out = {(flags & MSG_CMSG_CLOEXEC) != 0 ? MSG_CMSG_CLOEXEC : 0};
        if (with.truncated) {
            out[0] |= UnixSocket.MSG_TRUNC;
        }
        long control = ControlMessages.write(
                task,
                s,
                with,
                Struct.getLong(h, CONTROL),
                Struct.getLong(h, CONTROLLEN),
                (flags & MSG_CMSG_CLOEXEC) != 0,
                out);
        long name = Struct.getLong(h, NAME);
        if (name != 0) {
            int room = Struct.getInt(h, NAMELEN);
            int length = 0;
            if (with.address != null) {
                byte[] address = SocketAddress.bytes(with.address);
                task.memory().write(name, address, 0, Math.max(0, Math.min(room, address.length)));
                length = address.length;
            }
            task.memory().putInt(header + NAMELEN, length);
        }
        task.memory().putLong(header + CONTROLLEN, control);
        task.memory().putInt(header + FLAGS, out[0]);
        return n;
    }

    private static long recvmmsg(Task task, UnixSocket s, SyscallArgs a) throws ErrnoException {
        int count = Math.min(a.i2(), MAX_MESSAGES);
        int flags = a.i3();
        long deadline = a.a4 == 0 ? Long.MAX_VALUE : Timespec.deadline(Timespec.readNanos(task.memory(), a.a4));
        int done = 0;
        try {
            while (done < count) {
                long at = a.a1 + (long) done * MMSGHDR;
                long n = recvmsg(task, s, at, flags & ~MSG_WAITFORONE);
                task.memory().putInt(at + MSGHDR, (int) n);
                done++;
                if ((flags & MSG_WAITFORONE) != 0) {
                    flags |= MSG_DONTWAIT;
                }
                if (System.nanoTime() - deadline >= 0) {
                    break; // looked at between messages only, says recvmmsg(2)
                }
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }
}
