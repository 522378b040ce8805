package sentry.core.signal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;
import sentry.core.task.Task;

/**
 * The signal frame of amd64: what a handler finds on its stack (asm/sigcontext.h, asm/ucontext.h), and the way back.
 *
 * <pre>
 *   0  return address (the restorer)
 *   8  struct ucontext: uc_flags, uc_link, uc_stack, uc_mcontext (struct sigcontext), uc_sigmask
 * 312  siginfo_t
 * 440  end; the XSAVE area lies above, on a multiple of 64
 * </pre>
 */
final class SignalFrame {
    private static final int UCONTEXT = 8;
    private static final int STACK = UCONTEXT + 16;
    private static final int MCONTEXT = UCONTEXT + 40;
    private static final int SIGMASK = MCONTEXT + 256;
    private static final int INFO = SIGMASK + 8;
    private static final int SIZE = INFO + SignalInfoCodec.SIZE;

    // Within struct sigcontext, after the eighteen general registers.
    private static final int SEGMENTS = MCONTEXT + 144;
    private static final int ERROR = MCONTEXT + 152;
    private static final int TRAP = MCONTEXT + 160;
    private static final int OLDMASK = MCONTEXT + 168;
    private static final int FAULT_ADDRESS = MCONTEXT + 176;
    private static final int FPSTATE = MCONTEXT + 184;

    /** The general registers in the order of struct sigcontext. */
    private static final int[] ORDER = {
        Registers.R8, Registers.R9, Registers.R10, Registers.R11, Registers.R12, Registers.R13, Registers.R14,
        Registers.R15, Registers.RDI, Registers.RSI, Registers.RBP, Registers.RBX, Registers.RDX, Registers.RAX,
        Registers.RCX, Registers.RSP, Registers.RIP, Registers.EFLAGS
    };

    private static final long UC_FP_XSTATE = 1;
    private static final long UC_SIGCONTEXT_SS = 2;
    private static final long UC_STRICT_RESTORE_SS = 4;

    /** The area below the stack pointer that leaf functions use. */
    private static final int RED_ZONE = 128;

    private static final long USER_CS = 0x33;
    private static final long USER_SS = 0x2b;

    private static final long FLAG_TF = 0x100;
    private static final long FLAG_DF = 0x400;
    private static final long FLAG_RF = 0x10000;
    /** AC, OF, DF, TF, SF, ZF, AF, PF, CF, RF: what a program may set by rt_sigreturn. */
    private static final long RESTORED_FLAGS = 0x50dd5;

    // The XSAVE area.
    private static final int FXSAVE_SIZE = 512;
    private static final int MXCSR = 24;
    private static final int MXCSR_MASK = 28;
    private static final int SW_RESERVED = 464;
    private static final int XSTATE_BV = 512;
    private static final int XCOMP_BV = 520;
    private static final int HEADER_END = 576;
    private static final int MAGIC1 = 0x46505853;
    private static final int MAGIC2 = 0x46505845;
    private static final int DEFAULT_MXCSR_MASK = 0xffbf;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private SignalFrame() {}

