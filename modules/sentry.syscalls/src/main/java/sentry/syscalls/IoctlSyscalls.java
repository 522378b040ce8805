package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.Stat;

/** ioctl(2): what works on every file is here; the rest is the file's. */
final class IoctlSyscalls {
    private static final int FIONREAD = 0x541b;
    private static final int FIONBIO = 0x5421;
    private static final int FIONCLEX = 0x5450;
    private static final int FIOCLEX = 0x5451;
    private static final int FIOASYNC = 0x5452;
    private static final int FIOQSIZE = 0x5460;
    private static final int FIGETBSZ = 2;

    private IoctlSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.IOCTL, "of files: FIONBIO FIOCLEX FIONCLEX FIOASYNC FIONREAD FIOQSIZE FIGETBSZ; of terminals, pipes",
                IoctlSyscalls::ioctl);
    }

    private static long ioctl(Task task, SyscallArgs a) throws ErrnoException {
        int fd = a.i0();
        FileDescription file = task.fds().take(fd);
        try {
            if (file instanceof PathFile) {
                throw Errno.EBADF.error();
            }
            return ioctl(task, file, fd, a.i1(), a.a2);
        } finally {
            file.release();
        }
    }

    private static long ioctl(Task task, FileDescription file, int fd, int command, long argument)
            throws ErrnoException {
        switch (command) {
            case FIOCLEX -> {
                task.fds().setCloseOnExec(fd, true);
                return 0;
            }
            case FIONCLEX -> {
                task.fds().setCloseOnExec(fd, false);
                return 0;
            }
            case FIONBIO -> {
                setFlag(file, Fcntl.O_NONBLOCK, task.memory().getInt(argument) != 0);
                return 0;
            }
            case FIOASYNC -> {
                boolean on = task.memory().getInt(argument) != 0;
                if (on != ((file.flags() & Fcntl.O_ASYNC) != 0) && !file.async(fd, on)) {
                    throw Errno.ENOTTY.error();
                }
                return 0;
            }
            default -> {}
        }
        int mode = file.inode().mode();
        if (FileMode.isRegular(mode) || FileMode.isDirectory(mode)) {
            Stat s = Scratch.get().stat;
            switch (command) {
                case FIONREAD -> {
                    if (FileMode.isRegular(mode)) {
                        file.inode().stat(s);
                        task.memory().putInt(argument, (int) (s.size - file.position()));
                        return 0;
                    }
                }
                case FIOQSIZE -> {
                    file.inode().stat(s);
                    task.memory().putLong(argument, s.size);
                    return 0;
                }
                case FIGETBSZ -> {
                    file.inode().stat(s);
                    task.memory().putInt(argument, (int) s.blksize);
                    return 0;
                }
                default -> {}
            }
        }
        return file.ioctl(task, command, argument);
    }

    private static void setFlag(FileDescription file, int flag, boolean on) {
        file.setFlags(on ? file.flags() | flag : file.flags() & ~flag);
    }
}
