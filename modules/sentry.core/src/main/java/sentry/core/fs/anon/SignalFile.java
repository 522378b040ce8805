package sentry.core.fs.anon;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.kernel.Kernel;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/** signalfd(2): signals that are read. Always those of the task that reads or polls, whoever made the file. */
public final class SignalFile extends FileDescription {
    /** Bytes of struct signalfd_siginfo. */
    private static final int SIZE = 128;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private volatile long signals;
    /** Which process's queue a waiter is in. */
    private final Map<WaitEntry, WaitQueue> waiters = new ConcurrentHashMap<>();

    /** @param flags O_NONBLOCK or 0 */
    public SignalFile(long signals, int flags) {
        super(AnonymousFiles.INSTANCE.path("anon_inode:[signalfd]"), Fcntl.O_RDWR | flags);
        this.signals = signals;
    }

    /** signalfd(2) on an existing descriptor: other signals. */
    public void setSignals(long value) {
        signals = value;
        for (WaitQueue q : waiters.values()) {
            q.notify(PollEvents.POLLIN);
        }
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (target.remaining() < SIZE) {
            throw Errno.EINVAL.error();
        }
        long done = 0;
        while (target.remaining() >= SIZE) {
            SignalInfo info = task.signals().take(signals);
            if (info == null) {
                break;
            }
            byte[] b = encode(info);
            done += target.put(b, 0, SIZE);
        }
        return done == 0 ? WOULD_BLOCK : done;
    }

    private static byte[] encode(SignalInfo info) {
        byte[] b = new byte[SIZE];
        INT.set(b, 0, info.signo());
        INT.set(b, 8, info.code());
        if (info.code() == SignalInfo.SI_TIMER) {
            INT.set(b, 24, info.pid()); // ssi_tid: the timer
            INT.set(b, 32, info.uid()); // ssi_overrun
        } else {
            INT.set(b, 12, info.pid());
            INT.set(b, 16, info.uid());
        }
        INT.set(b, 40, info.status());
        if (info.code() < 0) {
            INT.set(b, 44, (int) info.address()); // ssi_int
            LONG.set(b, 48, info.address()); // ssi_ptr
        }
        LONG.set(b, 56, info.utime());
        LONG.set(b, 64, info.stime());
        LONG.set(b, 72, info.address());
        return b;
    }

    @Override
    public int poll(int mask) {
        Task task = Kernel.current();
        if (task == null) {
            return 0;
        }
        long pending = task.signals().pending() | task.group().signals().pending();
        return (pending & signals) == 0 ? 0 : mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }

    /** There is no position to move; Linux takes the call. */
    @Override
    public long seek(Task task, long offset, int whence) {
        return 0;
    }

    @Override
    public boolean pollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        Task task = Kernel.current();
        if (task != null) {
            WaitQueue q = task.group().signals().arrivals();
            waiters.put(entry, q);
            q.add(entry, mask);
        }
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        WaitQueue q = waiters.remove(entry);
        if (q != null) {
            q.remove(entry);
        }
    }
}
