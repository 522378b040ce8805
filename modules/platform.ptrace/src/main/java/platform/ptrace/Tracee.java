package platform.ptrace;

import host.linux.HostException;
import host.linux.Ptrace;
import host.linux.Signals;
import host.linux.Wait;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import sentry.core.arch.Registers;

/**
 * One stub thread under ptrace, and the raw operations on it. Only for the thread that attached: the host refuses every
 * other one. Between operations the stub thread stands still.
 */
final class Tracee {
    private static final int NR_EXIT = 60;
    private static final int OPTIONS = Ptrace.O_TRACESYSGOOD | Ptrace.O_EXITKILL;

    /** A wait status of a tracee that is gone. */
    static final int GONE = -1;

    // Layout of the scratch memory.
    private static final int STATUS = 0;
    private static final int IOVEC = 8;
    private static final int WORD = 24;
    private static final int SIGINFO = 32;
    private static final int REGS = 160;
    static final int SCRATCH_SIZE = 384;

    private static final int SIGINFO_CODE = 8;
    private static final int SIGINFO_ADDRESS = 16;

    static final long CODE_SEGMENT = 0x33;
    static final long STACK_SEGMENT = 0x2b;
    private static final long FLAGS = 0x202; // IF and the bit that is always set

    final StubProcess process;
    final int tid;
    private final MemorySegment scratch;
    private final long address;

    /** An injection swallowed the signal of an interrupt. */
    boolean kickSeen;

    private Tracee(StubProcess process, int tid, MemorySegment scratch) {
        this.process = process;
        this.tid = tid;
        this.scratch = scratch;
        this.address = scratch.address();
    }

    /**
     * Attaches the calling thread to a parked stub thread, or one that is about to be.
     *
     * @param scratch {@link #SCRATCH_SIZE} bytes for as long as the tracee is used
     */
    static Tracee attach(StubProcess process, int tid, MemorySegment scratch) throws StubLostException {
        Tracee t = new Tracee(process, tid, scratch);
        check(Ptrace.request(Ptrace.SEIZE, tid, 0, OPTIONS));
        t.halt();
        if (StubCode.parked(t.reg(Registers.RIP))) {
            return t;
        }
        if (!StubCode.starting(t.reg(Registers.RIP))) {
            throw StubLostException.LOST;
        }
        // Its start-up has to be finished; then it comes to us instead of parking.
        check(Ptrace.request(Ptrace.POKEUSER, tid, Registers.R13, StubCode.STOP));
        t.runToTrap();
        return t;
    }

    /** Attaches to a stub that waits in a loop at {@code from..to}. */
    static Tracee attach(StubProcess process, int tid, MemorySegment scratch, long from, long to)
            throws StubLostException, HostException {
        Tracee t = new Tracee(process, tid, scratch);
        HostException.check("PTRACE_SEIZE", Ptrace.request(Ptrace.SEIZE, tid, 0, OPTIONS));
        t.halt();
        while (t.reg(Registers.RIP) < from || t.reg(Registers.RIP) >= to) {
            check(Ptrace.request(Ptrace.CONT, tid, 0, 0));
            Thread.yield();
            t.halt();
        }
        return t;
    }

    private void halt() throws StubLostException {
        check(Ptrace.request(Ptrace.INTERRUPT, tid, 0, 0));
        if (waitStop() == GONE) {
            throw StubLostException.LOST;
        }
        check(Ptrace.request(Ptrace.GETREGS, tid, 0, address + REGS));
    }

    private static void check(long result) throws StubLostException {
        if (result < 0) {
            throw StubLostException.LOST;
        }
    }

    /** Waits for the next stop; {@link #GONE} when there will be none. */
    int waitStop() {
        long r = Wait.wait4(tid, address + STATUS, Wait.WALL);
        if (r != tid) {
            return GONE;
        }
        int status = scratch.get(ValueLayout.JAVA_INT, STATUS);
        if (!Wait.stopped(status)) {
            process.ended(tid);
            return GONE;
        }
        return status;
    }

