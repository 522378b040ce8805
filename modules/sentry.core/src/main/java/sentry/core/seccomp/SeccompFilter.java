package sentry.core.seccomp;

import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Seccomp;

/** A filter and those that were installed before it: all of them judge a call, and the strictest word counts. */
public final class SeccompFilter {
    /** Most instructions of a chain, each filter counting as four more (MAX_INSNS_PER_PATH). */
    private static final int MAX_CHAIN = 32768;

    private static final int OVERHEAD = 4;
    /** Call numbers that {@link #known} has room for. */
    private static final int NUMBERS = 512;

    private static final byte ALLOWED = 1;
    private static final byte TO_BE_ASKED = 2;

    private final BpfProgram program;
    private final SeccompFilter previous;
    private final boolean logs;
    private final SeccompListener listener;
    private final int total;
    private final int count;
    /** By call number: nothing known (0), allowed whatever the arguments, or to be run. Races lead to the same values. */
    private final byte[] known = new byte[NUMBERS];

    /** Tasks that have this filter first, and filters on top of it. */
    private final AtomicInteger users = new AtomicInteger();

    /**
     * @param previous the filters so far, or null
     * @param logs whether actions other than to allow are logged (SECCOMP_FILTER_FLAG_LOG)
     * @param listener who answers SECCOMP_RET_USER_NOTIF, or null
     * @throws ErrnoException ENOMEM when the chain gets too long
     */
    public SeccompFilter(BpfProgram program, SeccompFilter previous, boolean logs, SeccompListener listener)
            throws ErrnoException {
        this.program = program;
        this.previous = previous;
        this.logs = logs;
        this.listener = listener;
        this.total = program.length() + (previous == null ? 0 : previous.total + OVERHEAD);
        this.count = previous == null ? 1 : previous.count + 1;
        if (total > MAX_CHAIN) {
            throw Errno.ENOMEM.error();
        }
        if (previous != null) {
            previous.use();
        }
    }

    public SeccompFilter previous() {
        return previous;
    }

    public boolean logs() {
        return logs;
    }

    public SeccompListener listener() {
        return listener;
    }

    /** How many filters there are, this one and those before. */
    public int count() {
        return count;
    }

    /** The program as an array of struct sock_filter. */
    public byte[] program() {
        return program.bytes();
    }

    /** A task, or a filter on top, begins to use it. */
    public void use() {
        users.incrementAndGet();
    }

    /** A task does not use it any more. */
    public void leave() {
        for (SeccompFilter f = this; f != null && f.users.decrementAndGet() == 0; f = f.previous) {
            if (f.listener != null) {
                f.listener.unused();
            }
        }
    }

    /** Whether {@code other} is this filter or one before it; null is before all. */
    public boolean descendsFrom(SeccompFilter other) {
        for (SeccompFilter f = this; f != null; f = f.previous) {
            if (f == other) {
                return true;
            }
        }
        return other == null;
    }

    /** Whether somebody listens to one of the filters. */
    public boolean hasListener() {
        for (SeccompFilter f = this; f != null; f = f.previous) {
            if (f.listener != null) {
                return true;
            }
        }
        return false;
    }

    /** Whether calls with this number are allowed whatever their arguments. Hot path. */
    boolean allows(int nr) {
        if (nr < 0 || nr >= NUMBERS) {
            return false;
        }
        byte k = known[nr];
        if (k == 0) {
            k = ALLOWED;
            for (SeccompFilter f = this; f != null; f = f.previous) {
                if (f.program.forNumber(nr, Ptrace.AUDIT_ARCH) != Seccomp.RET_ALLOW) {
                    k = TO_BE_ASKED;
                    break;
                }
            }
            known[nr] = k;
        }
        return k == ALLOWED;
    }

    int run(int[] words) {
        return program.run(words);
    }
}