    /** Makes the task run the handler next. EFAULT when the frame has no place; nothing has changed then. */
    static void push(Task task, SignalInfo info, SignalAction action) throws ErrnoException {
        Registers r = task.registers();
        TaskSignals s = task.signals();
        if (!action.has(Signal.SA_RESTORER)) {
            throw Errno.EFAULT.error(); // there is no other way back on this architecture
        }
        FpState fp = task.context().fpState();
        int fpSize = fp.size() + 4;
        long sp = r.sp() - RED_ZONE;
        boolean onStack = s.onStack(r.sp());
        boolean entering = action.has(Signal.SA_ONSTACK) && !onStack && s.stackSize() != 0;
        if (entering) {
            sp = s.stackBase() + s.stackSize();
        }
        long fpAddress = sp - fpSize & -64L;
        long frame = (fpAddress - SIZE & -16L) - 8;
        if ((onStack || entering) && (frame < s.stackBase() || frame > s.stackBase() + s.stackSize())) {
            throw Errno.EFAULT.error(); // beyond the end of the alternate stack
        }

        byte[] out = new byte[SIZE];
        LONG.set(out, 0, action.restorer());
        LONG.set(out, UCONTEXT, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
        LONG.set(out, STACK, s.stackBase());
        INT.set(out, STACK + 8, s.stackFlags());
        LONG.set(out, STACK + 16, s.stackSize());
        for (int i = 0; i < ORDER.length; i++) {
            LONG.set(out, MCONTEXT + 8 * i, r.get(ORDER[i]));
        }
        SHORT.set(out, SEGMENTS, (short) USER_CS);
        SHORT.set(out, SEGMENTS + 6, (short) USER_SS);
        LONG.set(out, ERROR, s.trapError);
        LONG.set(out, TRAP, (long) s.trapNumber);
        LONG.set(out, FAULT_ADDRESS, s.trapAddress);
        LONG.set(out, FPSTATE, fpAddress);
        // Written before the saved mask is taken, so that a failure leaves it for SIGSEGV's frame.
        SignalInfoCodec.encode(info, out, INFO);
        writeFpState(task, fp, fpAddress);
        long oldMask = s.peekSavedMask();
        LONG.set(out, OLDMASK, oldMask);
        LONG.set(out, SIGMASK, oldMask);
        task.memory().write(frame, out, 0, SIZE);
        s.takeSavedMask();

        if ((s.stackFlags() & Signal.SS_AUTODISARM) != 0) {
            s.clearStack();
        }
        r.set(Registers.RDI, info.signo());
        r.set(Registers.RAX, 0);
        r.set(Registers.RSI, frame + INFO);
        r.set(Registers.RDX, frame + UCONTEXT);
        r.setIp(action.handler());
        r.setSp(frame);
        r.set(Registers.EFLAGS, r.get(Registers.EFLAGS) & ~(FLAG_DF | FLAG_RF | FLAG_TF));
        r.set(Registers.ORIG_RAX, -1);
    }

    private static void writeFpState(Task task, FpState fp, long address) throws ErrnoException {
        int size = fp.size();
        MemorySegment segment = fp.segment();
        byte[] out = new byte[size + 4];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, out, 0, size);
        for (int i = SW_RESERVED; i < FXSAVE_SIZE; i++) {
            out[i] = 0;
        }
        INT.set(out, SW_RESERVED, MAGIC1);
        INT.set(out, SW_RESERVED + 4, size + 4);
        LONG.set(out, SW_RESERVED + 8, features(segment));
        INT.set(out, SW_RESERVED + 16, size);
        INT.set(out, size, MAGIC2);
        task.memory().write(address, out, 0, out.length);
    }

    /** The state components that the processor keeps: the host leaves XCR0 in the area, in its software bytes. */
    private static long features(MemorySegment segment) {
        long xcr0 = segment.get(ValueLayout.JAVA_LONG, SW_RESERVED);
        long present = segment.get(ValueLayout.JAVA_LONG, XSTATE_BV);
        return xcr0 != 0 ? xcr0 : present | 3;
    }

