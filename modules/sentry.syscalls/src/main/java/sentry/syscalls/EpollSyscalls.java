package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.fs.epoll.EpollEvent;
import sentry.core.fs.epoll.EventPoll;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.PathFile;
import sentry.core.wait.Sleeper;

/** epoll_create(2), epoll_ctl(2), epoll_wait(2) and its kin. */
final class EpollSyscalls {
    /** Bytes of struct epoll_event on amd64: events 4, data 8, packed. */
    private static final int EVENT = 12;

    private static final int MAX_EVENTS = Integer.MAX_VALUE / EVENT;
    /** What may go with EPOLLEXCLUSIVE. */
    private static final int EXCLUSIVE_OK = PollEvents.POLLIN
            | PollEvents.POLLOUT
            | PollEvents.POLLERR
            | PollEvents.POLLHUP
            | EpollEvent.EPOLLWAKEUP
            | EpollEvent.EPOLLET
            | EpollEvent.EPOLLEXCLUSIVE;

    private EpollSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.EPOLL_CREATE, (task, a) -> {
            if (a.i0() <= 0) {
                throw Errno.EINVAL.error();
            }
            return create(task, 0);
        });
        table.full(Sys.EPOLL_CREATE1, (task, a) -> create(task, a.i0()));
        table.full(Sys.EPOLL_CTL, EpollSyscalls::control);
        table.full(Sys.EPOLL_WAIT, (task, a) -> await(task, a.i0(), a.a1, a.i2(), millis(a.i3())));
        table.full(Sys.EPOLL_PWAIT, (task, a) -> masked(task, a, millis(a.i3())));
        table.full(Sys.EPOLL_PWAIT2, (task, a) -> masked(
                task, a, a.a3 == 0 ? Sleeper.FOREVER : deadline(Timespec.readNanos(task.memory(), a.a3))));
    }

    private static long create(Task task, int flags) throws ErrnoException {
        if ((flags & ~Fcntl.O_CLOEXEC) != 0) {
            throw Errno.EINVAL.error();
        }
        return Descriptors.install(task, new EventPoll(), flags != 0);
    }

    /** No waiting at all. */
    private static final long NOW = Long.MIN_VALUE;

    private static long millis(int timeout) {
        return timeout < 0 ? Sleeper.FOREVER : deadline(timeout * 1_000_000L);
    }

    private static long deadline(long nanos) {
        return nanos == 0 ? NOW : Timespec.deadline(nanos);
    }

    private static long control(Task task, SyscallArgs a) throws ErrnoException {
        int operation = a.i1();
        int events = 0;
        long data = 0;
        if (operation != EpollEvent.EPOLL_CTL_DEL) {
            byte[] b = Scratch.get().bytes;
            task.memory().read(a.a3, b, 0, EVENT);
            events = Struct.getInt(b, 0);
            data = Struct.getLong(b, 4);
        }
        FileDescription ep = task.fds().take(a.i0());
        try {
            FileDescription file = task.fds().take(a.i2());
            try {
                if (file instanceof PathFile) {
                    throw Errno.EBADF.error();
                }
                if (!file.pollable()) {
                    throw Errno.EPERM.error();
                }
                if (!(ep instanceof EventPoll epoll) || ep == file) {
                    throw Errno.EINVAL.error();
                }
                events &= ~EpollEvent.EPOLLWAKEUP;
                switch (operation) {
                    case EpollEvent.EPOLL_CTL_ADD -> {
                        if ((events & EpollEvent.EPOLLEXCLUSIVE) != 0 && (events & ~EXCLUSIVE_OK) != 0) {
                            throw Errno.EINVAL.error();
                        }
                        epoll.add(file, a.i2(), events, data);
                    }
                    case EpollEvent.EPOLL_CTL_MOD -> epoll.modify(file, a.i2(), events, data);
                    case EpollEvent.EPOLL_CTL_DEL -> epoll.delete(file, a.i2());
                    default -> throw Errno.EINVAL.error();
                }
                return 0;
            } finally {
                file.release();
            }
        } finally {
            ep.release();
        }
    }

    private static long masked(Task task, SyscallArgs a, long deadline) throws ErrnoException {
        if (a.a4 == 0) {
            return await(task, a.i0(), a.a1, a.i2(), deadline);
        }
        SignalMask.use(task, a.a4, a.a5);
        long n;
        try {
            n = await(task, a.i0(), a.a1, a.i2(), deadline);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINTR) {
                task.signals().restoreMask();
            }
            throw e;
        }
        task.signals().restoreMask();
        return n;
    }

    private static long await(Task task, int fd, long address, int limit, long deadline) throws ErrnoException {
        if (limit <= 0 || limit > MAX_EVENTS) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.fds().take(fd);
        try {
            if (!(file instanceof EventPoll epoll)) {
                throw Errno.EINVAL.error();
            }
            Writer writer = new Writer(task, address);
            int n = epoll.harvest(limit, writer);
            if (n > 0 || deadline == NOW) {
                return writer.result(n);
            }
            if (writer.failed) {
                throw Errno.EFAULT.error();
            }
            epoll.addExclusiveWaiter(task.waitEntry());
            try {
                for (; ; ) {
                    task.sleeper().prepare();
                    n = epoll.harvest(limit, writer);
                    if (n > 0 || writer.failed) {
                        return writer.result(n);
                    }
                    switch (task.sleep(deadline)) {
                        case READY -> {}
                        case INTERRUPTED -> throw Errno.EINTR.error();
                        case TIMED_OUT -> {
                            return writer.result(epoll.harvest(limit, writer));
                        }
                    }
                }
            } finally {
                epoll.removeWaiter(task.waitEntry());
                epoll.passOn();
            }
        } finally {
            file.release();
        }
    }

    /** Writes events to the program as they come. */
    private static final class Writer implements EventPoll.Sink {
        private final Task task;
        private long at;
        boolean failed;

        Writer(Task task, long address) {
            this.task = task;
            this.at = address;
        }

        @Override
        public boolean event(int events, long data) {
            try {
                byte[] b = Scratch.get().bytes;
                Struct.putInt(b, 0, events);
                Struct.putLong(b, 4, data);
                task.memory().write(at, b, 0, EVENT);
                at += EVENT;
                return true;
            } catch (ErrnoException e) {
                failed = true;
                return false;
            }
        }

        long result(int n) throws ErrnoException {
            if (n == 0 && failed) {
                throw Errno.EFAULT.error();
            }
            return n;
        }
    }
}
