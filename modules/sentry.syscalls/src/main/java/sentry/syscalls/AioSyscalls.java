package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Mman;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.fs.aio.AioContext;
import sentry.core.fs.aio.AioContexts;
import sentry.core.fs.aio.AioPoll;
import sentry.core.fs.anon.EventFile;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.ProgramBuffer;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.Sleeper;

/** Linux aio: io_setup(2), io_submit(2), io_getevents(2), io_cancel(2), io_destroy(2). */
final class AioSyscalls {
    private static final int PAGE = 4096;
    /** struct io_event; Linux refuses rings of more than 256 MB. */
    private static final int EVENT_SIZE = 32;

    private static final long MOST_EVENTS = 0x10000000 / EVENT_SIZE;

    // struct iocb
    private static final int IOCB_SIZE = 64;
    private static final int DATA = 0;
    private static final int KEY = 8;
    private static final int RW_FLAGS = 12;
    private static final int OPCODE = 16;
    private static final int FILDES = 20;
    private static final int BUF = 24;
    private static final int NBYTES = 32;
    private static final int OFFSET = 40;
    private static final int RESERVED2 = 48;
    private static final int FLAGS = 56;
    private static final int RESFD = 60;

    private static final int IOCB_CMD_PREAD = 0;
    private static final int IOCB_CMD_PWRITE = 1;
    private static final int IOCB_CMD_FSYNC = 2;
    private static final int IOCB_CMD_FDSYNC = 3;
    private static final int IOCB_CMD_POLL = 5;
    private static final int IOCB_CMD_PREADV = 7;
    private static final int IOCB_CMD_PWRITEV = 8;
    private static final int IOCB_FLAG_RESFD = 1;

