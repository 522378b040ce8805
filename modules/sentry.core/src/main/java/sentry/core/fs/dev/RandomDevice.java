package sentry.core.fs.dev;

import host.linux.RandomBytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;

/**
 * /dev/random and /dev/urandom (random(4)), by the host's getrandom(2): once the host is up the two are the same. What is
 * written would be mixed into a pool; there is none here, the host has its own.
 */
final class RandomDevice extends MemoryDevice {
    static final int RANDOM_MINOR = 8;
    static final int URANDOM_MINOR = 9;
    /** Linux answers with its pool's size. */
    private static final int ENTROPY_BITS = 256;

    private static final int RNDGETENTCNT = 0x80045200;
    private static final int RNDADDTOENTCNT = 0x40045201;
    private static final int RNDADDENTROPY = 0x40085203;
    private static final int RNDZAPENTCNT = 0x5204;
    private static final int RNDCLEARPOOL = 0x5206;
    private static final int RNDRESEEDCRNG = 0x5207;

    /** Whether this is /dev/random, whose driver knows poll(2). */
    private final boolean polled;

    RandomDevice(VfsPath path, int flags, boolean polled) {
        super(path, flags);
        this.polled = polled;
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        return Errno.check(target.direct(true, target.remaining(), RandomDevice::fill));
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        return read(task, target);
    }

    @Override
    public long write(Task task, IoBuffer source) {
        return source.remaining();
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) {
        return source.remaining();
    }

    /** Readable; never in want of writers' entropy. */
    @Override
    public int poll(int mask) {
        return polled ? mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM) : super.poll(mask);
    }

    @Override
    public boolean pollable() {
        return polled;
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case RNDGETENTCNT -> {
                task.memory().putInt(argument, ENTROPY_BITS);
                return 0;
            }
            case RNDADDTOENTCNT, RNDADDENTROPY, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG -> throw Errno.EPERM.error();
            default -> throw Errno.EINVAL.error(); // not ENOTTY: so does Linux's driver
        }
    }

    private static long fill(long address, long length, long done) {
        return RandomBytes.fill(address, length);
    }
}
