package sentry.core.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sentry.core.conformance.MachineCode.R12;
import static sentry.core.conformance.MachineCode.R8;
import static sentry.core.conformance.MachineCode.RAX;
import static sentry.core.conformance.MachineCode.RBX;
import static sentry.core.conformance.MachineCode.RCX;
import static sentry.core.conformance.MachineCode.RDI;
import static sentry.core.conformance.MachineCode.RDX;
import static sentry.core.conformance.MachineCode.RSI;
import static sentry.core.conformance.MachineCode.RSP;
import static sentry.core.conformance.TestProgram.CODE;
import static sentry.core.conformance.TestProgram.DATA;
import static sentry.core.conformance.TestProgram.EXECUTE;
import static sentry.core.conformance.TestProgram.PAGE;
import static sentry.core.conformance.TestProgram.READ;
import static sentry.core.conformance.TestProgram.WRITE;

import host.linux.Memory;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Availability;
import sentry.core.platform.Context;
import sentry.core.platform.Context.Exit;
import sentry.core.platform.Fault;
import sentry.core.platform.HostCall;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/**
 * The contract of {@link sentry.core.platform} as tests. A platform passes when its own test class, which extends this
 * one, does. Each test starts the platform anew.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class PlatformConformance {
    private static final int SIGILL = 4;
    private static final int SIGTRAP = 5;
    private static final int SIGBUS = 7;
    private static final int SIGFPE = 8;
    private static final int SIGSEGV = 11;
    private static final long TRAP_FLAG = 0x100;
    /** Carry, parity, zero, sign, direction, overflow: all that a program may set without a consequence. */
    private static final long USER_FLAGS = 0xcc5;

    private static final int[] GENERAL = {
        Registers.R15, Registers.R14, Registers.R13, Registers.R12, Registers.RBP, Registers.RBX, Registers.R10,
        Registers.R9, Registers.R8, Registers.RAX, Registers.RDX, Registers.RSI, Registers.RDI, Registers.RSP
    };

    private static final int XMM0 = 160;
    private static final int MXCSR = 24;
    private static final int XSTATE_BV = 512;

    protected TestProgram program;
    protected Platform platform;
    private final List<Runnable> cleanup = new ArrayList<>();

    protected abstract PlatformProvider provider();

    @BeforeEach
    void open() throws Exception {
        if (provider().probe() instanceof Availability.Unusable no) {
            assumeTrue(false, provider().name() + " is not usable: " + no.reason());
        }
        program = new TestProgram(256L << 20);
        platform = provider().open(program.config());
    }

    @AfterEach
    void close() {
        if (program == null) {
            return; // skipped
        }
        for (int i = cleanup.size() - 1; i >= 0; i--) {
            cleanup.get(i).run();
        }
        if (platform != null) {
            platform.close();
        }
        program.close();
    }

    /** An address space that is released after the test, unless the test does. */
    protected AddressSpace space() throws PlatformException {
        return platform.newAddressSpace();
    }

    /** A context at {@link TestProgram#CODE}. */
    protected Context context() throws PlatformException {
        Context c = platform.newContext();
        c.registers().setIp(CODE);
        return c;
    }

    /** Runs {@code c} past interruptions that nobody asked for. */
    protected static Exit run(Context c, AddressSpace space) {
        return run(c, space, false);
    }

    private static Exit run(Context c, AddressSpace space, boolean step) {
        while (true) {
            Exit e = c.switchTo(space, step);
            if (e != Exit.INTERRUPTED) {
                return e;
            }
        }
    }

    protected static void expectSyscall(Context c, AddressSpace space, long number) {
        Exit e = run(c, space);
        assertEquals(Exit.SYSCALL, e, () -> describe(c));
        assertEquals(number, c.registers().syscallNumber());
    }

    private static void expectFault(Context c, AddressSpace space, int signal) {
        Exit e = run(c, space);
        assertEquals(Exit.FAULT, e, () -> describe(c));
        assertEquals(signal, c.fault().signal, () -> describe(c));
    }

    private static String describe(Context c) {
        Fault f = c.fault();
        return "rip " + Long.toHexString(c.registers().ip()) + " rax " + c.registers().result() + " call "
                + c.registers().syscallNumber() + " fault signal " + f.signal + " code " + f.code + " address "
                + Long.toHexString(f.address) + " access " + f.access;
    }

    /** Starts {@code work} on a platform thread of its own. */
    protected static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread t = new Thread(task, "test");
        t.setDaemon(true);
        t.start();
        return task;
    }

    protected static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(50, TimeUnit.SECONDS);
    }

    protected static void release(Context c, AddressSpace space) {
        c.release();
        space.release(null);
    }

    // System calls and registers

    @Test
    void systemCallStopsBehindTheInstructionWithNumberAndArguments() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RAX, 0x1234).syscall().nop());
        Context c = context();
        Registers r = c.registers();
        r.set(Registers.RDI, 11);
        r.set(Registers.RSI, -22);
        r.set(Registers.RDX, 0x3333333333333333L);
        r.set(Registers.R10, 44);
        r.set(Registers.R8, 55);
        r.set(Registers.R9, Long.MIN_VALUE);
        expectSyscall(c, s, 0x1234);
        assertEquals(CODE + 12, r.ip());
        assertEquals(11, r.argument(0));
        assertEquals(-22, r.argument(1));
        assertEquals(0x3333333333333333L, r.argument(2));
        assertEquals(44, r.argument(3));
        assertEquals(55, r.argument(4));
        assertEquals(Long.MIN_VALUE, r.argument(5));
        assertEquals(r.ip(), r.get(Registers.RCX), "the instruction leaves rip in rcx");
        release(c, s);
    }

    @Test
    void everySystemCallNumberStops() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall().jump(0));
        Context c = context();
        // Among them calls that would kill, block, or replace the program if they reached the host.
        long[] numbers = {
            0, 1, 9, 11, 15, 34, 56, 57, 59, 60, 101, 157, 231, 317, 435, 511, 512, 1000, 0x40000000, 0x7fffffff, -1,
            0xffffffffL, Long.MIN_VALUE
        };
        for (long nr : numbers) {
            c.registers().setResult(nr);
            Exit e = run(c, s);
            assertEquals(Exit.SYSCALL, e, () -> nr + ": " + describe(c));
            assertEquals((int) nr, (int) c.registers().syscallNumber());
            assertEquals(CODE + 2, c.registers().ip());
        }
        release(c, s);
    }

    @Test
    void resultReachesTheProgram() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA).syscall(39).store(RDI, RAX).syscall(40).store(RDI, RAX).syscall(41);
        program.code(s, m);
        Context c = context();
        expectSyscall(c, s, 39);
        c.registers().setResult(0x1122334455667788L);
        expectSyscall(c, s, 40);
        assertEquals(0x1122334455667788L, Memory.getLong(data));
        c.registers().setResult(-38);
        expectSyscall(c, s, 41);
        assertEquals(-38, Memory.getLong(data));
        release(c, s);
    }

    @Test
    void allRegistersAreKeptAndSeenByTheProgram() throws Exception {
        AddressSpace s = space();
        MachineCode m = new MachineCode();
        for (int register = 0; register < 16; register++) {
            m.not(register);
        }
        program.code(s, m.syscall().jump(0));
        Context c = context();
        Registers r = c.registers();
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < GENERAL.length; i++) {
                r.set(GENERAL[i], pattern(round, i));
            }
            long fs = pattern(round, 20) & 0x7fff_ffff_0000L;
            long gs = pattern(round, 21) & 0x7fff_ffff_0000L;
            r.set(Registers.FS_BASE, fs);
            r.set(Registers.GS_BASE, gs);
            assertEquals(Exit.SYSCALL, run(c, s), () -> describe(c));
            for (int i = 0; i < GENERAL.length; i++) {
                long expected = ~pattern(round, i);
                if (GENERAL[i] == Registers.RAX) {
                    assertEquals((int) expected, (int) r.get(Registers.ORIG_RAX));
                } else {
                    assertEquals(expected, r.get(GENERAL[i]), "register at offset " + GENERAL[i]);
                }
            }
            assertEquals(fs, r.get(Registers.FS_BASE));
            assertEquals(gs, r.get(Registers.GS_BASE));
        }
        release(c, s);
    }

    private static long pattern(int round, int register) {
        return 0x9e3779b97f4a7c15L * (round * 64 + register + 1);
    }

    @Test
    void segmentBasesAreUsed() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        Memory.putLong(data + 0x100, 77);
        Memory.putLong(data + 0x200, 88);
        MachineCode m = new MachineCode();
        m.raw(0x64, 0x48, 0x8b, 0x1c, 0x25, 0, 0, 0, 0); // mov rbx, fs:[0]
        m.raw(0x65, 0x48, 0x8b, 0x0c, 0x25, 8, 0, 0, 0); // mov rcx, gs:[8]
        m.raw(0x48, 0x89, 0xcd); // mov rbp, rcx (rcx itself does not survive the call)
        program.code(s, m.syscall(1));
        Context c = context();
        c.registers().set(Registers.FS_BASE, DATA + 0x100);
        c.registers().set(Registers.GS_BASE, DATA + 0x200 - 8);
        expectSyscall(c, s, 1);
        assertEquals(77, c.registers().get(Registers.RBX));
        assertEquals(88, c.registers().get(Registers.RBP));
        release(c, s);
    }

    @Test
    void flagsAreKept() throws Exception {
        AddressSpace s = space();
        program.data(s, DATA, PAGE);
        MachineCode m = new MachineCode();
        m.raw(0x9c, 0x5b); // pushfq; pop rbx
        m.syscall(1).jump(0);
        program.code(s, m);
        Context c = context();
        c.registers().setSp(DATA + PAGE);
        for (long flags : new long[] {0, USER_FLAGS, 1, 0x40, 0x400}) {
            c.registers().set(Registers.EFLAGS, flags | 0x202);
            expectSyscall(c, s, 1);
            assertEquals(flags, c.registers().get(Registers.RBX) & USER_FLAGS);
            assertEquals(flags, c.registers().get(Registers.EFLAGS) & USER_FLAGS);
            assertEquals(flags, c.registers().get(Registers.R11) & USER_FLAGS);
        }
        release(c, s);
    }

    @Test
    void resultThatLooksLikeARestartCodeIsNotTouched() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall().raw(0x48, 0x89, 0xc3).syscall(1)); // mov rbx, rax
        Context c = context();
        for (long code = -530; code <= -510; code++) {
            c.registers().set(Registers.RAX, 39);
            c.registers().setIp(CODE);
            expectSyscall(c, s, 39);
            if ((code & 1) == 0) {
                c.interrupt();
            }
            c.registers().setResult(code);
            expectSyscall(c, s, 1);
            assertEquals(code, c.registers().get(Registers.RBX));
        }
        release(c, s);
    }

    @Test
    void legacyGateIsNotTakenForASystemCall() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RAX, 20).mov(RCX, 1).raw(0xcd, 0x80)); // int 0x80
        Context c = context();
        expectFault(c, s, SIGSEGV);
        assertEquals(CODE + 20, c.registers().ip());
        assertEquals(20, c.registers().result());
        release(c, s);
    }

    // Floating point

    /** Loads xmm0 from DATA, calls, and stores it to DATA + 16. */
    private static MachineCode vectorProgram() {
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA);
        m.raw(0x0f, 0x10, 0x07); // movups xmm0, [rdi]
        m.raw(0x0f, 0xae, 0x57, 0x40); // ldmxcsr [rdi+64]
        m.syscall(1);
        m.raw(0x0f, 0x11, 0x47, 0x10); // movups [rdi+16], xmm0
        m.raw(0x0f, 0xae, 0x5f, 0x44); // stmxcsr [rdi+68]
        m.syscall(2);
        return m;
    }

    @Test
    void vectorStateIsShownToTheKernelAndTakenFromIt() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        program.code(s, vectorProgram());
        Memory.putLong(data, 0x1111111111111111L);
        Memory.putLong(data + 8, 0x2222222222222222L);
        Memory.putInt(data + 64, 0x1fa0);
        Context c = context();
        expectSyscall(c, s, 1);
        FpState fp = c.fpState();
        assertEquals(platform.traits().fpStateSize(), fp.size());
        assertEquals(0x1111111111111111L, fp.segment().get(ValueLayout.JAVA_LONG, XMM0));
        assertEquals(0x2222222222222222L, fp.segment().get(ValueLayout.JAVA_LONG, XMM0 + 8));
        assertEquals(0x1fa0, fp.segment().get(ValueLayout.JAVA_INT, MXCSR) & 0xffc0 | 0x20);
        fp.segment().set(ValueLayout.JAVA_LONG, XMM0, 0x3333333333333333L);
        fp.segment().set(ValueLayout.JAVA_INT, MXCSR, 0x1f80);
        fp.changed(true);
        expectSyscall(c, s, 2);
        assertEquals(0x3333333333333333L, Memory.getLong(data + 16));
        assertEquals(0x2222222222222222L, Memory.getLong(data + 24));
        assertEquals(0x1f80, Memory.getInt(data + 68));
        release(c, s);
    }

    @Test
    void wideVectorsSurviveMappingAndInterrupts() throws Exception {
        assumeTrue(avx(), "no AVX");
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        for (int i = 0; i < 4; i++) {
            Memory.putLong(data + 8 * i, pattern(3, i));
        }
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA);
        m.raw(0xc5, 0x7c, 0x10, 0x3f); // vmovups ymm15, [rdi]
        m.syscall(1);
        m.raw(0xc5, 0x7c, 0x11, 0x7f, 0x20); // vmovups [rdi+32], ymm15
        m.syscall(2);
        program.code(s, m);
        Context c = context();
        expectSyscall(c, s, 1);
        program.data(s, DATA + PAGE, PAGE);
        s.commit(c);
        c.interrupt();
        c.fpState();
        expectSyscall(c, s, 2);
        for (int i = 0; i < 4; i++) {
            assertEquals(pattern(3, i), Memory.getLong(data + 32 + 8 * i));
        }
        release(c, s);
    }

    private static boolean avx() throws Exception {
        for (String line : java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/cpuinfo"))) {
            if (line.startsWith("flags")) {
                return line.contains(" avx ");
            }
        }
        return false;
    }

    @Test
    void aNewContextStartsWithTheStateItHolds() throws Exception {
        for (int round = 0; round < 6; round++) {
            AddressSpace s = space();
            long data = program.data(s, DATA, PAGE);
            MachineCode m = new MachineCode();
            m.mov(RDI, DATA);
            m.raw(0x0f, 0x11, 0x07); // movups [rdi], xmm0
            m.raw(0x0f, 0xae, 0x5f, 0x40); // stmxcsr [rdi+64]
            m.raw(0x0f, 0x76, 0xc0); // pcmpeqd mm0, mm0: dirties the x87 state
            m.raw(0x66, 0x0f, 0x76, 0xc0); // pcmpeqd xmm0, xmm0: all ones
            m.syscall(1);
            program.code(s, m);
            Memory.putLong(data, -1);
            Context c = context();
            if (round % 2 == 1) {
                FpState fp = c.fpState();
                fp.segment().set(ValueLayout.JAVA_LONG, XMM0, 42 + round);
                fp.changed(true);
            }
            expectSyscall(c, s, 1);
            assertEquals(round % 2 == 1 ? 42 + round : 0, Memory.getLong(data));
            assertEquals(0x1f80, Memory.getInt(data + 64));
            release(c, s);
        }
    }

    @Test
    void contextsDoNotMixTheirStates() throws Exception {
        AddressSpace s = space();
        int n = 4;
        long data = program.data(s, DATA, n * PAGE);
        MachineCode m = new MachineCode();
        m.raw(0x0f, 0x10, 0x07); // movups xmm0, [rdi]
        int loop = m.here();
        m.syscall(1);
        m.raw(0x0f, 0x11, 0x47, 0x10); // movups [rdi+16], xmm0
        m.jump(loop);
        program.code(s, m);
        Context first = context();
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long mine = data + i * PAGE;
            long at = DATA + i * PAGE;
            long value = pattern(1, i);
            Memory.putLong(mine, value);
            s.prepareContext(first);
            tasks.add(start(() -> {
                Context c = context();
                c.registers().set(Registers.RDI, at);
                for (int k = 0; k < 200; k++) {
                    expectSyscall(c, s, 1);
                    if (k > 0) {
                        assertEquals(value, Memory.getLong(mine + 16));
                        assertEquals(value, c.fpState().segment().get(ValueLayout.JAVA_LONG, XMM0));
                        Memory.putLong(mine + 16, 0);
                    }
                    c.registers().setResult(k);
                }
                c.release();
                return true;
            }));
        }
        for (FutureTask<Boolean> t : tasks) {
            assertTrue(result(t));
        }
        release(first, s);
    }

    @Test
    void nonsenseFloatingPointStateIsAFaultOfTheProgram() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        Context c = context();
        expectSyscall(c, s, 1);
        c.fpState().segment().set(ValueLayout.JAVA_LONG, XSTATE_BV, -1L);
        c.fpState().segment().set(ValueLayout.JAVA_LONG, XSTATE_BV + 8, -1L);
        c.fpState().changed(true);
        expectFault(c, s, SIGSEGV);
        expectSyscall(c, s, 1);
        c.fpState().segment().set(ValueLayout.JAVA_LONG, XSTATE_BV, 3);
        c.fpState().segment().set(ValueLayout.JAVA_INT, MXCSR, -1);
        c.fpState().changed(true);
        expectFault(c, s, SIGSEGV);
        expectSyscall(c, s, 1);
        release(c, s);
    }

    // Faults

    private void expectMemoryFault(Context c, AddressSpace s, long address, int access, boolean certain) {
        expectFault(c, s, SIGSEGV);
        assertEquals(address, c.fault().address, () -> describe(c));
        if (certain || platform.traits().exactFaultAccess()) {
            assertEquals(access, c.fault().access, () -> describe(c));
        } else {
            assertNotEquals(0, c.fault().access);
        }
        assertEquals(14, c.fault().trap);
    }

    @Test
    void readOfNothingFaultsAndGoesOnWhenMapped() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA + 8).load(RBX, RDI).syscall(1));
        Context c = context();
        expectMemoryFault(c, s, DATA + 8, READ, false);
        assertEquals(CODE + 10, c.registers().ip());
        expectMemoryFault(c, s, DATA + 8, READ, false);
        long data = program.data(s, DATA, PAGE);
        Memory.putLong(data + 8, 99);
        expectSyscall(c, s, 1);
        assertEquals(99, c.registers().get(Registers.RBX));
        release(c, s);
    }

    @Test
    void writeToNothingAndToReadOnlyMemoryFaults() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).mov(RBX, 5).store(RDI, RBX).syscall(1));
        Context c = context();
        expectMemoryFault(c, s, DATA, WRITE, false);
        long at = program.allocate(PAGE);
        s.map(DATA, PAGE, program.fd, at, READ, false);
        expectMemoryFault(c, s, DATA, WRITE, true);
        assertEquals(0, Memory.getLong(program.base + at));
        s.protect(DATA, PAGE, READ | WRITE);
        expectSyscall(c, s, 1);
        assertEquals(5, Memory.getLong(program.base + at));
        release(c, s);
    }

    @Test
    void readOfInaccessibleMemoryFaults() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1));
        Context c = context();
        s.map(DATA, PAGE, program.fd, program.allocate(PAGE), 0, false);
        expectMemoryFault(c, s, DATA, READ, false);
        s.protect(DATA, PAGE, READ);
        expectSyscall(c, s, 1);
        release(c, s);
    }

    @Test
    void executionOfNothingAndOfDataFaults() throws Exception {
        AddressSpace s = space();
        Context c = context();
        expectMemoryFault(c, s, CODE, EXECUTE, true);
        assertEquals(CODE, c.registers().ip());
        program.code(s, new MachineCode().syscall(1));
        expectSyscall(c, s, 1);
        s.protect(CODE, PAGE, READ | WRITE);
        c.registers().setIp(CODE);
        expectMemoryFault(c, s, CODE, EXECUTE, true);
        s.protect(CODE, PAGE, READ | EXECUTE);
        expectSyscall(c, s, 1);
        release(c, s);
    }

    @Test
    void executionAcrossAPageEndFaultsAtTheSecondPage() throws Exception {
        AddressSpace s = space();
        long at = program.allocate(2 * PAGE);
        byte[] code = new MachineCode().mov(RBX, 7).syscall(1).bytes();
        Memory.copy(code, 0, program.base + at + PAGE - 4, code.length);
        s.map(CODE, PAGE, program.fd, at, READ | EXECUTE, false);
        Context c = context();
        c.registers().setIp(CODE + PAGE - 4);
        expectMemoryFault(c, s, CODE + PAGE, EXECUTE, true);
        s.map(CODE + PAGE, PAGE, program.fd, at + PAGE, READ | EXECUTE, false);
        expectSyscall(c, s, 1);
        assertEquals(7, c.registers().get(Registers.RBX));
        release(c, s);
    }

    @Test
    void memoryBehindTheEndOfItsFileIsABusError() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1));
        s.map(DATA, PAGE, program.fd, 1L << 40, READ, false);
        Context c = context();
        expectFault(c, s, SIGBUS);
        assertEquals(DATA, c.fault().address);
        release(c, s);
    }

    @Test
    void processorExceptionsAreTold() throws Exception {
        AddressSpace s = space();
        MachineCode m = new MachineCode();
        m.raw(0x0f, 0x0b); // ud2
        int divide = m.here();
        m.raw(0x31, 0xc9, 0xf7, 0xf1); // xor ecx, ecx; div ecx
        int breakpoint = m.here();
        m.raw(0xcc); // int3
        int privileged = m.here();
        m.raw(0xf4); // hlt
        int address = m.here();
        m.mov(RDI, 0x8000_0000_0000_0000L).load(RBX, RDI);
        program.code(s, m);
        Context c = context();
        expectFault(c, s, SIGILL);
        assertEquals(CODE, c.fault().address);
        assertEquals(CODE, c.registers().ip());
        assertEquals(6, c.fault().trap);
        c.registers().setIp(CODE + divide);
        expectFault(c, s, SIGFPE);
        assertEquals(1, c.fault().code, "FPE_INTDIV");
        assertEquals(CODE + divide + 2, c.fault().address);
        assertEquals(0, c.fault().trap);
        c.registers().setIp(CODE + breakpoint);
        expectFault(c, s, SIGTRAP);
        assertEquals(CODE + breakpoint + 1, c.registers().ip());
        assertEquals(3, c.fault().trap);
        c.registers().setIp(CODE + privileged);
        expectFault(c, s, SIGSEGV);
        assertEquals(CODE + privileged, c.registers().ip());
        assertEquals(13, c.fault().trap);
        c.registers().setIp(CODE + address);
        expectFault(c, s, SIGSEGV);
        assertEquals(13, c.fault().trap);
        assertEquals(0, c.fault().access);
        release(c, s);
    }

    @Test
    void singleStepComesBackAfterEachInstruction() throws Exception {
        AddressSpace s = space();
        MachineCode m = new MachineCode();
        m.nop().inc(RBX).nop().syscall(1).nop().nop();
        program.code(s, m);
        Context c = context();
        long[] stops = {CODE + 1, CODE + 4, CODE + 5, CODE + 10};
        for (long stop : stops) {
            assertEquals(Exit.FAULT, run(c, s, true), () -> describe(c));
            assertEquals(SIGTRAP, c.fault().signal);
            assertEquals(1, c.fault().trap);
            assertEquals(stop, c.registers().ip());
            assertEquals(0, c.registers().get(Registers.EFLAGS) & TRAP_FLAG);
        }
        assertEquals(1, c.registers().get(Registers.RBX));
        assertEquals(Exit.SYSCALL, run(c, s, true));
        assertEquals(1, c.registers().syscallNumber());
        assertEquals(CODE + 12, c.registers().ip());
        c.registers().setResult(0);
        assertEquals(Exit.FAULT, run(c, s, true));
        assertEquals(CODE + 13, c.registers().ip());
        release(c, s);
    }

    @Test
    void aProgramMayStepItself() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().nop().nop().nop().syscall(1));
        Context c = context();
        c.registers().set(Registers.EFLAGS, 0x202 | TRAP_FLAG);
        for (int i = 1; i <= 3; i++) {
            expectFault(c, s, SIGTRAP);
            assertEquals(CODE + i, c.registers().ip());
        }
        c.registers().set(Registers.EFLAGS, 0x202);
        expectSyscall(c, s, 1);
        release(c, s);
    }

    /** DR7: DR0 for instructions, DR1 for writes of 8 bytes. */
    private static final long EXECUTE_AND_WRITE = 1 | 1 << 2 | 0b1001 << 20;

    @Test
    void theProcessorsBreakpointsAreTold() throws Exception {
        AddressSpace s = space();
        program.data(s, DATA, 2 * PAGE);
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA + PAGE);
        int load = m.here();
        int stored = m.load(RBX, RDI).store(RDI, RBX).here();
        m.syscall(1).jump(load);
        program.code(s, m);
        Context c = context();
        expectSyscall(c, s, 1);
        assumeTrue(c.hasDebugRegisters());
        c.debugRegisters(new long[] {CODE + load, DATA + PAGE, 0, 0, EXECUTE_AND_WRITE});
        for (int i = 0; i < 3; i++) {
            if (i == 1) { // they go with the context from one stub to another
                AddressSpace other = space();
                program.data(other, DATA, 2 * PAGE);
                program.code(other, m);
                long ip = c.registers().ip();
                c.registers().setIp(CODE);
                expectBreakpoint(c, other, 1, CODE + load);
                c.registers().setIp(ip);
                other.release(c);
            }
            expectBreakpoint(c, s, 1, CODE + load);
            expectBreakpoint(c, s, 2, CODE + stored);
            expectSyscall(c, s, 1);
        }
        c.debugRegisters(null);
        expectSyscall(c, s, 1);
        c.debugRegisters(new long[] {CODE + load, 0, 0, 0, 1});
        expectBreakpoint(c, s, 1, CODE + load);
        c.release();
        s.release(null);
        // What carried the context may carry another one next, which has none.
        AddressSpace fresh = space();
        program.data(fresh, DATA, 2 * PAGE);
        program.code(fresh, m);
        Context next = context();
        expectSyscall(next, fresh, 1);
        expectSyscall(next, fresh, 1);
        release(next, fresh);
    }

    private static void expectBreakpoint(Context c, AddressSpace s, int hit, long ip) {
        expectFault(c, s, SIGTRAP);
        assertEquals(4, c.fault().code, "TRAP_HWBKPT");
        assertEquals(1, c.fault().trap);
        assertEquals(hit, c.fault().breakpoints);
        assertEquals(ip, c.registers().ip());
    }

    // Interruption

    /** Counts in rbx and in memory, for ever. */
    private static MachineCode counter() {
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA);
        int loop = m.here();
        return m.inc(RBX).store(RDI, RBX).jump(loop);
    }

    @Test
    void interruptStopsARunningProgram() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        program.code(s, counter());
        Context c = context();
        Thread.ofPlatform().daemon().start(() -> {
            while (Memory.getLong(data) < 1000) {
                Thread.onSpinWait();
            }
            c.interrupt();
        });
        assertEquals(Exit.INTERRUPTED, c.switchTo(s, false));
        long in = c.registers().get(Registers.RBX);
        assertTrue(in >= 1000);
        assertTrue(in - Memory.getLong(data) <= 1);
        release(c, s);
    }

    @Test
    void interruptSticksUntilTheNextSwitch() throws Exception {
        AddressSpace s = space();
        program.data(s, DATA, PAGE);
        program.code(s, counter());
        Context c = context();
        for (int i = 0; i < 20; i++) {
            c.interrupt();
            c.interrupt();
            assertEquals(Exit.INTERRUPTED, c.switchTo(s, false));
        }
        release(c, s);
    }

    @Test
    void manyInterruptsLoseNothing() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA);
        int loop = m.here();
        m.inc(RBX).store(RDI, RBX);
        m.raw(0xf6, 0xc3, 0x3f); // test bl, 63
        m.jumpNotZero(loop);
        m.syscall(7).jump(loop);
        program.code(s, m);
        Context c = context();
        boolean[] stop = new boolean[1];
        FutureTask<Integer> sender = start(() -> {
            int sent = 0;
            while (!stop[0]) {
                c.interrupt();
                sent++;
                if (sent % 16 == 0) {
                    Thread.sleep(0, 100_000);
                }
                synchronized (stop) {
                    if (stop[0]) {
                        break;
                    }
                }
            }
            return sent;
        });
        int calls = 0;
        int interrupts = 0;
        while (calls < 3000) {
            Exit e = c.switchTo(s, false);
            if (e == Exit.INTERRUPTED) {
                interrupts++;
                continue;
            }
            assertEquals(Exit.SYSCALL, e, () -> describe(c));
            calls++;
            assertEquals(64L * calls, c.registers().get(Registers.RBX));
            assertEquals(64L * calls, Memory.getLong(data));
            c.registers().setResult(calls);
        }
        synchronized (stop) {
            stop[0] = true;
        }
        assertTrue(result(sender) > 0);
        assertTrue(interrupts > 0);
        release(c, s);
    }

    @Test
    void eachInterruptOfABusyProgramIsAnswered() throws Exception {
        AddressSpace s = space();
        program.data(s, DATA, PAGE);
        program.code(s, counter());
        Context c = context();
        int rounds = 200;
        java.util.concurrent.Semaphore answered = new java.util.concurrent.Semaphore(0);
        FutureTask<Boolean> sender = start(() -> {
            for (int i = 0; i < rounds; i++) {
                c.interrupt();
                assertTrue(answered.tryAcquire(10, TimeUnit.SECONDS), "interrupt " + i + " is lost");
            }
            return true;
        });
        for (int i = 0; i < rounds; ) {
            assertEquals(Exit.INTERRUPTED, c.switchTo(s, false));
            answered.release();
            i++;
        }
        assertTrue(result(sender));
        release(c, s);
    }

    // Memory

    @Test
    void mappingShowsTheFileAtItsOffset() throws Exception {
        AddressSpace s = space();
        long at = program.allocate(4 * PAGE);
        for (int i = 0; i < 4; i++) {
            Memory.putLong(program.base + at + i * PAGE, 100 + i);
        }
        program.code(s, new MachineCode().load(RBX, RDI).syscall(1).jump(0));
        Context c = context();
        // The pages in reverse order, so that no two belong together.
        for (int i = 0; i < 4; i++) {
            s.map(DATA + (3 - i) * PAGE, PAGE, program.fd, at + i * PAGE, READ, i % 2 == 0);
        }
        for (int i = 0; i < 4; i++) {
            c.registers().set(Registers.RDI, DATA + i * PAGE);
            expectSyscall(c, s, 1);
            assertEquals(103 - i, c.registers().get(Registers.RBX));
        }
        release(c, s);
    }

    @Test
    void mappingReplacesWhatIsThere() throws Exception {
        AddressSpace s = space();
        long at = program.allocate(3 * PAGE);
        long other = program.allocate(PAGE);
        Memory.putLong(program.base + at + PAGE, 1);
        Memory.putLong(program.base + other, 2);
        program.code(s, new MachineCode().mov(RDI, DATA + PAGE).load(RBX, RDI).syscall(1).jump(0));
        s.map(DATA, 3 * PAGE, program.fd, at, READ | WRITE, false);
        Context c = context();
        expectSyscall(c, s, 1);
        assertEquals(1, c.registers().get(Registers.RBX));
        s.map(DATA + PAGE, PAGE, program.fd, other, READ, false);
        expectSyscall(c, s, 1);
        assertEquals(2, c.registers().get(Registers.RBX));
        s.unmap(DATA + PAGE, PAGE);
        expectMemoryFault(c, s, DATA + PAGE, READ, false);
        // What lay around it is still there.
        c.registers().set(Registers.RDI, DATA + 2 * PAGE);
        c.registers().setIp(CODE + 10);
        expectSyscall(c, s, 1);
        release(c, s);
    }

    @Test
    void unmapAndProtectPassOverHoles() throws Exception {
        AddressSpace s = space();
        long first = program.data(s, DATA, PAGE);
        long last = program.data(s, DATA + 4 * PAGE, PAGE);
        program.code(s, new MachineCode().mov(RBX, 9).store(RDI, RBX).syscall(1).jump(0));
        Context c = context();
        s.commit(c);
        s.protect(DATA, 5 * PAGE, READ);
        s.commit(c);
        for (long address : new long[] {DATA, DATA + 4 * PAGE}) {
            c.registers().setIp(CODE);
            c.registers().set(Registers.RDI, address);
            expectFault(c, s, SIGSEGV);
            assertEquals(address, c.fault().address);
        }
        assertEquals(0, Memory.getLong(first));
        assertEquals(0, Memory.getLong(last));
        s.unmap(DATA - PAGE, 7 * PAGE);
        s.commit(c);
        s.unmap(DATA, 5 * PAGE);
        s.commit(c);
        release(c, s);
    }

    @Test
    void queuedChangesHappenInTheirOrder() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().load(RBX, RDI).syscall(1).jump(0));
        Context c = context();
        int n = 300;
        long at = program.allocate(n * PAGE);
        for (int i = 0; i < n; i++) {
            Memory.putLong(program.base + at + i * PAGE, i);
        }
        for (int i = 0; i < n; i++) {
            s.map(DATA, PAGE, program.fd, at + i * PAGE, READ, false);
            s.map(DATA + (1 + i) * PAGE, PAGE, program.fd, at + (n - 1 - i) * PAGE, READ | WRITE, false);
            s.protect(DATA + (1 + i) * PAGE, PAGE, READ);
        }
        for (int i = 0; i <= n; i += 50) {
            c.registers().set(Registers.RDI, DATA + i * PAGE);
            expectSyscall(c, s, 1);
            assertEquals(i == 0 ? n - 1 : n - i, c.registers().get(Registers.RBX));
        }
        release(c, s);
    }

    @Test
    void aRefusedMappingIsToldAndTheRestIsDone() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1));
        Context c = context();
        s.map(DATA + PAGE, PAGE, 999_999, 0, READ, false);
        long data = program.data(s, DATA, PAGE);
        Memory.putLong(data, 4);
        try {
            s.commit(c);
            throw new AssertionError("a mapping of no file succeeded");
        } catch (PlatformException expected) {
            assertNotNull(expected.getMessage());
        }
        expectSyscall(c, s, 1);
        assertEquals(4, c.registers().get(Registers.RBX));
        release(c, s);
    }

    @Test
    void commitShowsTheChangeToOtherThreads() throws Exception {
        AddressSpace s = space();
        long shared = program.data(s, DATA, PAGE);
        long other = program.allocate(PAGE);
        Memory.putLong(program.base + other, 2);
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA).mov(R8, DATA + PAGE);
        int loop = m.here();
        m.load(RBX, R8).store(RDI, RBX).jump(loop);
        program.code(s, m);
        long at = program.allocate(PAGE);
        Memory.putLong(program.base + at, 1);
        s.map(DATA + PAGE, PAGE, program.fd, at, READ, false);
        Context first = context();
        s.commit(first);
        s.prepareContext(first);
        Context c = context();
        FutureTask<Long> runner = start(() -> {
            assertEquals(Exit.FAULT, run(c, s), () -> describe(c));
            long address = c.fault().address;
            c.release();
            return address;
        });
        while (Memory.getLong(shared) != 1) {
            Thread.onSpinWait();
        }
        s.map(DATA + PAGE, PAGE, program.fd, other, READ, false);
        s.commit(first);
        while (Memory.getLong(shared) != 2) {
            Thread.onSpinWait();
        }
        s.unmap(DATA + PAGE, PAGE);
        s.commit(first);
        assertEquals(DATA + PAGE, result(runner));
        release(first, s);
    }

    @Test
    void aChangeQueuedByAnotherThreadIsInForceAtTheNextSwitch() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1).jump(0));
        long data = program.data(s, DATA, PAGE);
        Context c = context();
        expectSyscall(c, s, 1);
        long at = program.allocate(PAGE);
        Memory.putLong(program.base + at, 6);
        assertEquals(0, Memory.getLong(data));
        result(start(() -> {
            s.map(DATA, PAGE, program.fd, at, READ, false);
            return true;
        }));
        expectSyscall(c, s, 1);
        assertEquals(6, c.registers().get(Registers.RBX));
        release(c, s);
    }

    @Test
    void theWholeRangeCanBeUsed() throws Exception {
        AddressSpace s = space();
        long min = platform.traits().minAddress();
        long max = platform.traits().maxAddress();
        assertEquals(0, min % PAGE);
        assertEquals(0, max % PAGE);
        program.code(s, new MachineCode().load(RBX, RDI).syscall(1).jump(0));
        Memory.putLong(program.data(s, min, PAGE), 1);
        Memory.putLong(program.data(s, max - PAGE, PAGE), 2);
        Context c = context();
        c.registers().set(Registers.RDI, min);
        expectSyscall(c, s, 1);
        assertEquals(1, c.registers().get(Registers.RBX));
        c.registers().set(Registers.RDI, max - PAGE);
        expectSyscall(c, s, 1);
        assertEquals(2, c.registers().get(Registers.RBX));
        release(c, s);
    }

    @Test
    void whatIsNotTheProgramsCannotBeMapped() throws Exception {
        AddressSpace s = space();
        long max = platform.traits().maxAddress();
        long[][] bad = {
            {0, PAGE}, {max, PAGE}, {max - PAGE, 2 * PAGE}, {-PAGE, PAGE}, {DATA + 1, PAGE}, {DATA, 1}, {DATA, 0},
            {DATA, -PAGE}, {DATA, Long.MAX_VALUE & -PAGE}
        };
        for (long[] range : bad) {
            try {
                s.map(range[0], range[1], program.fd, 0, READ, false);
                throw new AssertionError("mapped " + Long.toHexString(range[0]));
            } catch (IllegalArgumentException expected) {
                // what the contract asks the kernel to prevent
            }
        }
        s.release(null);
    }

    @Test
    void theTopBeyondTheProgramsMemoryCannotBeWritten() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().store(RDI, RBX).syscall(1).jump(0));
        Context c = context();
        for (long at = platform.traits().maxAddress(); at < 0x7fff_ffff_f000L; at += PAGE) {
            c.registers().setIp(CODE);
            c.registers().set(Registers.RDI, at);
            expectFault(c, s, SIGSEGV);
        }
        release(c, s);
    }

    // Threads and address spaces

    @Test
    void threadsShareAnAddressSpace() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        MachineCode m = new MachineCode();
        m.mov(RDI, DATA).mov(RBX, 20000);
        int loop = m.here();
        m.raw(0xf0, 0x48, 0xff, 0x07); // lock inc qword [rdi]
        m.dec(RBX).jumpNotZero(loop).syscall(1).jump(loop);
        program.code(s, m);
        Context first = context();
        s.commit(first);
        int n = 6;
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            s.prepareContext(first);
            tasks.add(start(() -> {
                Context c = context();
                expectSyscall(c, s, 1);
                c.release();
                return true;
            }));
        }
        for (FutureTask<Boolean> t : tasks) {
            assertTrue(result(t));
        }
        expectSyscall(first, s, 1);
        assertEquals(20000L * (n + 1), Memory.getLong(data));
        release(first, s);
    }

    @Test
    void threadsComeAndGo() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        Context first = context();
        expectSyscall(first, s, 1);
        for (int i = 0; i < 100; i++) {
            s.prepareContext(first);
            int value = i;
            result(start(() -> {
                Context c = context();
                c.registers().set(Registers.RBX, value);
                for (int k = 0; k < 3; k++) {
                    expectSyscall(c, s, 1);
                    assertEquals(value, c.registers().get(Registers.RBX));
                }
                c.release();
                return true;
            }));
        }
        expectSyscall(first, s, 1);
        release(first, s);
    }

    @Test
    void theFirstThreadMayEndBeforeTheOthers() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        java.util.concurrent.CountDownLatch gone = new java.util.concurrent.CountDownLatch(1);
        Context first = context();
        expectSyscall(first, s, 1);
        s.prepareContext(first);
        java.util.concurrent.CountDownLatch running = new java.util.concurrent.CountDownLatch(1);
        FutureTask<Boolean> other = start(() -> {
            Context c = context();
            expectSyscall(c, s, 1);
            running.countDown();
            gone.await();
            expectSyscall(c, s, 1);
            release(c, s);
            return true;
        });
        running.await();
        first.release();
        gone.countDown();
        assertTrue(result(other));
    }

    @Test
    void hundredAddressSpacesAreApart() throws Exception {
        int n = 100;
        AddressSpace[] spaces = new AddressSpace[n];
        Context[] contexts = new Context[n];
        MachineCode m = new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1).jump(0);
        for (int i = 0; i < n; i++) {
            spaces[i] = space();
            program.code(spaces[i], m);
            Memory.putLong(program.data(spaces[i], DATA, PAGE), 1000 + i);
            contexts[i] = context();
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < n; i++) {
                expectSyscall(contexts[i], spaces[i], 1);
                assertEquals(1000 + i, contexts[i].registers().get(Registers.RBX));
            }
        }
        for (int i = 0; i < n; i++) {
            release(contexts[i], spaces[i]);
        }
    }

    @Test
    void oneContextMayMoveBetweenAddressSpaces() throws Exception {
        AddressSpace a = space();
        AddressSpace b = space();
        program.code(a, new MachineCode().mov(RBX, 1).raw(0x66, 0x0f, 0x76, 0xc0).syscall(1).jump(0));
        program.code(b, new MachineCode().mov(RBX, 2).syscall(1).jump(0));
        Context c = context();
        c.registers().set(Registers.R12, 77);
        expectSyscall(c, a, 1);
        for (int i = 0; i < 3; i++) {
            c.registers().setIp(CODE);
            expectSyscall(c, b, 1);
            assertEquals(2, c.registers().get(Registers.RBX));
            assertEquals(77, c.registers().get(Registers.R12));
            assertEquals(-1, c.fpState().segment().get(ValueLayout.JAVA_LONG, XMM0));
            c.registers().setIp(CODE);
            expectSyscall(c, a, 1);
            assertEquals(1, c.registers().get(Registers.RBX));
        }
        c.release();
        a.release(null);
        b.release(null);
    }

    @Test
    void forkShowsTheSameAndThenGoesItsOwnWay() throws Exception {
        AddressSpace parent = space();
        program.code(parent, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1).jump(0));
        long data = program.data(parent, DATA, PAGE);
        Memory.putLong(data, 1);
        Context p = context();
        expectSyscall(p, parent, 1);
        // Queued, not yet in force: the child must have it too.
        long late = program.data(parent, DATA + PAGE, PAGE);
        Memory.putLong(late, 5);
        AddressSpace child = parent.fork(p);
        result(start(() -> {
            Context c = context();
            c.registers().copyFrom(p.registers());
            c.registers().setIp(CODE);
            expectSyscall(c, child, 1);
            assertEquals(1, c.registers().get(Registers.RBX));
            c.registers().setIp(CODE + 10);
            c.registers().set(Registers.RDI, DATA + PAGE);
            expectSyscall(c, child, 1);
            assertEquals(5, c.registers().get(Registers.RBX));
            long copy = program.data(child, DATA, PAGE);
            Memory.putLong(copy, 2);
            c.registers().setIp(CODE);
            expectSyscall(c, child, 1);
            assertEquals(2, c.registers().get(Registers.RBX));
            release(c, child);
            return true;
        }));
        p.registers().setIp(CODE);
        expectSyscall(p, parent, 1);
        assertEquals(1, p.registers().get(Registers.RBX));
        release(p, parent);
    }

    @Test
    void forkOfAnAddressSpaceThatNeverRan() throws Exception {
        AddressSpace parent = space();
        program.code(parent, new MachineCode().syscall(1));
        Context c = context();
        AddressSpace child = parent.fork(c);
        expectSyscall(c, child, 1);
        release(c, child);
        parent.release(null);
    }

    @Test
    void generationsOfForks() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1).jump(0));
        Memory.putLong(program.data(s, DATA, PAGE), 3);
        Context c = context();
        expectSyscall(c, s, 1);
        for (int i = 0; i < 50; i++) {
            AddressSpace child = s.fork(c);
            release(c, s);
            s = child;
            c = context();
            expectSyscall(c, s, 1);
            assertEquals(3, c.registers().get(Registers.RBX));
        }
        release(c, s);
    }

    @Test
    void replacingTheAddressSpaceLeavesNothingOfTheOldOne() throws Exception {
        AddressSpace s = space();
        MachineCode m = new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1);
        program.code(s, m);
        program.data(s, DATA, PAGE);
        Context c = context();
        expectSyscall(c, s, 1);
        for (int i = 0; i < 30; i++) {
            AddressSpace next = space();
            program.code(next, m);
            if (i % 2 == 0) {
                s.release(c);
            } else {
                next.commit(c);
                s.release(c);
            }
            c.registers().setIp(CODE);
            expectMemoryFault(c, next, DATA, READ, false);
            program.data(next, DATA, PAGE);
            expectSyscall(c, next, 1);
            s = next;
        }
        release(c, s);
    }

    @Test
    void releasedAddressSpacesAreUsedAgainEmpty() throws Exception {
        for (int i = 0; i < 60; i++) {
            AddressSpace s = space();
            program.code(s, new MachineCode().mov(RDI, DATA).load(RBX, RDI).syscall(1));
            Context c = context();
            expectMemoryFault(c, s, DATA, READ, false);
            program.data(s, DATA, PAGE);
            expectSyscall(c, s, 1);
            release(c, s);
        }
    }

    @Test
    void anAddressSpaceMayBeReleasedUnused() throws Exception {
        AddressSpace s = space();
        program.data(s, DATA, PAGE);
        s.release(null);
        Context c = context();
        c.release();
    }

    @Test
    void releaseWithAnInterruptUnderWay() throws Exception {
        for (int i = 0; i < 100; i++) {
            AddressSpace s = space();
            program.code(s, new MachineCode().syscall(1).jump(0));
            Context c = context();
            expectSyscall(c, s, 1);
            FutureTask<Boolean> sender = start(() -> {
                for (int k = 0; k < 20; k++) {
                    c.interrupt();
                }
                return true;
            });
            for (int k = 0; k < i % 7; k++) {
                expectSyscall(c, s, 1);
            }
            release(c, s);
            assertTrue(result(sender));
        }
    }

    // Hostile values

    @Test
    void hostileRegistersAreTheProgramsProblem() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        Context c = context();
        Registers r = c.registers();
        long[] evil = {
            -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x8000_0000_0000L, 0x7fff_ffff_f000L, 0xffff_8000_0000_0000L,
            platform.traits().maxAddress(), 0, 1, 0x10, 0x23, 0x33, 0x2b, 0xffff, 0x1_0000
        };
        int[] all = {
            Registers.RIP, Registers.CS, Registers.SS, Registers.DS, Registers.ES, Registers.FS, Registers.GS,
            Registers.FS_BASE, Registers.GS_BASE, Registers.RSP, Registers.EFLAGS, Registers.ORIG_RAX
        };
        for (int register : all) {
            for (long value : evil) {
                expectSyscallAfter(c, s);
                r.set(register, value);
                Exit e = c.switchTo(s, false);
                assertTrue(e == Exit.SYSCALL || e == Exit.FAULT || e == Exit.INTERRUPTED,
                        () -> e + " with register " + register + " = " + Long.toHexString(value));
                boolean odd = register == Registers.CS && c.fault().signal == SIGILL; // Intel: no syscall in 32-bit code
                if (e == Exit.FAULT && register != Registers.EFLAGS && register != Registers.RIP && !odd) {
                    assertEquals(SIGSEGV, c.fault().signal, () -> describe(c));
                }
            }
        }
        release(c, s);
    }

    private static void expectSyscallAfter(Context c, AddressSpace s) {
        Registers r = c.registers();
        r.setIp(CODE);
        r.setSp(DATA);
        r.set(Registers.CS, 0x33);
        r.set(Registers.SS, 0x2b);
        r.set(Registers.DS, 0);
        r.set(Registers.ES, 0);
        r.set(Registers.FS, 0);
        r.set(Registers.GS, 0);
        r.set(Registers.FS_BASE, 0);
        r.set(Registers.GS_BASE, 0);
        r.set(Registers.EFLAGS, 0x202);
        expectSyscall(c, s, 1);
    }

    @Test
    void wildJumpsFault() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        Context c = context();
        long[] targets = {-1, Long.MIN_VALUE, 0x8000_0000_0000L, 0x7fff_ffff_f000L, 0, 0xffff_ffff_ff60_0800L};
        for (long target : targets) {
            expectSyscallAfter(c, s);
            c.registers().setIp(target);
            expectFault(c, s, SIGSEGV);
        }
        release(c, s);
    }

    @Test
    void callsOfTheHostsVsyscallPageAreIntercepted() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        program.code(s, new MachineCode().mov(RAX, 0xffff_ffff_ff60_0000L).raw(0xff, 0xd3).syscall(1)); // call rbx
        Context c = context();
        for (long entry : new long[] {0xffff_ffff_ff60_0000L, 0xffff_ffff_ff60_0400L, 0xffff_ffff_ff60_0800L}) {
            c.registers().setIp(CODE);
            c.registers().setSp(DATA + PAGE);
            c.registers().set(Registers.RBX, entry);
            c.registers().set(Registers.RDI, DATA);
            expectFault(c, s, SIGSEGV);
            assertEquals(entry, c.registers().ip());
            assertEquals(entry, c.fault().address);
            assertEquals(DATA + PAGE - 8, c.registers().sp());
            assertEquals(0, Memory.getLong(data), "the host wrote a time");
            // The kernel answers in its place.
            c.registers().setIp(Memory.getLong(data + PAGE - 8));
            c.registers().setSp(DATA + PAGE);
            c.registers().setResult(1234);
            expectSyscall(c, s, 1);
        }
        release(c, s);
    }

    @Test
    void jumpsToThePlatformsOwnCodeAreIntercepted() throws Exception {
        AddressSpace s = space();
        program.code(s, new MachineCode().syscall(1).jump(0));
        Context c = context();
        long top = 0x7fff_ffff_f000L;
        for (long at = platform.traits().maxAddress(); at < top; at += PAGE) {
            for (int offset = 0; offset < 256; offset++) {
                expectSyscallAfter(c, s);
                c.registers().setIp(at + offset);
                c.registers().setResult(60); // exit, if it were let through
                Exit e = c.switchTo(s, false);
                assertTrue(e == Exit.SYSCALL || e == Exit.FAULT || e == Exit.INTERRUPTED, () -> e + " " + describe(c));
            }
        }
        release(c, s);
    }

    // The platform itself

    @Test
    void traitsAndHostCallsAreSensible() {
        assertTrue(platform.traits().fpStateSize() >= 576);
        assertTrue(platform.traits().minAddress() >= PAGE);
        assertTrue(platform.traits().maxAddress() > 1L << 46);
        assertNotNull(platform.name());
        for (HostCall call : platform.hostCalls()) {
            assertTrue(call.nr() >= 0);
            assertTrue(call.argument() < 6);
            assertEquals(call.argument() >= 0, call.allowed().length > 0);
        }
    }

    @Test
    void closeEndsWhatStillRuns() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, DATA, PAGE);
        program.code(s, counter());
        Context c = context();
        FutureTask<Exit> runner = start(() -> {
            Exit e = run(c, s);
            c.release();
            return e;
        });
        while (Memory.getLong(data) == 0) {
            Thread.onSpinWait();
        }
        platform.close();
        assertEquals(Exit.LOST, result(runner));
    }

    @Test
    void theSameProcessCanStartThePlatformAgain() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (Platform other = provider().open(program.config())) {
                AddressSpace s = other.newAddressSpace();
                program.code(s, new MachineCode().mov(RDX, 4).mov(RSI, 3).mov(R12, 2).mov(RSP, 1).syscall(i));
                Context c = other.newContext();
                c.registers().setIp(CODE);
                expectSyscall(c, s, i);
                release(c, s);
            }
        }
    }
}
