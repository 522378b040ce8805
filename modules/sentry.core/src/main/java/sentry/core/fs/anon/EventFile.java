package sentry.core.fs.anon;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/** eventfd(2): a 64-bit counter. */
public final class EventFile extends AnonymousFile {
    /** The highest count; one more means overflow and cannot be written. */
    private static final long MAX = -2;

    private final boolean semaphore;
    /** Unsigned. */
    private long count;

    /** @param flags O_NONBLOCK or 0 */
    public EventFile(int initial, boolean semaphore, int flags) {
        super("anon_inode:[eventfd]", Fcntl.O_RDWR | flags);
        this.count = initial & 0xffffffffL;
        this.semaphore = semaphore;
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (target.remaining() < 8) {
            throw Errno.EINVAL.error();
        }
        long value;
        synchronized (this) {
            if (count == 0) {
                return WOULD_BLOCK;
            }
            value = semaphore ? 1 : count;
            count -= value;
        }
        queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
        byte[] b = new byte[8];
        for (int i = 0; i < 8; i++) {
            b[i] = (byte) (value >>> 8 * i);
        }
        return target.put(b, 0, 8);
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        if (source.remaining() < 8) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[8];
        if (source.peek(b, 0, 8) < 8) {
            throw Errno.EFAULT.error();
        }
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | b[i] & 0xff;
        }
        long n = add(value);
        if (n > 0) {
            source.get(b, 0, 8);
            while (source.remaining() > 0 && source.get(b, 0, 8) > 0) {
                // What is more than a number is left alone: the call takes eight bytes.
            }
            queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        }
        return n;
    }

    /** Adds one, or what fits, without waiting: something that the program asked to be told of has happened. */
    public void signal() {
        synchronized (this) {
            if (count != -1) {
                count++;
            }
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }

    private synchronized long add(long value) throws ErrnoException {
        if (value == -1) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(value, MAX - count) > 0) {
            return WOULD_BLOCK;
        }
        count += value;
        return 8;
    }

    @Override
    public int poll(int mask) {
        int ready = 0;
        synchronized (this) {
            if (count != 0) {
                ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }
            if (count != MAX) {
                ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
            }
            if (count == -1) {
                ready |= PollEvents.POLLERR;
            }
        }
        return ready & (mask | PollEvents.POLLERR);
    }

    @Override
    public synchronized String fdinfo() {
        return "eventfd-count: " + Long.toHexString(count) + "\n";
    }
}