    /** Restores what the frame at the stack pointer holds. EFAULT for a frame that cannot be read or is not sound. */
    static void pop(Task task) throws ErrnoException {
        Registers r = task.registers();
        TaskSignals s = task.signals();
        long frame = r.sp() - 8;
        byte[] in = new byte[SIZE - SignalInfoCodec.SIZE];
        task.memory().read(frame, in, 0, in.length);
        s.setMask((long) LONG.get(in, SIGMASK));
        long fpAddress = (long) LONG.get(in, FPSTATE);
        for (int i = 0; i < ORDER.length - 1; i++) {
            r.set(ORDER[i], (long) LONG.get(in, MCONTEXT + 8 * i));
        }
        long flags = (long) LONG.get(in, MCONTEXT + 8 * (ORDER.length - 1));
        r.set(Registers.EFLAGS, r.get(Registers.EFLAGS) & ~RESTORED_FLAGS | flags & RESTORED_FLAGS);
        // Whatever else the program put there the processor would refuse on the way back.
        boolean strict = ((long) LONG.get(in, UCONTEXT) & UC_STRICT_RESTORE_SS) != 0;
        boolean badSegments = ((short) SHORT.get(in, SEGMENTS) & 0xffff | 3) != USER_CS
                || strict && ((short) SHORT.get(in, SEGMENTS + 6) & 0xffff | 3) != USER_SS;
        r.set(Registers.CS, USER_CS);
        r.set(Registers.SS, USER_SS);
        r.set(Registers.ORIG_RAX, -1);
        readFpState(task, fpAddress);
        try {
            s.setStack(
                    (long) LONG.get(in, STACK),
                    (long) LONG.get(in, STACK + 16),
                    (int) INT.get(in, STACK + 8),
                    r.sp(),
                    Signal.MINSIGSTKSZ);
        } catch (ErrnoException e) {
            // Linux restores the alternate stack if it can and says nothing if it cannot.
        }
        if (badSegments || Long.compareUnsigned(r.ip(), task.kernel().platform().traits().maxAddress()) >= 0) {
            s.force(SignalInfo.kernel(Signal.SIGSEGV));
        }
    }

    private static void readFpState(Task task, long address) throws ErrnoException {
        FpState fp = task.context().fpState();
        if (address == 0) {
            fp.reset();
            return;
        }
        int size = fp.size();
        byte[] in = new byte[size];
        task.memory().read(address, in, 0, FXSAVE_SIZE);
        long xcr0 = features(fp.segment());
        int allowed = fp.segment().get(ValueLayout.JAVA_INT, MXCSR_MASK);
        if (allowed == 0) {
            allowed = DEFAULT_MXCSR_MASK;
        }
        if (((int) INT.get(in, MXCSR) & ~allowed) != 0) {
            throw Errno.EFAULT.error(); // the processor would refuse it
        }
        boolean extended = (int) INT.get(in, SW_RESERVED) == MAGIC1
                && (int) INT.get(in, SW_RESERVED + 16) == size
                && (int) INT.get(in, SW_RESERVED + 4) == size + 4
                && task.memory().getInt(address + size) == MAGIC2;
        long present = 3;
        if (extended) {
            if ((address & 63) != 0) {
                throw Errno.EFAULT.error();
            }
            long wanted = (long) LONG.get(in, SW_RESERVED + 8) & xcr0;
            task.memory().read(address + FXSAVE_SIZE, in, FXSAVE_SIZE, size - FXSAVE_SIZE);
            present = (long) LONG.get(in, XSTATE_BV);
            if ((present & ~xcr0) != 0) {
                throw Errno.EFAULT.error();
            }
            present &= wanted;
            // The processor looks at these sixteen bytes, and not at the others of the header.
            if ((long) LONG.get(in, XCOMP_BV) != 0 || (long) LONG.get(in, XCOMP_BV + 8) != 0) {
                throw Errno.EFAULT.error();
            }
            for (int i = XCOMP_BV + 16; i < HEADER_END; i += 8) {
                LONG.set(in, i, 0L);
            }
        }
        LONG.set(in, XSTATE_BV, present);
        INT.set(in, MXCSR_MASK, allowed);
        LONG.set(in, SW_RESERVED, xcr0);
        for (int i = SW_RESERVED + 8; i < FXSAVE_SIZE; i++) {
            in[i] = 0;
        }
        MemorySegment.copy(in, 0, fp.segment(), ValueLayout.JAVA_BYTE, 0, size);
        fp.changed(true);
    }
}
