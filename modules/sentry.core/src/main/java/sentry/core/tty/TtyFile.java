package sentry.core.tty;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Signal;
import sentry.core.task.Task;
import sentry.core.time.KernelTimer;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;

/** An open file on a terminal: what programs call their tty. */
final class TtyFile extends TtySide {
    /** Unit of TIME (termios(3)). */
    private static final long TENTH = 100_000_000L;
    /** A timed read that was not finished in this time after its end was given up by its task. */
    private static final long STALE = 20_000_000_000L;

    /** One program write at a time, so that room that was found stays. */
    private final Object writing = new Object();

    /** The read that waits with TIME set: whose it is and until when. Guarded by this. */
    private Task timedReader;

    private long timedUntil;
    private int timedSeen;
    private final KernelTimer timer = new KernelTimer() {
        @Override
        protected void expired() {
            tty.terminalQueue.notify(PollEvents.READABLE);
        }
    };

    /** When the file was opened, in hang-ups. */
    private final int generation;

    TtyFile(Tty tty, VfsPath path, int flags) {
        super(tty, path, flags, false);
        generation = tty.generation();
    }

    private boolean hungUp() {
        return generation != tty.generation() || tty.hungUp();
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (hungUp()) {
            return 0;
        }
        JobControl.requireForeground(tty, task, Signal.SIGTTIN);
        int length = (int) Math.min(target.remaining(), CHUNK);
        if (length == 0) {
            return 0;
        }
        byte[] data = new byte[length];
        int timing = tty.rawTiming();
        int atLeast = 1;
        if (timing >= 0) {
            int min = timing & 0xff;
            int time = timing >>> 8;
            boolean blocks = (flags() & Fcntl.O_NONBLOCK) == 0;
            if (time > 0 && blocks) {
                return timed(task, target, data, min, time);
            }
            if (min == 0) {
                int n = tty.toProgram(data, length, 1);
                return n < 0 ? blocks ? 0 : WOULD_BLOCK : target.put(data, 0, n);
            }
            atLeast = blocks ? Math.min(min, length) : 1;
        }
        int n = tty.toProgram(data, length, atLeast);
        return n < 0 ? WOULD_BLOCK : target.put(data, 0, n);
    }

    /**
     * A raw read with TIME: with MIN 0 the time runs from the start, else anew from each byte on, after the first. The
     * call comes again whenever the task wakes up.
     */
    private synchronized long timed(Task task, IoBuffer target, byte[] data, int min, int time)
            throws ErrnoException {
        int wanted = min == 0 ? 1 : Math.min(min, data.length);
        int n = tty.toProgram(data, data.length, wanted);
        if (n >= 0) {
            timedReader = null;
            return target.put(data, 0, n);
        }
        long now = System.nanoTime();
        int seen = tty.inputAvailable();
        boolean mine = timedReader == task && now - timedUntil < STALE;
        if (mine && seen == timedSeen && now - timedUntil >= 0) {
            timedReader = null;
            n = seen == 0 ? 0 : Math.max(0, tty.toProgram(data, data.length, 1));
            return target.put(data, 0, n);
        }
        if ((min == 0 || seen > 0) && (!mine || seen != timedSeen)) {
            timedReader = task;
            timedSeen = seen;
            timedUntil = now + time * TENTH;
            tty.kernel().timers().arm(timer, timedUntil);
        }
        return WOULD_BLOCK;
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        if (hungUp()) {
            throw Errno.EIO.error();
        }
        if (tty.stopsBackgroundOutput()) {
            JobControl.requireForeground(tty, task, Signal.SIGTTOU);
        }
        synchronized (writing) {
            long done = 0;
            while (source.remaining() > 0) {
                int room = (int) Math.min(Math.min(tty.programRoom(), CHUNK), source.remaining());
                if (room < 0) {
                    throw Errno.EIO.error();
                }
                if (room == 0) {
                    return done == 0 ? WOULD_BLOCK : done;
                }
                byte[] data = new byte[room];
                int n = source.get(data, 0, room);
                if (n == 0) {
                    return done;
                }
                tty.fromProgram(data, n);
                done += n;
            }
            return done;
        }
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        if (hungUp()) {
            throw (command == TtyIoctl.TIOCSPGRP ? Errno.ENOTTY : Errno.EIO).error();
        }
        return super.ioctl(task, command, argument);
    }

    @Override
    public int poll(int mask) {
        if (generation != tty.generation()) {
            int all = PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLRDNORM | PollEvents.POLLWRNORM;
            return mask & all | PollEvents.POLLERR | PollEvents.POLLHUP;
        }
        int timing = tty.rawTiming();
        // With TIME set a read returns after the first byte, so that is what counts.
        int atLeast = timing < 0 || timing >>> 8 != 0 ? 1 : Math.max(1, timing & 0xff);
        return tty.terminalPoll(mask, atLeast);
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        tty.terminalQueue.add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        tty.terminalQueue.remove(entry);
    }

    @Override
    protected void closed() {
        tty.kernel().timers().cancel(timer);
        tty.terminalClosed(generation);
    }
}
