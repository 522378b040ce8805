package sentry.core.futex;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryManager;

/** The little program in the last argument of FUTEX_WAKE_OP (futex(2)). */
final class FutexOp {
    private FutexOp() {}

    /** Changes the word atomically and returns whether its old value passes the comparison. ENOSYS for unknown ones. */
    static boolean apply(MemoryManager mm, long address, int encoded) throws ErrnoException {
        int op = encoded >>> 28 & 7;
        int comparison = encoded >>> 24 & 15;
        int operand = encoded << 8 >> 20;
        int against = encoded << 20 >> 20;
        if ((encoded >>> 28 & 8) != 0) {
            operand = 1 << (operand & 31);
        }
        int old = mm.getIntVolatile(address);
        for (;;) {
            int changed =
                    switch (op) {
                        case 0 -> operand;
                        case 1 -> old + operand;
                        case 2 -> old | operand;
                        case 3 -> old & ~operand;
                        case 4 -> old ^ operand;
                        default -> throw Errno.ENOSYS.error();
                    };
            int seen = mm.compareAndExchangeInt(address, old, changed);
            if (seen == old) {
                break;
            }
            old = seen;
        }
        return switch (comparison) {
            case 0 -> old == against;
            case 1 -> old != against;
            case 2 -> old < against;
            case 3 -> old <= against;
            case 4 -> old > against;
            case 5 -> old >= against;
            default -> throw Errno.ENOSYS.error();
        };
    }
}
