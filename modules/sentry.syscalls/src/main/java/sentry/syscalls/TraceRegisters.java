package sentry.syscalls;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Ptrace;
import sentry.core.arch.DebugRegisters;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;
import sentry.core.task.Task;

/** The registers of a stopped task, as its tracer reads and writes them (sys/user.h). The tracer holds the task. */
final class TraceRegisters {
    static final int FXSAVE_SIZE = 512;
    private static final int WORD = 8;
    /** CF, PF, AF, ZF, SF, TF, DF, OF, NT, RF, AC: what a tracer may change. */
    private static final long FLAGS = 0x54dd5;
    /** Software's part of the FXSAVE area; the first word tells which components there are. */
    private static final int SW_RESERVED = 464;

    private static final int MXCSR = 24;
    private static final int MXCSR_MASK = 28;
    private static final int DEFAULT_MXCSR_MASK = 0xffbf;
    private static final int XSTATE_BV = 512;
    private static final int XCOMP_BV = 520;
    private static final int HEADER_END = 576;
    /** x87 and SSE. */
    private static final long LEGACY = 3;

    private TraceRegisters() {}

    static long peekUser(Task t, long offset) throws ErrnoException {
        requireUser(offset);
        if (offset < Registers.SIZE) {
            return t.registers().get((int) offset);
        }
        return isDebug(offset) ? t.debugRegisters().get(debugIndex(offset)) : 0;
    }

    static void pokeUser(Task tracer, Task t, long offset, long value) throws ErrnoException {
        requireUser(offset);
        if (offset < Registers.SIZE) {
            set(t, (int) offset, value);
        } else if (isDebug(offset)) {
            setDebug(tracer, t, debugIndex(offset), value);
        } else {
            throw Errno.EIO.error();
        }
    }

    private static boolean isDebug(long offset) {
        return offset >= Ptrace.USER_DEBUG && offset < Ptrace.USER_DEBUG + DebugRegisters.COUNT * WORD;
    }

    private static int debugIndex(long offset) {
        return (int) (offset - Ptrace.USER_DEBUG) / WORD;
    }

    private static void requireUser(long offset) throws ErrnoException {
        if ((offset & WORD - 1) != 0 || Long.compareUnsigned(offset, Ptrace.USER_SIZE) >= 0) {
            throw Errno.EIO.error();
        }
    }

    private static void setDebug(Task tracer, Task t, int index, long value) throws ErrnoException {
        if (index == DebugRegisters.CONTROL
                && DebugRegisters.enables(value)
                && !tracer.context().hasDebugRegisters()) {
            throw Errno.ENOSPC.error(); // no breakpoint of the processor is free for programs
        }
        t.debugRegisters().set(index, value, t.kernel().platform().traits().maxAddress());
    }

    private static void set(Task t, int offset, long value) throws ErrnoException {
        Registers r = t.registers();
        switch (offset) {
            case Registers.FS_BASE, Registers.GS_BASE -> {
                if (Long.compareUnsigned(value, t.kernel().platform().traits().maxAddress()) >= 0) {
                    throw Errno.EIO.error();
                }
                r.set(offset, value);
            }
            case Registers.EFLAGS -> r.set(offset, r.get(offset) & ~FLAGS | value & FLAGS);
            case Registers.CS, Registers.SS -> {
                requireSelector(value);
                if (value == 0) {
                    throw Errno.EIO.error();
                }
                r.set(offset, value & 0xffff);
            }
            case Registers.DS, Registers.ES, Registers.FS, Registers.GS -> {
                requireSelector(value);
                r.set(offset, value & 0xffff);
            }
            default -> r.set(offset, value);
        }
    }

    /** Null or of user privilege. */
    private static void requireSelector(long value) throws ErrnoException {
        if ((value & 0xffff) != 0 && (value & 3) != 3) {
            throw Errno.EIO.error();
        }
    }

