package sentry.syscalls;

import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.fs.pipe.PipeEnd;
import sentry.core.memory.KernelBuffer;
import sentry.core.memory.ProgramBuffer;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Stat;
import sentry.core.wait.Sleeper;

/** Moving data between files within the kernel: sendfile(2), copy_file_range(2), splice(2), tee(2), vmsplice(2). */
final class CopySyscalls {
    private static final int CHUNK = 64 << 10;
    private static final long DEV_FULL = DeviceNumber.of(1, 7);
    private static final int SPLICE_F_NONBLOCK = 2;
    private static final int SPLICE_F_ALL = 0xf;

    private CopySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SENDFILE, CopySyscalls::sendfile);
        table.full(Sys.COPY_FILE_RANGE, CopySyscalls::copyRange);
        table.full(Sys.SPLICE, CopySyscalls::splice);
        table.full(Sys.TEE, CopySyscalls::tee);
        table.full(Sys.VMSPLICE, CopySyscalls::vmsplice);
    }

    private static FileDescription take(Task task, int fd, boolean forReading) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        int mode = file.flags() & Fcntl.O_ACCMODE;
        int wrong = forReading ? Fcntl.O_WRONLY : Fcntl.O_RDONLY;
        if (mode == wrong || mode == Fcntl.O_ACCMODE || (file.flags() & Fcntl.O_PATH) != 0) {
            file.release();
            throw Errno.EBADF.error();
        }
        return file;
    }

    private static byte[] chunk(long length) {
        return new byte[(int) Math.min(CHUNK, length)];
    }

    private static long sendfile(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription in = take(task, a.i1(), true);
        try {
            FileDescription out = take(task, a.i0(), false);
            try {
                return sendfile(task, in, out, a.a2, a.a3);
            } finally {
                out.release();
            }
        } finally {
            in.release();
        }
    }

    private static long sendfile(Task task, FileDescription in, FileDescription out, long offsetAt, long count)
            throws ErrnoException {
        if (count < 0 || (out.flags() & Fcntl.O_APPEND) != 0) {
            throw Errno.EINVAL.error();
        }
        if (!FileMode.isRegular(in.inode().mode())) {
            return sendStream(task, in, out, offsetAt, count);
        }
        long offset = offsetAt == 0 ? in.position() : task.memory().getLong(offsetAt);
        if (offset < 0) {
            throw Errno.EINVAL.error();
        }
        long left = Math.min(count, ProgramBuffer.MAX);
        long done = copy(task, in, offset, out, Blocking.POSITION, left);
        if (offsetAt == 0) {
            in.seek(task, offset + done, Fcntl.SEEK_SET);
        } else {
            task.memory().putLong(offsetAt, offset + done);
        }
        return done;
    }

    /** From a file without positions, such as a character device. */
    private static long sendStream(Task task, FileDescription in, FileDescription out, long offsetAt, long count)
            throws ErrnoException {
        int mode = in.inode().mode();
        if (offsetAt != 0) {
            throw Errno.ESPIPE.error();
        }
        if (!FileMode.isDevice(mode)) {
            throw Errno.EINVAL.error();
        }
        byte[] b = chunk(count);
        long done = 0;
        while (done < count) {
            int want = (int) Math.min(b.length, count - done);
            long n = Blocking.readOnce(task, in, KernelBuffer.of(b, 0, want), Blocking.POSITION);
            if (n <= 0) {
                break;
            }
            done += Blocking.write(task, out, KernelBuffer.of(b, 0, (int) n), Blocking.POSITION, false);
        }
        return done;
    }

    /** Copies until the count, the end of {@code in}, or an error after some bytes. */
    private static long copy(Task task, FileDescription in, long from, FileDescription out, long to, long count)
            throws ErrnoException {
        byte[] b = chunk(count);
        long done = 0;
        try {
            while (done < count) {
                int want = (int) Math.min(b.length, count - done);
                long n = Blocking.readOnce(task, in, KernelBuffer.of(b, 0, want), from + done);
                if (n <= 0) {
                    break;
                }
                if (done == 0) {
                    requireTarget(out);
                }
                KernelBuffer data = KernelBuffer.of(b, 0, (int) n);
                long at = to == Blocking.POSITION ? to : to + done;
                long written = Blocking.write(task, out, data, at, Blocking.nonBlocking(out));
                done += written;
                if (written < n || task.sleeper().interrupted()) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    private static long copyRange(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription in = PathArgs.take(task, a.i0());
        try {
            FileDescription out = PathArgs.take(task, a.i2());
            try {
                return copyRange(task, in, a.a1, out, a.a3, a.a4, a.i5());
            } finally {
                out.release();
            }
        } finally {
            in.release();
        }
    }

    private static long copyRange(
            Task task, FileDescription in, long inAt, FileDescription out, long outAt, long length, int flags)
            throws ErrnoException {
        long from = inAt == 0 ? in.position() : task.memory().getLong(inAt);
        long to = outAt == 0 ? out.position() : task.memory().getLong(outAt);
        if (flags != 0) {
            throw Errno.EINVAL.error();
        }
        int inMode = in.inode().mode();
        int outMode = out.inode().mode();
        if (FileMode.isDirectory(inMode) || FileMode.isDirectory(outMode)) {
            throw Errno.EISDIR.error();
        }
        if (!FileMode.isRegular(inMode) || !FileMode.isRegular(outMode)) {
            throw Errno.EINVAL.error();
        }
        int inAccess = in.flags() & Fcntl.O_ACCMODE;
        int outAccess = out.flags() & Fcntl.O_ACCMODE;
        if (inAccess == Fcntl.O_WRONLY
                || inAccess == Fcntl.O_ACCMODE
                || outAccess == Fcntl.O_RDONLY
                || outAccess == Fcntl.O_ACCMODE
                || (out.flags() & Fcntl.O_APPEND) != 0) {
            throw Errno.EBADF.error();
        }
        // Unsigned, as Linux compares them: negative offsets overflow.
        if (Long.compareUnsigned(from + length, from) < 0 || Long.compareUnsigned(to + length, to) < 0) {
            throw Errno.EOVERFLOW.error();
        }
        if (from < 0 || to < 0) {
            throw Errno.EINVAL.error();
        }
        long count = length < 0 ? ProgramBuffer.MAX : Math.min(length, ProgramBuffer.MAX);
        if (to == Long.MAX_VALUE && count > 0) {
            throw Errno.EFBIG.error();
        }
        count = Math.min(count, Long.MAX_VALUE - Math.max(from, to));
        if (in.inode() == out.inode() && from < to + count && to < from + count) {
            throw Errno.EINVAL.error();
        }
        long done = count == 0 ? 0 : copy(task, in, from, out, to, count);
        if (inAt == 0) {
            in.seek(task, from + done, Fcntl.SEEK_SET);
        } else {
            task.memory().putLong(inAt, from + done);
        }
        if (outAt == 0) {
            out.seek(task, to + done, Fcntl.SEEK_SET);
        } else {
            task.memory().putLong(outAt, to + done);
        }
        return done;
    }

    // Pipes.

    private static long splice(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a4 == 0) {
            return 0;
        }
        if ((a.i5() & ~SPLICE_F_ALL) != 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription in = take(task, a.i0(), true);
        try {
            FileDescription out = take(task, a.i2(), false);
            try {
                return splice(task, in, a.a1, out, a.a3, a.a4, (a.i5() & SPLICE_F_NONBLOCK) != 0);
            } finally {
                out.release();
            }
        } finally {
            in.release();
        }
    }

    private static long splice(
            Task task, FileDescription in, long inAt, FileDescription out, long outAt, long length, boolean noWait)
            throws ErrnoException {
        PipeEnd source = in instanceof PipeEnd p ? p : null;
        PipeEnd target = out instanceof PipeEnd p ? p : null;
        if (source != null && inAt != 0 || target != null && outAt != 0) {
            throw Errno.ESPIPE.error();
        }
        if (source == null && target == null) {
            throw Errno.EINVAL.error();
        }
        if (source != null && target != null && source.pipe() == target.pipe()) {
            throw Errno.EINVAL.error();
        }
        if (target == null && (out.flags() & Fcntl.O_APPEND) != 0) {
            throw Errno.EINVAL.error();
        }
        long from = offset(task, in, inAt);
        long to = offset(task, out, outAt);
        if (source == null) {
            requireSource(in);
        }
        if (target == null) {
            requireTarget(out);
        }
        long limit = Math.min(length, CHUNK);
        if (source != null) {
            if (!awaitData(task, source, noWait || Blocking.nonBlocking(in))) {
                return 0;
            }
            if (target != null) {
                limit = Math.min(limit, awaitRoom(task, target, noWait || Blocking.nonBlocking(out)));
            }
            byte[] b = new byte[(int) limit];
            int n = source.pipe().peek(b, b.length);
            if (n == 0) {
                return 0;
            }
            long done = Blocking.write(task, out, KernelBuffer.of(b, 0, n), to, noWait || Blocking.nonBlocking(out));
            source.pipe().skip((int) done);
            if (outAt != 0) {
                task.memory().putLong(outAt, to + done);
            }
            return done;
        }
        limit = Math.min(limit, awaitRoom(task, target, noWait || Blocking.nonBlocking(out)));
        byte[] b = new byte[(int) limit];
        long n = Blocking.read(task, in, KernelBuffer.of(b, 0, b.length), from, noWait || Blocking.nonBlocking(in));
        if (n == 0) {
            return 0;
        }
        long done = Blocking.write(task, out, KernelBuffer.of(b, 0, (int) n), Blocking.POSITION, false);
        if (inAt != 0) {
            task.memory().putLong(inAt, from + done);
        }
        return done;
    }

    /** The offset argument at {@code address}, if any, for a file that has positions. */
    private static long offset(Task task, FileDescription file, long address) throws ErrnoException {
        if (address == 0) {
            return Blocking.POSITION;
        }
        int mode = file.inode().mode();
        if (FileMode.isSocket(mode) || FileMode.isFifo(mode) || (mode & FileMode.S_IFMT) == 0) {
            throw Errno.EINVAL.error();
        }
        long offset = task.memory().getLong(address);
        if (offset < 0) {
            throw Errno.EINVAL.error();
        }
        return offset;
    }

    /** EINVAL for what Linux cannot splice from: directories and files without a type. */
    private static void requireSource(FileDescription file) throws ErrnoException {
        int mode = file.inode().mode();
        if (FileMode.isDirectory(mode) || (mode & FileMode.S_IFMT) == 0) {
            throw Errno.EINVAL.error();
        }
    }

    /** The same for splicing to; /dev/full has no way of its own to be full. */
    private static void requireTarget(FileDescription file) throws ErrnoException {
        requireSource(file);
        if (FileMode.isDevice(file.inode().mode())) {
            Stat s = Scratch.get().stat;
            file.inode().stat(s);
            if (s.rdev == DEV_FULL) {
                throw Errno.EINVAL.error();
            }
        }
    }

    /** Waits until the pipe has data; false at its end. */
    private static boolean awaitData(Task task, PipeEnd pipe, boolean noWait) throws ErrnoException {
        int ready = await(task, pipe, PollEvents.READABLE, noWait);
        return (ready & PollEvents.POLLIN) != 0;
    }

    /** Waits until the pipe has room; returns how much. */
    private static int awaitRoom(Task task, PipeEnd pipe, boolean noWait) throws ErrnoException {
        await(task, pipe, PollEvents.WRITABLE, noWait);
        return Math.max(1, pipe.pipe().room());
    }

    private static int await(Task task, FileDescription file, int mask, boolean noWait) throws ErrnoException {
        int ready = file.poll(mask);
        if (ready != 0) {
            return ready;
        }
        if (noWait) {
            throw Errno.EAGAIN.error();
        }
        file.addWaiter(task.waitEntry(), mask);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                ready = file.poll(mask);
                if (ready != 0) {
                    return ready;
                }
                if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    throw Errno.ERESTARTSYS.error();
                }
            }
        } finally {
            file.removeWaiter(task.waitEntry());
        }
    }

    private static long tee(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.i3() & ~SPLICE_F_ALL) != 0) {
            throw Errno.EINVAL.error();
        }
        if (a.a2 == 0) {
            return 0;
        }
        FileDescription in = take(task, a.i0(), true);
        try {
            FileDescription out = take(task, a.i1(), false);
            try {
                if (!(in instanceof PipeEnd source)
                        || !(out instanceof PipeEnd target)
                        || source.pipe() == target.pipe()) {
                    throw Errno.EINVAL.error();
                }
                boolean noWait = (a.i3() & SPLICE_F_NONBLOCK) != 0;
                if (!awaitData(task, source, noWait || Blocking.nonBlocking(in))) {
                    return 0;
                }
                long limit = Math.min(Math.min(a.a2 < 0 ? CHUNK : a.a2, CHUNK),
                        awaitRoom(task, target, noWait || Blocking.nonBlocking(out)));
                byte[] b = new byte[(int) limit];
                int n = source.pipe().peek(b, b.length);
                return Blocking.write(task, out, KernelBuffer.of(b, 0, n), Blocking.POSITION, noWait);
            } finally {
                out.release();
            }
        } finally {
            in.release();
        }
    }

    /** Pages are copied: a program cannot tell a gift from a copy. */
    private static long vmsplice(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.i3() & ~SPLICE_F_ALL) != 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.fds().take(a.i0());
        try {
            if (!(file instanceof PipeEnd pipe)) {
                throw Errno.EBADF.error();
            }
            ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, a.a1, a.a2);
            boolean noWait = (a.i3() & SPLICE_F_NONBLOCK) != 0 || Blocking.nonBlocking(file);
            return pipe.writer()
                    ? Blocking.write(task, file, b, Blocking.POSITION, noWait)
                    : Blocking.read(task, file, b, Blocking.POSITION, noWait);
        } finally {
            file.release();
        }
    }
}