    long resume(int request) {
        return Ptrace.request(request, tid, 0, 0);
    }

    long getRegisters(Registers to) {
        return Ptrace.request(Ptrace.GETREGS, tid, 0, to.address());
    }

    long setRegisters(Registers from) {
        return Ptrace.request(Ptrace.SETREGS, tid, 0, from.address());
    }

    /** Whether the stub is gone. */
    boolean getRegistersFails() {
        return Ptrace.request(Ptrace.GETREGS, tid, 0, address + REGS) < 0;
    }

    long pokeResult(long value) {
        return Ptrace.request(Ptrace.POKEUSER, tid, Registers.RAX, value);
    }

    /** Sets a word of struct user. */
    long pokeUser(int offset, long value) {
        return Ptrace.request(Ptrace.POKEUSER, tid, offset, value);
    }

    /** A word of struct user; 0 when the stub is gone. */
    long peekUser(int offset) {
        long r = Ptrace.request(Ptrace.PEEKUSER, tid, offset, address + WORD);
        return r < 0 ? 0 : scratch.get(ValueLayout.JAVA_LONG, WORD);
    }

    /** Returns the number of bytes that the host filled, or a negated errno. */
    long getFpState(long to, long size) {
        return fpState(Ptrace.GETREGSET, to, size);
    }

    long setFpState(long from, long size) {
        return fpState(Ptrace.SETREGSET, from, size);
    }

    private long fpState(int request, long at, long size) {
        scratch.set(ValueLayout.JAVA_LONG, IOVEC, at);
        scratch.set(ValueLayout.JAVA_LONG, IOVEC + 8, size);
        long r = Ptrace.request(request, tid, Ptrace.NT_X86_XSTATE, address + IOVEC);
        return r < 0 ? r : scratch.get(ValueLayout.JAVA_LONG, IOVEC + 8);
    }

    /** Fetches the siginfo of the stop, for {@link #signalCode} and {@link #signalAddress}. */
    long getSignal() {
        return Ptrace.request(Ptrace.GETSIGINFO, tid, 0, address + SIGINFO);
    }

    int signalCode() {
        return scratch.get(ValueLayout.JAVA_INT, SIGINFO + SIGINFO_CODE);
    }

    long signalAddress() {
        return scratch.get(ValueLayout.JAVA_LONG, SIGINFO + SIGINFO_ADDRESS);
    }

    private long reg(int offset) {
        return scratch.get(ValueLayout.JAVA_LONG, REGS + offset);
    }

    private void reg(int offset, long value) {
        scratch.set(ValueLayout.JAVA_LONG, REGS + offset, value);
    }

    /** Prepares the registers for stub code: all zero but what the processor needs. */
    private void stubRegisters(long rip) {
        scratch.asSlice(REGS, Registers.SIZE).fill((byte) 0);
        reg(Registers.RIP, rip);
        reg(Registers.ORIG_RAX, -1);
        reg(Registers.CS, CODE_SEGMENT);
        reg(Registers.SS, STACK_SEGMENT);
        reg(Registers.EFLAGS, FLAGS);
    }

    /**
     * Runs the stub code that the registers say until it traps, and reads the registers back. The program's registers
     * in the stub are lost: the next switch must set them all.
     */
    private void runStub() throws StubLostException {
        check(Ptrace.request(Ptrace.SETREGS, tid, 0, address + REGS));
        runToTrap();
    }

