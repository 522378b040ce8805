package platform.ptrace;

import host.linux.Signals;
import sentry.core.platform.Fault;

/**
 * Fills a {@link Fault} from what ptrace tells of a signal. The processor's trap number and error code are not among
 * it and are worked out as far as signal and code determine them (linux/arch/x86 traps, sigaction(2)).
 */
final class FaultDecoder {
    private static final int SI_KERNEL = 0x80;
    private static final int SEGV_MAPERR = 1;
    private static final int SEGV_ACCERR = 2;
    private static final int BUS_ADRALN = 1;
    private static final int FPE_INTDIV = 1;

    private static final int TRAP_DIVIDE = 0;
    static final int TRAP_DEBUG = 1;
    private static final int TRAP_BREAKPOINT = 3;
    private static final int TRAP_OPCODE = 6;
    private static final int TRAP_PROTECTION = 13;
    private static final int TRAP_PAGE = 14;
    private static final int TRAP_ALIGNMENT = 17;
    private static final int TRAP_SIMD = 19;

    private static final int ERROR_PRESENT = 1;
    private static final int ERROR_WRITE = 2;
    private static final int ERROR_USER = 4;
    private static final int ERROR_FETCH = 16;

    private FaultDecoder() {}

    static void describe(Fault f, long ip, int signal, int code, long address) {
        f.signal = signal;
        f.code = code;
        f.address = address;
        f.access = 0;
        f.error = 0;
        f.breakpoints = 0;
        switch (signal) {
            case Signals.SIGSEGV -> {
                if (code == SI_KERNEL) {
                    f.trap = TRAP_PROTECTION;
                } else {
                    page(f, ip, code == SEGV_ACCERR);
                }
            }
            case Signals.SIGBUS -> {
                if (code == BUS_ADRALN) {
                    f.trap = TRAP_ALIGNMENT;
                } else {
                    page(f, ip, false);
                }
            }
            case Signals.SIGFPE -> f.trap = code == FPE_INTDIV ? TRAP_DIVIDE : TRAP_SIMD;
            case Signals.SIGILL -> f.trap = TRAP_OPCODE;
            default -> f.trap = code == SI_KERNEL ? TRAP_BREAKPOINT : TRAP_DEBUG;
        }
    }

    /** An instruction can be 15 bytes long and cross into the page that cannot be fetched. */
    private static boolean fetch(long ip, long address) {
        return address >= ip && address - ip < 15 && (address == ip || (address & StubCode.PAGE - 1) == 0);
    }

    private static void page(Fault f, long ip, boolean present) {
        f.trap = TRAP_PAGE;
        f.error = ERROR_USER;
        if (fetch(ip, f.address)) {
            f.access = Fault.EXECUTE;
            f.error |= ERROR_FETCH;
        } else if (present) {
            // What is mapped can nearly always be read, so it was not reading that was refused.
            f.access = Fault.WRITE;
            f.error |= ERROR_WRITE;
        } else {
            f.access = Fault.READ;
        }
        if (present) {
            f.error |= ERROR_PRESENT;
        }
    }
}
