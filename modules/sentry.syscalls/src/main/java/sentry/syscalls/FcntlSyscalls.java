package sentry.syscalls;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.fs.pipe.Pipe;
import sentry.core.fs.pipe.PipeEnd;
import sentry.core.fs.tmpfs.TmpRegular;
import sentry.core.fs.mqueue.MessageQueueFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.DirectoryNotice;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.FileLocks;
import sentry.core.vfs.Inode;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.Stat;

/** fcntl(2) and flock(2). */
final class FcntlSyscalls {
    /** Flags that F_SETFL changes. */
    private static final int SETTABLE =
            Fcntl.O_APPEND | Fcntl.O_NONBLOCK | Fcntl.O_DIRECT | Fcntl.O_NOATIME;

    /** Mandatory locks of flock(2). */
    private static final int LOCK_MAND = 32;

    private static final int SEALS = Fcntl.F_SEAL_SEAL
            | Fcntl.F_SEAL_SHRINK
            | Fcntl.F_SEAL_GROW
            | Fcntl.F_SEAL_WRITE
            | Fcntl.F_SEAL_FUTURE_WRITE
            | Fcntl.F_SEAL_EXEC;

    private FcntlSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.FCNTL, FcntlSyscalls::fcntl);
        table.full(Sys.FLOCK, FcntlSyscalls::flock);
    }

    private static long fcntl(Task task, SyscallArgs a) throws ErrnoException {
        int fd = a.i0();
        int command = a.i1();
        FileDescription file = task.fds().take(fd);
        try {
            return fcntl(task, file, fd, command, a.a2);
        } finally {
            file.release();
        }
    }

    private static long fcntl(Task task, FileDescription file, int fd, int command, long argument)
            throws ErrnoException {
        switch (command) {
            case Fcntl.F_DUPFD, Fcntl.F_DUPFD_CLOEXEC -> {
                int from = (int) argument;
                if (from < 0 || from >= Descriptors.limit(task)) {
                    throw Errno.EINVAL.error();
                }
                file.retain();
                try {
                    return task.fds()
                            .install(file, from, command == Fcntl.F_DUPFD_CLOEXEC, Descriptors.limit(task));
                } catch (ErrnoException e) {
                    file.release();
                    throw e;
                }
            }
            case Fcntl.F_GETFD -> {
                return task.fds().closeOnExec(fd) ? Fcntl.FD_CLOEXEC : 0;
            }
            case Fcntl.F_SETFD -> {
                task.fds().setCloseOnExec(fd, (argument & Fcntl.FD_CLOEXEC) != 0);
                return 0;
            }
            case Fcntl.F_GETFL -> {
                return file.flags() | (file instanceof PathFile ? 0 : largeFile(file));
            }
            default -> {}
        }
        if (file instanceof PathFile) {
            throw Errno.EBADF.error();
        }
        switch (command) {
            case Fcntl.F_SETFL -> {
                setFlags(task, file, fd, (int) argument);
                return 0;
            }
            case Fcntl.F_GETLK, Fcntl.F_OFD_GETLK -> {
                return getLock(task, file, command == Fcntl.F_OFD_GETLK, argument);
            }
            case Fcntl.F_SETLK, Fcntl.F_SETLKW, Fcntl.F_OFD_SETLK, Fcntl.F_OFD_SETLKW -> {
                boolean ofd = command == Fcntl.F_OFD_SETLK || command == Fcntl.F_OFD_SETLKW;
                boolean wait = command == Fcntl.F_SETLKW || command == Fcntl.F_OFD_SETLKW;
                return setLock(task, file, ofd, wait, argument);
            }
            case Fcntl.F_SETPIPE_SZ -> {
                long size = argument & 0xffffffffL;
                Pipe pipe = pipe(file);
                if (size > Integer.MAX_VALUE) {
                    throw Errno.EINVAL.error();
                }
                if (size > Pipe.mostCapacity() && !task.credentials().capable(Capability.SYS_RESOURCE)
                        || size > 64 * Pipe.MAX_CAPACITY) {
                    throw Errno.EPERM.error();
                }
                return pipe.resize((int) size);
            }
            case Fcntl.F_GETPIPE_SZ -> {
                return pipe(file).capacity();
            }
            case Fcntl.F_ADD_SEALS -> {
                if ((file.flags() & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY) {
                    throw Errno.EPERM.error();
                }
                if ((argument & 0xffffffffL & ~(long) SEALS) != 0) {
                    throw Errno.EINVAL.error();
                }
                memfd(file).addSeals((int) argument);
                return 0;
            }
            case Fcntl.F_GET_SEALS -> {
                return memfd(file).seals();
            }
            case Fcntl.F_GETOWN -> {
                // -EINVAL and so on look like small process groups: that is how Linux has it, too.
                int number = file.owner().number(task.namespaces().pid());
                return file.owner().type() == Fcntl.F_OWNER_PGRP ? -number : number;
            }
            case Fcntl.F_SETOWN -> {
                int number = (int) argument;
                if (number == Integer.MIN_VALUE) {
                    throw Errno.EINVAL.error();
                }
                file.owner()
                        .set(task, number < 0 ? Fcntl.F_OWNER_PGRP : Fcntl.F_OWNER_PID, Math.abs(number));
                return 0;
            }
            case Fcntl.F_SETOWN_EX -> {
                int type = task.memory().getInt(argument);
                int number = task.memory().getInt(argument + 4);
                if (type < Fcntl.F_OWNER_TID || type > Fcntl.F_OWNER_PGRP) {
                    throw Errno.EINVAL.error();
                }
                file.owner().set(task, type, number);
                return 0;
            }
            case Fcntl.F_GETOWN_EX -> {
                task.memory().putInt(argument, file.owner().type());
                task.memory().putInt(argument + 4, file.owner().number(task.namespaces().pid()));
                return 0;
            }
            case Fcntl.F_GETSIG -> {
                return file.owner().signal();
            }
            case Fcntl.F_SETSIG -> {
                if (argument < 0 || argument > 64) {
                    throw Errno.EINVAL.error();
                }
                file.owner().setSignal((int) argument);
                return 0;
            }
            case Fcntl.F_GETLEASE -> {
                return FileMode.isRegular(file.inode().mode())
                        ? file.inode().state().leases().get(file)
                        : Fcntl.F_UNLCK;
            }
            case Fcntl.F_SETLEASE -> {
                setLease(task, file, fd, (int) argument);
                return 0;
            }
            case Fcntl.F_NOTIFY -> {
                DirectoryNotice.set(task, file, fd, (int) argument);
                return 0;
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    private static void setLease(Task task, FileDescription file, int fd, int type) throws ErrnoException {
        if (type != Fcntl.F_RDLCK && type != Fcntl.F_WRLCK && type != Fcntl.F_UNLCK) {
            throw Errno.EINVAL.error();
        }
        Inode inode = file.inode();
        if (task.credentials().fsuid() != inode.uid() && !task.credentials().capable(Capability.LEASE)) {
            throw Errno.EACCES.error();
        }
        if (!FileMode.isRegular(inode.mode())) {
            throw Errno.EINVAL.error();
        }
        if (type == Fcntl.F_UNLCK) {
            inode.state().leases().remove(file);
            return;
        }
        List<FileDescription> open = FileEvents.open(inode);
        try {
            List<FileDescription> others = new ArrayList<>(open);
            others.remove(file);
            others.removeIf(f -> f instanceof PathFile);
            inode.state().leases().set(task, file, fd, type, others);
        } finally {
            for (FileDescription f : open) {
                f.release();
            }
        }
    }

    /** Regular files opened by a 64-bit program show O_LARGEFILE. */
    private static int largeFile(FileDescription file) throws ErrnoException {
        int mode = file.inode().mode();
        if (file instanceof MessageQueueFile) {
            return 0; // no open(2) gave it
        }
        return FileMode.isRegular(mode) || FileMode.isDirectory(mode) ? Fcntl.O_LARGEFILE : 0;
    }

    private static void setFlags(Task task, FileDescription file, int fd, int flags) throws ErrnoException {
        if ((flags & Fcntl.O_NOATIME) != 0
                && (file.flags() & Fcntl.O_NOATIME) == 0
                && task.credentials().fsuid() != file.inode().uid()
                && !task.credentials().capable(Capability.FOWNER)) {
            throw Errno.EPERM.error();
        }
        file.async(fd, (flags & Fcntl.O_ASYNC) != 0);
        file.setFlags(file.flags() & ~SETTABLE | flags & SETTABLE);
    }

    private static Pipe pipe(FileDescription file) throws ErrnoException {
        if (file instanceof PipeEnd end) {
            return end.pipe();
        }
        throw Errno.EBADF.error();
    }

    private static TmpRegular memfd(FileDescription file) throws ErrnoException {
        if (file.inode() instanceof TmpRegular regular) {
            return regular;
        }
        throw Errno.EINVAL.error();
    }

    // Record locks. struct flock: type 2, whence 2, pad 4, start 8, len 8, pid 4, pad 4.

    private static final int FLOCK_SIZE = 32;

    private static FileLocks.Range range(Task task, FileDescription file, boolean ofd, byte[] b) throws ErrnoException {
        int type = Struct.getShort(b, 0);
        long start = Struct.getLong(b, 8);
        long length = Struct.getLong(b, 16);
        if (ofd && Struct.getInt(b, 24) != 0) {
            throw Errno.EINVAL.error();
        }
        long base =
                switch (Struct.getShort(b, 2)) {
                    case Fcntl.SEEK_SET -> 0;
                    case Fcntl.SEEK_CUR -> file.position();
                    case Fcntl.SEEK_END -> {
                        Stat s = Scratch.get().stat;
                        file.inode().stat(s);
                        yield s.size;
                    }
                    default -> throw Errno.EINVAL.error();
                };
        if (start > Long.MAX_VALUE - base) {
            throw Errno.EOVERFLOW.error();
        }
        start += base;
        if (start < 0) {
            throw Errno.EINVAL.error();
        }
        long end = FileLocks.TO_END;
        if (length > 0) {
            if (length - 1 > Long.MAX_VALUE - start) {
                throw Errno.EOVERFLOW.error();
            }
            end = start + length - 1;
        } else if (length < 0) {
            end = start - 1;
            start += length;
            if (start < 0) {
                throw Errno.EINVAL.error();
            }
        }
        if (type != Fcntl.F_RDLCK && type != Fcntl.F_WRLCK && type != Fcntl.F_UNLCK) {
            throw Errno.EINVAL.error();
        }
        Object owner = ofd ? file : task.fds();
        return new FileLocks.Range(owner, type == Fcntl.F_WRLCK, start, end, ofd ? -1 : task.ownPid());
    }

    private static long getLock(Task task, FileDescription file, boolean ofd, long address) throws ErrnoException {
        byte[] b = Scratch.get().bytes;
        task.memory().read(address, b, 0, FLOCK_SIZE);
        if (Struct.getShort(b, 0) == Fcntl.F_UNLCK) {
            throw Errno.EINVAL.error();
        }
        FileLocks.Range in = file.inode().state().locks().conflict(range(task, file, ofd, b));
        if (in == null) {
            Struct.putShort(b, 0, Fcntl.F_UNLCK);
        } else {
            Struct.putShort(b, 0, in.exclusive() ? Fcntl.F_WRLCK : Fcntl.F_RDLCK);
            Struct.putShort(b, 2, Fcntl.SEEK_SET);
            Struct.putLong(b, 8, in.start());
            Struct.putLong(b, 16, in.end() == FileLocks.TO_END ? 0 : in.end() - in.start() + 1);
            Struct.putInt(b, 24, in.pid());
        }
        task.memory().write(address, b, 0, FLOCK_SIZE);
        return 0;
    }

    private static long setLock(Task task, FileDescription file, boolean ofd, boolean wait, long address)
            throws ErrnoException {
        byte[] b = Scratch.get().bytes;
        task.memory().read(address, b, 0, FLOCK_SIZE);
        int type = Struct.getShort(b, 0);
        FileLocks.Range range = range(task, file, ofd, b);
        int mode = file.flags() & Fcntl.O_ACCMODE;
        if (type == Fcntl.F_RDLCK && mode == Fcntl.O_WRONLY || type == Fcntl.F_WRLCK && mode == Fcntl.O_RDONLY) {
            throw Errno.EBADF.error();
        }
        FileLocks locks = file.inode().state().locks();
        if (type == Fcntl.F_UNLCK) {
            locks.unlock(range.owner(), range.start(), range.end());
        } else if (wait) {
            locks.lockWaiting(task, range);
        } else {
            locks.lock(range);
        }
        return 0;
    }

    private static long flock(Task task, SyscallArgs a) throws ErrnoException {
        int operation = a.i1();
        if ((operation & LOCK_MAND) != 0) {
            return 0; // Linux has given these up and ignores them
        }
        int kind = operation & ~Fcntl.LOCK_NB;
        if (kind != Fcntl.LOCK_SH && kind != Fcntl.LOCK_EX && kind != Fcntl.LOCK_UN) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.fds().take(a.i0());
        try {
            if (file instanceof PathFile) {
                throw Errno.EBADF.error();
            }
            file.inode().state().locks().flock(task, file, operation);
            return 0;
        } finally {
            file.release();
        }
    }
}
