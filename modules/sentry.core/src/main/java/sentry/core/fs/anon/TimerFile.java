package sentry.core.fs.anon;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.task.Task;
import sentry.core.time.IntervalTimer;
import sentry.core.vfs.IoBuffer;

/** timerfd_create(2): a timer that is read. */
public final class TimerFile extends AnonymousFile {
    private static final int TFD_IOC_SET_TICKS = 0x40085400;

    private final IntervalTimer timer;
    /** How often it fired since it was last read or set. */
    private long ticks;

    /** @param flags O_NONBLOCK or 0 */
    public TimerFile(Task task, int clock, int flags) throws ErrnoException {
        super("anon_inode:[timerfd]", Fcntl.O_RDWR | flags);
        timer = new IntervalTimer(task, clock) {
            @Override
            protected void fired(long times, int setting) {
                synchronized (TimerFile.this) {
                    if (setting != generation()) {
                        return;
                    }
                    ticks += times;
                }
                queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
            }

            @Override
            protected long leastLeft() {
                return 0;
            }

            @Override
            protected boolean keepsInterval() {
                return true;
            }
        };
    }

    /** timerfd_settime(2); returns the old setting. */
    public IntervalTimer.Setting set(long value, long interval, boolean absolute) {
        synchronized (this) {
            IntervalTimer.Setting old = timer.set(value, interval, absolute);
            ticks = 0;
            return old;
        }
    }

    /** The number of its clock. */
    public int clock() {
        return timer.clock();
    }

    public IntervalTimer.Setting get() {
        return timer.get();
    }

    @Override
    protected void closed() {
        timer.cancel();
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (target.remaining() < 8) {
            throw Errno.EINVAL.error();
        }
        long value;
        synchronized (this) {
            value = ticks;
            if (value == 0) {
                return WOULD_BLOCK;
            }
            ticks = 0;
        }
        byte[] b = new byte[8];
        for (int i = 0; i < 8; i++) {
            b[i] = (byte) (value >>> 8 * i);
        }
        return target.put(b, 0, 8);
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        if (command != TFD_IOC_SET_TICKS) {
            return super.ioctl(task, command, argument);
        }
        long value = task.memory().getLong(argument);
        if (value == 0) {
            throw Errno.EINVAL.error();
        }
        synchronized (this) {
            ticks = value;
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        return 0;
    }

    @Override
    public synchronized int poll(int mask) {
        return ticks == 0 ? 0 : mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }
}
