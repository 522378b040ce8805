package sentry.syscalls;

import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.abi.Sys;
import sentry.core.memory.ProgramBuffer;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Received;
import sentry.core.socket.Socket;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitQueue;

/** Messages on sockets: send(2), recv(2), sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2). */
final class MessageSyscalls {
    private static final int MSG_DONTWAIT = Sockets.MSG_DONTWAIT;
    /** Flags that the kernel alone uses between its layers: a program's are ignored (MSG_INTERNAL_SENDMSG_FLAGS). */
    private static final int INTERNAL = 0x8000000 | 0x10000000 | 0x80000 | 0x2000000;

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

    private MessageSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SENDTO, MessageSyscalls::sendto);
        table.full(Sys.RECVFROM, MessageSyscalls::recvfrom);
        table.full(Sys.SENDMSG, (task, a) -> withSocket(task, a, s -> sendmsg(task, s, a.a1, a.i2())));
        table.full(Sys.RECVMSG, (task, a) -> withSocket(task, a, s -> recvmsg(task, s, a.a1, a.i2())));
        table.full(Sys.SENDMMSG, (task, a) -> withSocket(task, a, s -> sendmmsg(task, s, a)));
        table.full(Sys.RECVMMSG, (task, a) -> withSocket(task, a, s -> recvmmsg(task, s, a)));
    }

    @FunctionalInterface
    private interface Use {
        long with(Socket socket) throws ErrnoException;
    }

    private static long withSocket(Task task, SyscallArgs a, Use use) throws ErrnoException {
        Socket s = SocketSyscalls.take(task, a.i0());
        try {
            return use.with(s);
        } finally {
            s.release();
        }
    }

    private static boolean waits(Socket s, int flags) {
        return (flags & MSG_DONTWAIT) == 0 && !Blocking.nonBlocking(s);
    }

    // Sending.

    /** Sends all; what was sent before an error counts. The files belong to the message, whatever happens. */
    private static long send(Task task, Socket s, IoBuffer b, Outgoing message, int flags) throws ErrnoException {
        long deadline = 0;
        WaitQueue queue = null;
        long done = 0;
        try {
            s.prepare(task, message, flags);
            for (; ; ) {
                if (queue != null) {
                    task.sleeper().prepare();
                }
                long n = s.send(task, b, message, flags);
                if (n >= 0) {
                    done += n;
                    if (b.remaining() == 0 || n == 0 || !s.streams()) {
                        return done;
                    }
                    continue;
                }
                if (!waits(s, flags)) {
                    throw Errno.EAGAIN.error();
                }
                if (queue == null) {
                    deadline = Blocking.deadline(s.writeTimeout());
                    queue = s.roomQueue(message);
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
            message.dropFiles();
            message.target = null;
        }
    }

    private static long sendto(Task task, SyscallArgs a) throws ErrnoException {
        ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
        Socket s = SocketSyscalls.take(task, a.i0());
        try {
            Outgoing message = Scratch.get().outgoing.reset();
            if (a.a4 != 0) {
                int length = a.i5();
                if (length < 0 || length > Sockets.ADDRESS) {
                    throw Errno.EINVAL.error();
                }
                task.memory().read(a.a4, message.name, 0, length);
                message.nameLength = length;
            }
            return send(task, s, b, message, a.i3() & ~INTERNAL);
        } finally {
            s.release();
        }
    }

    private static long sendmsg(Task task, Socket s, long header, int flags) throws ErrnoException {
        byte[] h = Scratch.get().bytes;
        task.memory().read(header, h, 0, MSGHDR);
        Outgoing message = Scratch.get().outgoing.reset();
        long name = Bytes.getLong(h, NAME);
        int nameLength = Bytes.getInt(h, NAMELEN);
        long iov = Bytes.getLong(h, IOV);
        long count = Bytes.getLong(h, IOVLEN);
        long control = Bytes.getLong(h, CONTROL);
        long controlLength = Bytes.getLong(h, CONTROLLEN);
        if (name != 0) {
            if (nameLength < 0) {
                throw Errno.EINVAL.error();
            }
            nameLength = Math.min(nameLength, Sockets.ADDRESS);
            task.memory().read(name, message.name, 0, nameLength);
            message.nameLength = nameLength;
        }
        if (Long.compareUnsigned(count, ProgramBuffer.MAX_IOVECS) > 0) {
            throw Errno.EMSGSIZE.error();
        }
        ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, iov, count);
        if (controlLength != 0) {
            ControlMessages.read(task, s, message, control, controlLength);
        }
        return send(task, s, b, message, flags & ~INTERNAL);
    }

    private static long sendmmsg(Task task, Socket s, SyscallArgs a) throws ErrnoException {
        int count = (int) Math.min(a.a2 & 0xffffffffL, MAX_MESSAGES);
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

    private static long receive(Task task, Socket s, IoBuffer b, int flags, Received with) throws ErrnoException {
        // A stream goes on until there is as much as was asked for; SO_RCVLOWAT is usually 1.
        long least = 0;
        if (s.streams() && (flags & Sockets.MSG_OOB) == 0) {
            least = (flags & Sockets.MSG_WAITALL) != 0
                    ? Long.MAX_VALUE
                    : s.options().receiveLow();
        }
        boolean peek = (flags & Sockets.MSG_PEEK) != 0;
        long deadline = 0;
        boolean registered = false;
        long done = 0;
        try {
            for (; ; ) {
                if (registered) {
                    task.sleeper().prepare();
                }
                long n = s.receive(task, b, flags, with);
                if (n >= 0) {
                    done += n;
                    if (done >= least || n == 0 || peek || b.remaining() == 0 || with.files.length > 0) {
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
        ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
        Socket s = SocketSyscalls.take(task, a.i0());
        Received with = Scratch.get().received.reset();
        try {
            long n = receive(task, s, b, a.i3(), with);
            if (a.a4 != 0) {
                byte[] name = Scratch.get().name;
                SocketSyscalls.write(task, a.a4, a.a5, name, s.senderName(with, name));
            }
            return n;
        } finally {
            with.dropFiles();
            with.packet = null;
            s.release();
        }
    }

    private static long recvmsg(Task task, Socket s, long header, int flags) throws ErrnoException {
        byte[] h = Scratch.get().bytes;
        task.memory().read(header, h, 0, MSGHDR);
        long name = Bytes.getLong(h, NAME);
        int room = Bytes.getInt(h, NAMELEN);
        long iov = Bytes.getLong(h, IOV);
        long count = Bytes.getLong(h, IOVLEN);
        long control = Bytes.getLong(h, CONTROL);
        long controlRoom = Bytes.getLong(h, CONTROLLEN);
        if (name != 0 && room < 0) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(count, ProgramBuffer.MAX_IOVECS) > 0) {
            throw Errno.EMSGSIZE.error();
        }
        ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, iov, count);
        Received with = Scratch.get().received.reset();
        try {
            long n = receive(task, s, b, flags & ~Sockets.MSG_CMSG_CLOEXEC, with);
            boolean cloexec = (flags & Sockets.MSG_CMSG_CLOEXEC) != 0;
            long used = ControlMessages.write(task, s, with, control, controlRoom, cloexec);
            int out = with.flags | (flags & Sockets.MSG_CMSG_CLOEXEC);
            if (with.truncated) {
                out |= Sockets.MSG_TRUNC;
            }
            if (name != 0) {
                byte[] address = Scratch.get().name;
                int length = s.senderName(with, address);
                int fits = Math.min(room, length);
                if (fits > 0) {
                    task.memory().write(name, address, 0, fits);
                }
                task.memory().putInt(header + NAMELEN, length);
            }
            task.memory().putLong(header + CONTROLLEN, used);
            task.memory().putInt(header + FLAGS, out);
            return n;
        } finally {
            with.dropFiles();
            with.packet = null;
        }
    }

    private static long recvmmsg(Task task, Socket s, SyscallArgs a) throws ErrnoException {
        int count = (int) Math.min(a.a2 & 0xffffffffL, MAX_MESSAGES);
        int flags = a.i3();
        long deadline = a.a4 == 0 ? Long.MAX_VALUE : Timespec.deadline(Timespec.readNanos(task.memory(), a.a4));
        s.reportLate();
        int done = 0;
        try {
            while (done < count) {
                long at = a.a1 + (long) done * MMSGHDR;
                long n = recvmsg(task, s, at, flags & ~Sockets.MSG_WAITFORONE);
                task.memory().putInt(at + MSGHDR, (int) n);
                done++;
                if ((flags & Sockets.MSG_WAITFORONE) != 0) {
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
            s.keepError(e.errno());
        }
        if (a.a4 != 0) {
            Timespec.write(task.memory(), a.a4, Math.max(0, deadline - System.nanoTime()));
        }
        return done;
    }
}
