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
import sentry.core.signal.SignalInfoCodec;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/** signalfd(2): signals that are read. Always those of the task that reads or polls, whoever made the file. */
public final class SignalFile extends AnonymousFile {
    /** Bytes of struct signalfd_siginfo. */
    private static final int SIZE = 128;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private volatile long signals;
    /** Which process's queue a waiter is in. */
    private final Map<WaitEntry, WaitQueue> waiters = new ConcurrentHashMap<>();

    /** @param flags O_NONBLOCK or 0 */
    public SignalFile(long signals, int flags) {
        super("anon_inode:[signalfd]", Fcntl.O_RDWR | flags);
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

    /** struct signalfd_siginfo: the fields of a siginfo_t, each at a place of its own. */
    private static byte[] encode(SignalInfo info) {
        byte[] in = new byte[SignalInfoCodec.SIZE];
        SignalInfoCodec.encode(info, in, 0);
        byte[] b = new byte[SIZE];
        INT.set(b, 0, info.signo());
        INT.set(b, 4, (int) INT.get(in, 4));
        INT.set(b, 8, info.code());
        int pid = (int) INT.get(in, 16);
        int uid = (int) INT.get(in, 20);
        long value = (long) LONG.get(in, 24);
        switch (SignalInfoCodec.layout(info.signo(), info.code())) {
            case KILL -> {
                INT.set(b, 12, pid);
                INT.set(b, 16, uid);
            }
            case TIMER -> {
                INT.set(b, 24, pid); // ssi_tid: the timer
                INT.set(b, 32, uid); // ssi_overrun
                INT.set(b, 44, (int) value); // ssi_int
                LONG.set(b, 48, value); // ssi_ptr
            }
            case POLL -> {
                INT.set(b, 28, pid); // ssi_band: the low half of si_band
                INT.set(b, 20, (int) value); // ssi_fd
            }
            case FAULT -> LONG.set(b, 72, (long) LONG.get(in, 16)); // ssi_addr
            case CHILD -> {
                INT.set(b, 12, pid);
                INT.set(b, 16, uid);
                INT.set(b, 40, (int) value);
                LONG.set(b, 56, (long) LONG.get(in, 32));
                LONG.set(b, 64, (long) LONG.get(in, 40));
            }
            case RT -> {
                INT.set(b, 12, pid);
                INT.set(b, 16, uid);
                INT.set(b, 44, (int) value);
                LONG.set(b, 48, value);
            }
            case SYS -> {
                LONG.set(b, 88, (long) LONG.get(in, 16)); // ssi_call_addr
                INT.set(b, 84, (int) value); // ssi_syscall
                INT.set(b, 96, (int) (value >>> 32)); // ssi_arch
            }
        }
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
