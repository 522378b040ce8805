package platform.kvm;

import sentry.core.arch.FpState;
import sentry.core.platform.Fault;

import java.lang.foreign.ValueLayout;

/**
 * From processor exceptions to what Linux tells a program (Intel SDM vol. 3, 6.15; sigaction(2)).
 */
final class FaultDecoder {
    static final int DIVIDE = 0;
    static final int DEBUG = 1;
    static final int BREAKPOINT = 3;
    static final int OVERFLOW = 4;
    static final int BOUND = 5;
    static final int OPCODE = 6;
    static final int DEVICE = 7;
    static final int SEGMENT_MISSING = 11;
    static final int STACK = 12;
    static final int PROTECTION = 13;
    static final int PAGE = 14;
    static final int X87 = 16;
    static final int ALIGNMENT = 17;
    static final int SIMD = 19;

    static final int ERROR_PRESENT = 1;
    static final int ERROR_WRITE = 2;
    static final int ERROR_USER = 4;
    static final int ERROR_FETCH = 16;

    private static final int SIGILL = 4;
    private static final int SIGTRAP = 5;
    private static final int SIGBUS = 7;
    private static final int SIGFPE = 8;
    private static final int SIGSEGV = 11;

    private static final int SI_KERNEL = 0x80;
    private static final int ILL_ILLOPN = 2;
    private static final int TRAP_TRACE = 2;
    private static final int FPE_INTDIV = 1;
    private static final int FPE_FLTDIV = 3;
    private static final int FPE_FLTOVF = 4;
    private static final int FPE_FLTUND = 5;
    private static final int FPE_FLTRES = 6;
    private static final int FPE_FLTINV = 7;
    private static final int SEGV_MAPERR = 1;
    private static final int SEGV_ACCERR = 2;
    private static final int BUS_ADRALN = 1;
    private static final int BUS_ADRERR = 2;

    private FaultDecoder() {}

    /** Whether the processor pushes an error code. */
    static boolean hasError(int vector) {
        return vector == 8 || vector >= 10 && vector <= 14 || vector == ALIGNMENT || vector == 21;
    }

    /** Whether a program can cause the exception. */
    static boolean isProgram(int vector) {
        return switch (vector) {
            case DIVIDE, DEBUG, BREAKPOINT, OVERFLOW, BOUND, OPCODE, DEVICE, SEGMENT_MISSING, STACK, PROTECTION, PAGE,
                    X87, ALIGNMENT, SIMD -> true;
            default -> false;
        };
    }

    /** The kind of access that a page fault's error code tells. */
    static int access(long error) {
        return (error & ERROR_FETCH) != 0 ? Fault.EXECUTE : (error & ERROR_WRITE) != 0 ? Fault.WRITE : Fault.READ;
    }

    /** @param mapped whether something is mapped there, which forbids the access */
    static void page(Fault f, long address, long error, boolean mapped) {
        set(f, SIGSEGV, mapped ? SEGV_ACCERR : SEGV_MAPERR, address, PAGE);
        f.access = access(error);
        f.error = error & (ERROR_PRESENT | ERROR_WRITE | ERROR_FETCH) | ERROR_USER;
        if (address >>> 47 != 0) {
            f.error |= ERROR_PRESENT; // Linux does not tell what of the kernel's half is there
        }
    }

    /** What the host cannot provide: a page behind the end of its file. */
    static void bus(Fault f, long address, int access) {
        set(f, SIGBUS, BUS_ADRERR, address, PAGE);
        f.access = access;
        f.error = ERROR_USER | (access == Fault.WRITE ? ERROR_WRITE : access == Fault.EXECUTE ? ERROR_FETCH : 0);
    }

    static void protection(Fault f, long error) {
        set(f, SIGSEGV, SI_KERNEL, 0, PROTECTION);
        f.error = error;
    }

    /** Everything but page faults and those with a floating-point status. */
    static void describe(Fault f, int vector, long error, long ip) {
        switch (vector) {
            case DIVIDE -> set(f, SIGFPE, FPE_INTDIV, ip, vector);
            case DEBUG -> set(f, SIGTRAP, TRAP_TRACE, ip, vector);
            case BREAKPOINT -> set(f, SIGTRAP, SI_KERNEL, 0, vector);
            case OPCODE -> set(f, SIGILL, ILL_ILLOPN, ip, vector);
            case SEGMENT_MISSING, STACK -> set(f, SIGBUS, SI_KERNEL, 0, vector);
            case ALIGNMENT -> set(f, SIGBUS, BUS_ADRALN, 0, vector);
            default -> set(f, SIGSEGV, SI_KERNEL, 0, vector);
        }
        f.error = error;
    }

    /** An exception of the floating-point units, whose kind is in their state. */
    static void floatingPoint(Fault f, int vector, FpState state, long ip) {
        int raised;
        if (vector == X87) {
            int control = state.segment().get(ValueLayout.JAVA_SHORT, 0);
            int status = state.segment().get(ValueLayout.JAVA_SHORT, 2);
            raised = status & ~control;
        } else {
            int mxcsr = state.segment().get(ValueLayout.JAVA_INT, 24);
            raised = mxcsr & ~(mxcsr >> 7);
        }
        int code = (raised & 1) != 0
                ? FPE_FLTINV
                : (raised & 4) != 0
                        ? FPE_FLTDIV
                        : (raised & 8) != 0
                                ? FPE_FLTOVF
                                : (raised & 0x12) != 0 ? FPE_FLTUND : (raised & 0x20) != 0 ? FPE_FLTRES : 0;
        set(f, SIGFPE, code, ip, vector);
        f.error = 0;
    }

    private static void set(Fault f, int signal, int code, long address, int trap) {
        f.signal = signal;
        f.code = code;
        f.address = address;
        f.access = 0;
        f.trap = trap;
        f.error = 0;
    }
}