    private AioSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.IO_SETUP, AioSyscalls::setup);
        table.full(Sys.IO_DESTROY, AioSyscalls::destroy);
        table.partial(Sys.IO_SUBMIT, "reads and writes are done at once, O_DIRECT or not", AioSyscalls::submit);
        table.full(Sys.IO_CANCEL, AioSyscalls::cancel);
        table.full(Sys.IO_GETEVENTS, (task, a) -> getEvents(task, a, deadline(task, a.a4)));
        table.full(Sys.IO_PGETEVENTS, AioSyscalls::pgetEvents);
    }

    private static long setup(Task task, SyscallArgs a) throws ErrnoException {
        long requests = a.a0 & 0xffffffffL;
        if (task.memory().getLong(a.a1) != 0 || requests == 0 || requests > MOST_EVENTS) {
            throw Errno.EINVAL.error();
        }
        if (requests > AioContexts.MOST) {
            throw Errno.EAGAIN.error();
        }
        AioContext made = new AioContext((int) requests);
        // libaio looks for Linux's ring at the id's address; one without the ring's magic number sends it to the system call.
        MemoryManager mm = task.mm();
        long id;
        try {
            id = mm.mmap(task, 0, PAGE, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, null, 0);
        } catch (ErrnoException e) {
            made.end();
            throw e;
        }
        AioContexts.add(mm, id, made);
        try {
            task.memory().putLong(a.a1, id);
        } catch (ErrnoException e) {
            destroy(task, id);
            throw e;
        }
        return 0;
    }

    private static long destroy(Task task, SyscallArgs a) throws ErrnoException {
        return destroy(task, a.a0);
    }

    private static long destroy(Task task, long id) throws ErrnoException {
        AioContexts.remove(task.mm(), id).end();
        task.mm().munmap(task, id, PAGE);
        return 0;
    }

    private static long submit(Task task, SyscallArgs a) throws ErrnoException {
        AioContext context = AioContexts.find(task.mm(), a.a0);
        if (a.a1 < 0) {
            throw Errno.EINVAL.error();
        }
        long n = Math.min(a.a1, context.capacity());
        for (long i = 0; i < n; i++) {
            try {
                submit(task, context, task.memory().getLong(a.a2 + 8 * i));
            } catch (ErrnoException e) {
                if (i > 0) {
                    return i;
                }
                throw e;
            }
        }
        return n;
    }

    private static void submit(Task task, AioContext context, long at) throws ErrnoException {
        byte[] iocb = Scratch.get().bytes;
        task.memory().read(at, iocb, 0, IOCB_SIZE);
        if (Struct.getLong(iocb, RESERVED2) != 0 || Struct.getLong(iocb, NBYTES) < 0) {
            throw Errno.EINVAL.error();
        }
        Request r = new Request(task, context, at, iocb);
        context.begin();
        boolean taken = false;
        try {
            r.run();
            taken = true;
        } finally {
            if (!taken) {
                context.abandon();
            }
        }
    }

    /** One request on its way in. */
    private static final class Request {
        private final Task task;
        private final AioContext context;
        private final long at;
        private final long data;
        private final int opcode;
        private final int fd;
        private final long buffer;
        private final long length;
        private final long offset;
        private final int rwFlags;
        private final int resultFd;
        private final boolean wantsResult;
        private FileDescription file;
        private EventFile told;

        Request(Task task, AioContext context, long at, byte[] iocb) {
            this.task = task;
            this.context = context;
            this.at = at;
            this.data = Struct.getLong(iocb, DATA);
            this.opcode = Struct.getShort(iocb, OPCODE) & 0xffff;
            this.fd = Struct.getInt(iocb, FILDES);
            this.buffer = Struct.getLong(iocb, BUF);
            this.length = Struct.getLong(iocb, NBYTES);
            this.offset = Struct.getLong(iocb, OFFSET);
            this.rwFlags = Struct.getInt(iocb, RW_FLAGS);
            this.resultFd = Struct.getInt(iocb, RESFD);
            this.wantsResult = (Struct.getInt(iocb, FLAGS) & IOCB_FLAG_RESFD) != 0;
        }

        void run() throws ErrnoException {
            file = PathArgs.take(task, fd);
            boolean kept = false;
            try {
                if (wantsResult) {
                    told = eventFile(resultFd);
                }
                task.memory().putInt(at + KEY, 0);
                kept = perform();
            } finally {
                if (!kept) {
                    if (told != null) {
                        told.release();
                    }
                    file.release();
                }
            }
        }

        private EventFile eventFile(int number) throws ErrnoException {
            FileDescription f = task.fds().take(number);
            if (f instanceof EventFile e) {
                return e;
            }
            f.release();
            throw Errno.EINVAL.error();
        }

        /** @return whether the references are kept for later */
        private boolean perform() throws ErrnoException {
            switch (opcode) {
                case IOCB_CMD_PREAD, IOCB_CMD_PREADV -> transfer(true);
                case IOCB_CMD_PWRITE, IOCB_CMD_PWRITEV -> transfer(false);
                case IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC -> {
                    if (buffer != 0 || offset != 0 || length != 0 || rwFlags != 0) {
                        throw Errno.EINVAL.error();
                    }
                    done(result(() -> {
                        file.sync(opcode == IOCB_CMD_FDSYNC);
                        return 0;
                    }));
                }
                case IOCB_CMD_POLL -> {
                    if ((buffer & 0xffff) != buffer || offset != 0 || length != 0 || rwFlags != 0) {
                        throw Errno.EINVAL.error();
                    }
                    int events = (int) buffer | PollEvents.POLLERR | PollEvents.POLLHUP;
                    new AioPoll(context, file, told, events, data, at).start();
                    return true;
                }
                default -> throw Errno.EINVAL.error();
            }
            return false;
        }

        private void transfer(boolean read) throws ErrnoException {
            FileSyscalls.requireKnown(rwFlags);
            int mode = file.flags() & Fcntl.O_ACCMODE;
            if (mode == (read ? Fcntl.O_WRONLY : Fcntl.O_RDONLY) || mode == Fcntl.O_ACCMODE) {
                throw Errno.EBADF.error();
            }
            if (FileMode.isDirectory(file.inode().mode())) {
                throw Errno.EINVAL.error();
            }
            ProgramBuffer target = new ProgramBuffer();
            if (opcode == IOCB_CMD_PREADV || opcode == IOCB_CMD_PWRITEV) {
                target.ofIovecs(task, buffer, length);
            } else {
                target.of(task, buffer, length);
            }
            int type = file.inode().mode() & FileMode.S_IFMT;
            boolean positioned = type == FileMode.S_IFREG || type == FileMode.S_IFBLK;
            if (offset < 0 && positioned) {
                throw Errno.EINVAL.error();
            }
            long where = positioned ? offset : Blocking.POSITION;
            boolean noWait = Blocking.nonBlocking(file) || FileSyscalls.noWait(rwFlags);
            done(result(() -> {
                if (read) {
                    return Blocking.read(task, file, target, where, noWait);
                }
                return FileSyscalls.writeWith(task, file, target, where, noWait, rwFlags);
            }));
        }

        private void done(long result) {
            context.complete(new AioContext.Event(data, at, result), told);
        }
    }

    @FunctionalInterface
    private interface Work {
        long run() throws ErrnoException;
    }

    /** What an event says of work: an error is a negative number, and nothing is restarted. */
    private static long result(Work work) {
        try {
            return work.run();
        } catch (ErrnoException e) {
            Errno errno = e.errno() == Errno.ERESTARTSYS ? Errno.EINTR : e.errno();
            return -errno.number();
        }
    }

    private static long cancel(Task task, SyscallArgs a) throws ErrnoException {
        if (task.memory().getInt(a.a1 + KEY) != 0) {
            throw Errno.EINVAL.error();
        }
        AioContexts.find(task.mm(), a.a0).cancel(a.a1);
        throw Errno.EINPROGRESS.error(); // its event will come
    }

    /** Not checked as elsewhere: Linux takes any number of nanoseconds here. */
    private static long deadline(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return Sleeper.FOREVER;
        }
        long seconds = task.memory().getLong(address);
        long nanos = task.memory().getLong(address + 8);
        if (seconds < 0 || nanos < 0) {
            return System.nanoTime();
        }
        return Timespec.deadline(seconds > Long.MAX_VALUE / 2 / Timespec.NANOS_PER_SECOND
                ? Long.MAX_VALUE
                : seconds * Timespec.NANOS_PER_SECOND + Math.min(nanos, Long.MAX_VALUE / 2));
    }

    private static long getEvents(Task task, SyscallArgs a, long deadline) throws ErrnoException {
        AioContext context = AioContexts.find(task.mm(), a.a0);
        long least = a.a1;
        long most = a.a2;
        if (least < 0 || least > most) {
            throw Errno.EINVAL.error();
        }
        long done = fetch(task, context, a.a3, 0, most);
        if (done >= least) {
            return done;
        }
        context.queue().add(task.waitEntry(), PollEvents.POLLIN);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                done = fetch(task, context, a.a3, done, most);
                if (done >= least) {
                    return done;
                }
                switch (task.sleep(deadline)) {
                    case READY -> {}
                    case TIMED_OUT -> {
                        return done;
                    }
                    case INTERRUPTED -> {
                        if (done == 0) {
                            throw Errno.EINTR.error();
                        }
                        return done;
                    }
                }
            }
        } finally {
            context.queue().remove(task.waitEntry());
        }
    }

    /** Copies events out behind the {@code done} that were; returns how many there are then. */
    private static long fetch(Task task, AioContext context, long address, long done, long most) throws ErrnoException {
        byte[] b = Scratch.get().bytes;
        long n = done;
        try {
            while (n < most) {
                AioContext.Event e = context.next();
                if (e == null) {
                    break;
                }
                Struct.putLong(b, 0, e.data());
                Struct.putLong(b, 8, e.object());
                Struct.putLong(b, 16, e.result());
                Struct.putLong(b, 24, 0);
                task.memory().write(address + n * EVENT_SIZE, b, 0, EVENT_SIZE);
                n++;
            }
        } catch (ErrnoException e) {
            if (n == 0) {
                throw e;
            }
        }
        return n;
    }

    private static long pgetEvents(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = deadline(task, a.a4);
        if (a.a5 == 0) {
            return getEvents(task, a, deadline);
        }
        long mask = task.memory().getLong(a.a5);
        long size = task.memory().getLong(a.a5 + 8);
        if (mask == 0) {
            return getEvents(task, a, deadline);
        }
        SignalMask.use(task, mask, size);
        long n;
        try {
            n = getEvents(task, a, deadline);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINTR) {
                task.signals().restoreMask();
            }
            throw e;
        }
        task.signals().restoreMask();
        return n;
    }
}