    static byte[] general(Task t) {
        byte[] out = new byte[Registers.SIZE];
        for (int i = 0; i < Registers.SIZE; i += WORD) {
            Struct.putLong(out, i, t.registers().get(i));
        }
        return out;
    }

    static void setGeneral(Task t, byte[] in, int size) throws ErrnoException {
        for (int i = 0; i < size; i += WORD) {
            set(t, i, Struct.getLong(in, i));
        }
    }

    static byte[] floating(Task t) {
        byte[] out = new byte[FXSAVE_SIZE];
        MemorySegment.copy(t.context().fpState().segment(), ValueLayout.JAVA_BYTE, 0, out, 0, FXSAVE_SIZE);
        return out;
    }

    static void setFloating(Task t, byte[] in, int size) throws ErrnoException {
        FpState fp = t.context().fpState();
        byte[] all = floating(t);
        System.arraycopy(in, 0, all, 0, Math.min(size, SW_RESERVED));
        requireMxcsr(fp, all);
        MemorySegment.copy(all, 0, fp.segment(), ValueLayout.JAVA_BYTE, 0, SW_RESERVED);
        long present = fp.segment().get(ValueLayout.JAVA_LONG, XSTATE_BV);
        fp.segment().set(ValueLayout.JAVA_LONG, XSTATE_BV, present | LEGACY);
        fp.changed(true);
    }

    private static void requireMxcsr(FpState fp, byte[] in) throws ErrnoException {
        int allowed = fp.segment().get(ValueLayout.JAVA_INT, MXCSR_MASK);
        if ((Struct.getInt(in, MXCSR) & ~(allowed == 0 ? DEFAULT_MXCSR_MASK : allowed)) != 0) {
            throw Errno.EINVAL.error();
        }
        Struct.putInt(in, MXCSR_MASK, allowed);
    }

    /** Bytes of a register set; 0 for one that is not there. */
    static int setSize(Task t, int type) {
        return switch (type) {
            case Ptrace.NT_PRSTATUS -> Registers.SIZE;
            case Ptrace.NT_PRFPREG -> FXSAVE_SIZE;
            case Ptrace.NT_X86_XSTATE -> t.context().fpState().size();
            default -> 0;
        };
    }

    static byte[] get(Task t, int type) {
        if (type == Ptrace.NT_PRSTATUS) {
            return general(t);
        }
        if (type == Ptrace.NT_PRFPREG) {
            return floating(t);
        }
        FpState fp = t.context().fpState();
        byte[] out = new byte[fp.size()];
        MemorySegment.copy(fp.segment(), ValueLayout.JAVA_BYTE, 0, out, 0, out.length);
        return out;
    }

    static void set(Task t, int type, byte[] in, int size) throws ErrnoException {
        switch (type) {
            case Ptrace.NT_PRSTATUS -> setGeneral(t, in, size);
            case Ptrace.NT_PRFPREG -> setFloating(t, in, size);
            default -> setExtended(t, in, size);
        }
    }

    private static void setExtended(Task t, byte[] in, int size) throws ErrnoException {
        FpState fp = t.context().fpState();
        if (size != fp.size()) {
            throw Errno.EFAULT.error();
        }
        MemorySegment s = fp.segment();
        long features = s.get(ValueLayout.JAVA_LONG, SW_RESERVED);
        if (features == 0) {
            features = s.get(ValueLayout.JAVA_LONG, XSTATE_BV) | LEGACY;
        }
        if ((Struct.getLong(in, XSTATE_BV) & ~features) != 0) {
            throw Errno.EINVAL.error();
        }
        for (int i = XCOMP_BV; i < HEADER_END; i += WORD) {
            if (Struct.getLong(in, i) != 0) {
                throw Errno.EINVAL.error();
            }
        }
        requireMxcsr(fp, in);
        for (int i = SW_RESERVED; i < FXSAVE_SIZE; i++) {
            in[i] = s.get(ValueLayout.JAVA_BYTE, i);
        }
        MemorySegment.copy(in, 0, s, ValueLayout.JAVA_BYTE, 0, size);
        fp.changed(true);
    }
}
