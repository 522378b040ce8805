package sentry.syscalls;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.fs.mqueue.MessageQueueFile;
import sentry.core.fs.mqueue.MessageQueueInode;
import sentry.core.fs.mqueue.MqueueFileSystem;
import sentry.core.fs.mqueue.QueueNotification;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.Sleeper;

/** POSIX message queues (mq_overview(7)). */
final class PosixQueueSyscalls {
    /** struct mq_attr. */
    private static final int ATTR_SIZE = 64;

    private static final int SIGEVENT_SIZE = 64;
    /** What a thread's notification brings along (NOTIFY_COOKIE_LEN). */
    private static final int COOKIE_SIZE = 32;

    private PosixQueueSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.MQ_OPEN, PosixQueueSyscalls::open);
        table.full(Sys.MQ_UNLINK, PosixQueueSyscalls::unlink);
        table.full(Sys.MQ_TIMEDSEND, PosixQueueSyscalls::send);
        table.full(Sys.MQ_TIMEDRECEIVE, PosixQueueSyscalls::receive);
        table.partial(Sys.MQ_NOTIFY, "no SIGEV_THREAD, which takes netlink", PosixQueueSyscalls::notifyOnce);
        table.full(Sys.MQ_GETSETATTR, PosixQueueSyscalls::getsetattr);
    }

    private static String name(Task task, long address) throws ErrnoException {
        String name = PathArgs.string(task, address);
        if (name.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        return name;
    }

    private static long open(Task task, SyscallArgs a) throws ErrnoException {
        long[] attributes = null;
        if (a.a3 != 0) {
            byte[] b = new byte[ATTR_SIZE];
            task.memory().read(a.a3, b, 0, ATTR_SIZE);
            attributes = new long[] {Struct.getLong(b, 8), Struct.getLong(b, 16)};
        }
        String name = name(task, a.a0);
        if (task.fds().full(Descriptors.limit(task))) {
            throw Errno.EMFILE.error(); // nothing is made for who has no descriptor left
        }
        MqueueFileSystem queues = task.namespaces().ipc().queues();
        return Descriptors.install(task, queues.open(task, name, a.i1(), a.i2(), attributes), true);
    }

    private static long unlink(Task task, SyscallArgs a) throws ErrnoException {
        task.namespaces().ipc().queues().unlink(task, name(task, a.a0));
        return 0;
    }

    private static MessageQueueFile queue(FileDescription file) throws ErrnoException {
        if (file instanceof MessageQueueFile queue) {
            return queue;
        }
        throw Errno.EBADF.error();
    }

    private static long deadline(Task task, long address) throws ErrnoException {
        return address == 0
                ? Sleeper.FOREVER
                : Clocks.deadlineOfRealtime(Timespec.readNanos(task.memory(), address));
    }

    private static long send(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = deadline(task, a.a4);
        if (Integer.compareUnsigned(a.i3(), MqueueFileSystem.PRIORITIES) >= 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.fds().take(a.i0());
        try {
            MessageQueueInode queue = queue(file).queue();
            if ((file.flags() & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY) {
                throw Errno.EBADF.error();
            }
            if (Long.compareUnsigned(a.a2, queue.maxSize()) > 0) {
                throw Errno.EMSGSIZE.error();
            }
            byte[] text = new byte[(int) a.a2];
            task.memory().read(a.a1, text, 0, text.length);
            queue.send(task, new MessageQueueInode.Message(a.i3(), text), !Blocking.nonBlocking(file), deadline);
            return 0;
        } finally {
            file.release();
        }
    }

    private static long receive(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = deadline(task, a.a4);
        FileDescription file = task.fds().take(a.i0());
        try {
            MessageQueueInode queue = queue(file).queue();
            if ((file.flags() & Fcntl.O_ACCMODE) == Fcntl.O_WRONLY) {
                throw Errno.EBADF.error();
            }
            if (Long.compareUnsigned(a.a2, queue.maxSize()) < 0) {
                throw Errno.EMSGSIZE.error();
            }
            MessageQueueInode.Message m = queue.receive(task, !Blocking.nonBlocking(file), deadline);
            // Whether or not it can be handed over, it is gone.
            if (a.a3 != 0) {
                task.memory().putInt(a.a3, m.priority());
            }
            task.memory().write(a.a1, m.text(), 0, m.text().length);
            return m.text().length;
        } finally {
            file.release();
        }
    }

    private static long notifyOnce(Task task, SyscallArgs a) throws ErrnoException {
        QueueNotification wish = null;
        if (a.a1 != 0) {
            byte[] b = new byte[SIGEVENT_SIZE];
            task.memory().read(a.a1, b, 0, SIGEVENT_SIZE);
            int signo = Struct.getInt(b, 8);
            int kind = Struct.getInt(b, 12);
            switch (kind) {
                case Clock.SIGEV_NONE -> {}
                case Clock.SIGEV_SIGNAL -> {
                    if (Integer.compareUnsigned(signo, Signal.NSIG) > 0) {
                        throw Errno.EINVAL.error();
                    }
                }
                case Clock.SIGEV_THREAD -> {
                    task.memory().read(Struct.getLong(b, 0), new byte[COOKIE_SIZE], 0, COOKIE_SIZE);
                    PathArgs.file(task, signo);
                    throw Errno.ENOTSOCK.error(); // no socket is one of netlink
                }
                default -> throw Errno.EINVAL.error();
            }
            wish = new QueueNotification(task.group(), task.credentials(), kind, signo, Struct.getLong(b, 0));
        }
        FileDescription file = task.fds().take(a.i0());
        try {
            MessageQueueInode queue = queue(file).queue();
            if (wish == null) {
                queue.forget(task.group());
            } else {
                queue.notifyOnce(wish);
            }
            return 0;
        } finally {
            file.release();
        }
    }

    private static long getsetattr(Task task, SyscallArgs a) throws ErrnoException {
        long flags = 0;
        if (a.a1 != 0) {
            byte[] b = new byte[ATTR_SIZE];
            task.memory().read(a.a1, b, 0, ATTR_SIZE);
            flags = Struct.getLong(b, 0);
            if ((flags & ~Fcntl.O_NONBLOCK) != 0) {
                throw Errno.EINVAL.error();
            }
        }
        byte[] old = new byte[ATTR_SIZE];
        FileDescription file = task.fds().take(a.i0());
        try {
            MessageQueueInode queue = queue(file).queue();
            Struct.putLong(old, 0, file.flags() & Fcntl.O_NONBLOCK);
            Struct.putLong(old, 8, queue.maxMessages());
            Struct.putLong(old, 16, queue.maxSize());
            Struct.putLong(old, 24, queue.count());
            if (a.a1 != 0) {
                file.setFlags(file.flags() & ~Fcntl.O_NONBLOCK | (int) flags);
            }
        } finally {
            file.release();
        }
        if (a.a2 != 0) {
            task.memory().write(a.a2, old, 0, ATTR_SIZE);
        }
        return 0;
    }
}
