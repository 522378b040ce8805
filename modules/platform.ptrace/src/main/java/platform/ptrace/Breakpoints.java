package platform.ptrace;

import host.linux.Ptrace;
import sentry.core.log.Log;

/**
 * The breakpoints of the processor that one context's program has (ptrace(2), {@code u_debugreg} of sys/user.h). The host
 * keeps them with the stub thread, so they go with the context from one to the next. No address lies in the stub's own
 * pages, hence nothing stops the stub's code.
 */
final class Breakpoints {
    private static final int COUNT = 4;
    private static final int STATUS = 6;
    private static final int CONTROL = 7;
    private static final long HIT = (1 << COUNT) - 1;
    /** DR7: DR0 is an instruction's address. */
    private static final long FIRST_EXECUTES = 1;

    /** DR0 to DR3 and DR7; null for none. */
    private long[] wanted;
    /** The stub thread has some. */
    private boolean loaded;
    /** The stub thread has others than it should. */
    private boolean due;

    /** Whether the host lets the stub thread have any. Leaves it without. */
    static boolean available(Tracee t) {
        return t.pokeUser(register(CONTROL), FIRST_EXECUTES) >= 0 && t.pokeUser(register(CONTROL), 0) >= 0;
    }

    private static int register(int index) {
        return Ptrace.USER_DEBUG + 8 * index;
    }

    void want(long[] values) {
        wanted = values;
        due = true;
    }

    /** The context has another stub thread, which has none. */
    void moved() {
        loaded = false;
        due = wanted != null;
    }

    boolean due() {
        return due;
    }

    boolean loaded() {
        return loaded;
    }

    /** Gives the stub thread what is wanted; false when it is gone. */
    boolean load(Tracee t) {
        due = false;
        if (loaded && !unload(t)) {
            return false;
        }
        if (wanted == null) {
            return true;
        }
        loaded = true;
        long r = 0;
        for (int i = 0; i < COUNT && r >= 0; i++) {
            if ((wanted[COUNT] >> 2 * i & 3) != 0) {
                r = t.pokeUser(register(i), wanted[i]);
            }
        }
        if (r >= 0) {
            r = t.pokeUser(register(CONTROL), wanted[COUNT]);
        }
        if (r < 0) {
            if (t.getRegistersFails()) {
                return false;
            }
            Log.warn("ptrace: the host refuses breakpoints of the processor: " + -r);
        }
        return true;
    }

    /** Takes all from the stub thread; false when it is gone. */
    boolean unload(Tracee t) {
        loaded = false;
        return t.pokeUser(register(CONTROL), 0) >= 0;
    }

    /** The breakpoints that the last debug exception was about, a bit for each. */
    int hit(Tracee t) {
        return loaded ? (int) (t.peekUser(register(STATUS)) & HIT) : 0;
    }
}