    private void runToTrap() throws StubLostException {
        while (true) {
            check(Ptrace.request(Ptrace.CONT, tid, 0, 0));
            int status = waitStop();
            if (status == GONE) {
                throw StubLostException.LOST;
            }
            int signal = Wait.stopSignal(status);
            if (Wait.event(status) != 0) {
                continue; // a group stop that somebody outside asked for
            }
            if (signal == Signals.SIGTRAP) {
                check(Ptrace.request(Ptrace.GETREGS, tid, 0, address + REGS));
                return;
            }
            if (signal == Signals.SIGCHLD) {
                kickSeen = true;
                continue;
            }
            check(getSignal());
            if (signalCode() > 0) { // a fault in stub code: cannot be repaired
                throw StubLostException.LOST;
            }
        }
    }

    /** Makes one system call in the stub and returns the host's result. */
    long call(long nr, long a0, long a1, long a2, long a3, long a4, long a5) throws StubLostException {
        return call(StubCode.CALL, nr, a0, a1, a2, a3, a4, a5);
    }

    /** Makes one system call at {@code gadget}, which holds {@code syscall; int3}. */
    long call(long gadget, long nr, long a0, long a1, long a2, long a3, long a4, long a5) throws StubLostException {
        stubRegisters(gadget);
        reg(Registers.RAX, nr);
        reg(Registers.RDI, a0);
        reg(Registers.RSI, a1);
        reg(Registers.RDX, a2);
        reg(Registers.R10, a3);
        reg(Registers.R8, a4);
        reg(Registers.R9, a5);
        runStub();
        return reg(Registers.RAX);
    }

    /**
     * Makes the first {@code count} calls in the process's table.
     *
     * @return {@code count}, or the index of the first call that failed; then {@link #batchResult} has its errno
     */
    int batch(int count) throws StubLostException {
        stubRegisters(StubCode.BATCH);
        reg(Registers.R12, StubCode.TABLE);
        reg(Registers.R13, StubCode.TABLE + (long) count * StubCode.ENTRY_SIZE);
        reg(Registers.RBX, StubCode.STOP);
        runStub();
        return (int) ((reg(Registers.R12) - StubCode.TABLE) / StubCode.ENTRY_SIZE);
    }

    /** The negated errno of the call that ended a batch. */
    long batchResult() {
        return reg(Registers.RAX);
    }

    /** Makes a stub process that shows what this one shows. Returns its pid, or a negated errno. */
    long cloneProcess(int parentPid, int tableFd, long tableOffset) throws StubLostException {
        stubRegisters(StubCode.CLONE);
        reg(Registers.R13, StubCode.PARK);
        reg(Registers.R14, StubCode.PROCESS_FLAGS);
        reg(Registers.R15, parentPid);
        reg(Registers.RBP, tableFd);
        reg(Registers.RSP, tableOffset);
        runStub();
        return reg(Registers.RAX);
    }

    /** Makes another stub thread in this process, parked. Returns its tid, or a negated errno. */
    long cloneThread() throws StubLostException {
        stubRegisters(StubCode.CLONE);
        reg(Registers.R13, StubCode.PARK);
        reg(Registers.R14, StubCode.THREAD_FLAGS);
        runStub();
        return reg(Registers.RAX);
    }

    /** Parks the stub thread and lets go of it; another thread may attach. */
    void park() throws StubLostException {
        stubRegisters(StubCode.PARK);
        check(Ptrace.request(Ptrace.SETREGS, tid, 0, address + REGS));
        check(Ptrace.request(Ptrace.DETACH, tid, 0, 0));
    }

    /** Ends the stub thread, which must not be the first of its process. */
    void exit() throws StubLostException {
        stubRegisters(StubCode.CALL);
        reg(Registers.RAX, NR_EXIT);
        check(Ptrace.request(Ptrace.SETREGS, tid, 0, address + REGS));
        do {
            check(Ptrace.request(Ptrace.CONT, tid, 0, 0));
        } while (waitStop() != GONE);
    }

    /** Pointer and length of the rseq area that libc registered in the process, for the start of the master. */
    long rseqConfiguration(long to) {
        return Ptrace.request(Ptrace.GET_RSEQ_CONFIGURATION, tid, 24, to);
    }
}
