package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.abi.Resource;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;

/** poll(2), ppoll(2), select(2), pselect6(2). */
final class PollSyscalls {
    /** struct pollfd: fd 4, events 2, revents 2. */
    private static final int POLLFD = 8;

    private static final int ALWAYS = PollEvents.POLLERR | PollEvents.POLLHUP;
    private static final int SELECT_IN = PollEvents.POLLRDNORM
            | PollEvents.POLLRDBAND
            | PollEvents.POLLIN
            | PollEvents.POLLHUP
            | PollEvents.POLLERR;
    private static final int SELECT_OUT =
            PollEvents.POLLWRBAND | PollEvents.POLLWRNORM | PollEvents.POLLOUT | PollEvents.POLLERR;
    private static final int SELECT_EXCEPT = PollEvents.POLLPRI;
    /** No waiting at all. */
    private static final long NOW = Long.MIN_VALUE;

    private PollSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.POLL, PollSyscalls::poll);
        table.full(Sys.PPOLL, PollSyscalls::ppoll);
        table.full(Sys.SELECT, PollSyscalls::select);
        table.full(Sys.PSELECT6, PollSyscalls::pselect);
    }

    private static long deadline(long nanos) {
        return nanos == 0 ? NOW : Timespec.deadline(nanos);
    }

    // poll and ppoll.

    private static long poll(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = a.i2() < 0 ? Sleeper.FOREVER : deadline(a.i2() * 1_000_000L);
        return restartablePoll(task, a.a0, a.a1, deadline);
    }

    /** A poll that a stop interrupted goes on with what is left of its time. */
    private static long restartablePoll(Task task, long address, long count, long deadline) throws ErrnoException {
        try {
            return poll(task, address, count, deadline);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINTR) {
                task.setRestartBlock(t -> restartablePoll(t, address, count, deadline));
                throw Errno.ERESTART_RESTARTBLOCK.error();
            }
            throw e;
        }
    }

    private static long ppoll(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = Sleeper.FOREVER;
        if (a.a2 != 0) {
            deadline = deadline(Timespec.readNanos(task.memory(), a.a2));
        }
        if (a.a3 != 0) {
            SignalMask.use(task, a.a3, a.a4);
        }
        long n;
        try {
            n = poll(task, a.a0, a.a1, deadline);
        } catch (ErrnoException e) {
            writeRest(task, a.a2, deadline, false);
            throw interrupted(task, a.a3 != 0, e);
        }
        if (a.a3 != 0) {
            task.signals().restoreMask();
        }
        writeRest(task, a.a2, deadline, false);
        return n;
    }

    /** On a signal the mask stays, for the handler; on an error it goes back. */
    private static ErrnoException interrupted(Task task, boolean masked, ErrnoException e) {
        if (e.errno() == Errno.EINTR) {
            return Errno.ERESTARTNOHAND.error();
        }
        if (masked) {
            task.signals().restoreMask();
        }
        return e;
    }

    /** Linux writes the time that is left; a fault there is no error. */
    private static void writeRest(Task task, long address, long deadline, boolean micros) {
        if (address == 0 || deadline == Sleeper.FOREVER) {
            return;
        }
        long left = deadline == NOW ? 0 : Math.max(0, deadline - System.nanoTime());
        try {
            if (micros) {
                Timespec.writeMicros(task.memory(), address, left);
            } else {
                Timespec.write(task.memory(), address, left);
            }
        } catch (ErrnoException e) {
            // see above
        }
    }

    private static long poll(Task task, long address, long count, long deadline) throws ErrnoException {
        if (Long.compareUnsigned(count & 0xffffffffL, task.group().rlimit(Resource.RLIMIT_NOFILE)) > 0) {
            throw Errno.EINVAL.error();
        }
        int n = (int) count;
        byte[] fds = Scratch.get().bytes;
        if (n * POLLFD > fds.length) {
            fds = new byte[n * POLLFD];
        }
        if (n > 0) {
            task.memory().read(address, fds, 0, n * POLLFD);
        }
        int ready = scanPoll(task, fds, n);
        if (ready == 0 && deadline != NOW) {
            if (fds.length < 1 << 10) {
                fds = java.util.Arrays.copyOf(fds, n * POLLFD); // the scratch may be used while files are asked
            }
            ready = waitPoll(task, fds, n, deadline);
        }
        requireNoSignal(task, ready);
        for (int i = 0; i < n; i++) {
            task.memory().putShort(address + (long) i * POLLFD + 6, Struct.getShort(fds, i * POLLFD + 6));
        }
        return ready;
    }

    /** A call that finds nothing is interrupted also when it need not wait. */
    private static void requireNoSignal(Task task, int ready) throws ErrnoException {
        if (ready == 0 && task.sleeper().interrupted()) {
            throw Errno.EINTR.error();
        }
    }

    private static int scanPoll(Task task, byte[] fds, int n) {
        int ready = 0;
        for (int i = 0; i < n; i++) {
            int at = i * POLLFD;
            int fd = Struct.getInt(fds, at);
            int events = 0;
            if (fd >= 0) {
                int wanted = Struct.getShort(fds, at + 4) & 0xffff | ALWAYS;
                FileDescription file = task.fds().peek(fd);
                events = file == null ? PollEvents.POLLNVAL : file.poll(wanted) & (wanted | PollEvents.POLLNVAL);
            }
            Struct.putShort(fds, at + 6, events);
            if (events != 0) {
                ready++;
            }
        }
        return ready;
    }

    private static int waitPoll(Task task, byte[] fds, int n, long deadline) throws ErrnoException {
        try (Waiters waiters = new Waiters(task, n)) {
            for (int i = 0; i < n; i++) {
                int fd = Struct.getInt(fds, i * POLLFD);
                if (fd >= 0) {
                    waiters.add(fd, Struct.getShort(fds, i * POLLFD + 4) & 0xffff | ALWAYS);
                }
            }
            for (; ; ) {
                task.sleeper().prepare();
                int ready = scanPoll(task, fds, n);
                if (ready > 0) {
                    return ready;
                }
                switch (task.sleep(deadline)) {
                    case READY -> {}
                    case INTERRUPTED -> throw Errno.EINTR.error();
                    case TIMED_OUT -> {
                        return scanPoll(task, fds, n);
                    }
                }
            }
        }
    }

    /** The entries of one call in the queues of several files. */
    private static final class Waiters implements AutoCloseable {
        private final Task task;
        private final FileDescription[] files;
        private final WaitEntry[] entries;
        private int count;

        Waiters(Task task, int n) {
            this.task = task;
            files = new FileDescription[n];
            entries = new WaitEntry[n];
        }

        void add(int fd, int mask) {
            FileDescription file = task.fds().peek(fd);
            if (file == null || !file.retain()) {
                return; // closed meanwhile: the scan will say POLLNVAL
            }
            files[count] = file;
            entries[count] = new WaitEntry(task.sleeper());
            file.addWaiter(entries[count], mask);
            count++;
        }

        @Override
        public void close() {
            for (int i = 0; i < count; i++) {
                files[i].removeWaiter(entries[i]);
                files[i].release();
            }
        }
    }

    // select and pselect.

    private static long select(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = Sleeper.FOREVER;
        if (a.a4 != 0) {
            deadline = deadline(selectMicros(task, a.a4));
        }
        try {
            long n = select(task, a, deadline);
            writeRest(task, a.a4, deadline, true);
            return n;
        } catch (ErrnoException e) {
            writeRest(task, a.a4, deadline, true);
            throw interrupted(task, false, e);
        }
    }

    /** select(2) takes microseconds beyond a second. */
    private static long selectMicros(Task task, long address) throws ErrnoException {
        long seconds = task.memory().getLong(address);
        long micros = task.memory().getLong(address + 8);
        if (seconds < 0 || micros < 0) {
            throw Errno.EINVAL.error();
        }
        return Timespec.nanos(seconds + micros / 1_000_000, micros % 1_000_000 * 1000);
    }

    private static long pselect(Task task, SyscallArgs a) throws ErrnoException {
        long deadline = Sleeper.FOREVER;
        if (a.a4 != 0) {
            deadline = deadline(Timespec.readNanos(task.memory(), a.a4));
        }
        boolean masked = false;
        if (a.a5 != 0) {
            long mask = task.memory().getLong(a.a5);
            long size = task.memory().getLong(a.a5 + 8);
            if (mask != 0) {
                SignalMask.use(task, mask, size);
                masked = true;
            }
        }
        long n;
        try {
            n = select(task, a, deadline);
        } catch (ErrnoException e) {
            writeRest(task, a.a4, deadline, false);
            throw interrupted(task, masked, e);
        }
        if (masked) {
            task.signals().restoreMask();
        }
        writeRest(task, a.a4, deadline, false);
        return n;
    }

    private static long select(Task task, SyscallArgs a, long deadline) throws ErrnoException {
        int n = a.i0();
        if (n < 0) {
            throw Errno.EINVAL.error();
        }
        n = Math.min(n, task.fds().capacity());
        int words = (n + 63) / 64;
        long[] in = bits(task, a.a1, words);
        long[] out = bits(task, a.a2, words);
        long[] except = bits(task, a.a3, words);
        long[][] found = new long[3][words];
        int ready = scanSelect(task, n, in, out, except, found);
        if (ready == 0 && deadline != NOW) {
            ready = waitSelect(task, n, in, out, except, found, deadline);
        }
        requireNoSignal(task, ready);
        store(task, a.a1, found[0]);
        store(task, a.a2, found[1]);
        store(task, a.a3, found[2]);
        return ready;
    }

    private static long[] bits(Task task, long address, int words) throws ErrnoException {
        long[] set = new long[words];
        if (address != 0) {
            for (int i = 0; i < words; i++) {
                set[i] = task.memory().getLong(address + 8L * i);
            }
        }
        return set;
    }

    private static void store(Task task, long address, long[] set) throws ErrnoException {
        if (address != 0) {
            for (int i = 0; i < set.length; i++) {
                task.memory().putLong(address + 8L * i, set[i]);
            }
        }
    }

    private static boolean has(long[] set, int fd) {
        return (set[fd >> 6] >>> (fd & 63) & 1) != 0;
    }

    private static int scanSelect(Task task, int n, long[] in, long[] out, long[] except, long[][] found)
            throws ErrnoException {
        int ready = 0;
        for (int w = 0; w < in.length; w++) {
            found[0][w] = 0;
            found[1][w] = 0;
            found[2][w] = 0;
            long any = in[w] | out[w] | except[w];
            while (any != 0) {
                int bit = Long.numberOfTrailingZeros(any);
                any &= any - 1;
                int fd = (w << 6) + bit;
                if (fd >= n) {
                    break;
                }
                FileDescription file = task.fds().get(fd);
                int events = file.poll(wanted(in, out, except, fd));
                long one = 1L << bit;
                if (has(in, fd) && (events & SELECT_IN) != 0) {
                    found[0][w] |= one;
                    ready++;
                }
                if (has(out, fd) && (events & SELECT_OUT) != 0) {
                    found[1][w] |= one;
                    ready++;
                }
                if (has(except, fd) && (events & SELECT_EXCEPT) != 0) {
                    found[2][w] |= one;
                    ready++;
                }
            }
        }
        return ready;
    }

    private static int wanted(long[] in, long[] out, long[] except, int fd) {
        return ALWAYS
                | (has(in, fd) ? SELECT_IN : 0)
                | (has(out, fd) ? SELECT_OUT : 0)
                | (has(except, fd) ? SELECT_EXCEPT : 0);
    }

    private static int waitSelect(
            Task task, int n, long[] in, long[] out, long[] except, long[][] found, long deadline)
            throws ErrnoException {
        int count = 0;
        for (int w = 0; w < in.length; w++) {
            count += Long.bitCount(in[w] | out[w] | except[w]);
        }
        try (Waiters waiters = new Waiters(task, count)) {
            for (int fd = 0; fd < n; fd++) {
                if (has(in, fd) || has(out, fd) || has(except, fd)) {
                    waiters.add(fd, wanted(in, out, except, fd));
                }
            }
            for (; ; ) {
                task.sleeper().prepare();
                int ready = scanSelect(task, n, in, out, except, found);
                if (ready > 0) {
                    return ready;
                }
                switch (task.sleep(deadline)) {
                    case READY -> {}
                    case INTERRUPTED -> throw Errno.EINTR.error();
                    case TIMED_OUT -> {
                        return scanSelect(task, n, in, out, except, found);
                    }
                }
            }
        }
    }
}
