package benchmarks.platform;

import host.linux.HostException;
import host.linux.Memory;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sentry.core.arch.Registers;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Availability;
import sentry.core.platform.Context;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformProvider;

/**
 * One trip from the program into the kernel and back: the program calls in a loop, the kernel sets a result. For each
 * platform that this machine can run; {@code benchmarks/switch} measures the floor beside it: the same loop in C for ptrace,
 * {@link GuestLoopBenchmark} for kvm.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ContextSwitchBenchmark {
    private static final long CODE = 0x400000;
    private static final long DATA = 0x600000;
    private static final int PAGE = 4096;
    private static final int MEMORY = 16 * PAGE;

    private static final int NR_CLOSE = 3;
    private static final int NR_MMAP = 9;
    private static final int NR_MUNMAP = 11;
    private static final int NR_FTRUNCATE = 77;
    private static final int NR_MEMFD_CREATE = 319;

    private static final byte[] PROGRAM = {
        (byte) 0xb8, 39, 0, 0, 0, // loop: mov eax, 39     getpid
        0x0f, 0x05, //                  syscall
        (byte) 0xeb, (byte) 0xf7, //    jmp loop
        0x48, (byte) 0x8b, 0x07, //     touch: mov rax, [rdi]
    };
    private static final int TOUCH = 9;

    /** More by {@code -p platform=NAME,...}. */
    @Param("ptrace")
    public String platform;

    private int fd;
    private long base;
    private Platform opened;
    private AddressSpace space;
    private Context context;

    @Setup(Level.Trial)
    public void open() throws Exception {
        PlatformProvider provider = null;
        for (PlatformProvider p : ServiceLoader.load(PlatformProvider.class)) {
            if (p.name().equals(platform)) {
                provider = p;
            }
        }
        if (provider == null) {
            throw new IllegalStateException("no platform " + platform);
        }
        if (provider.probe() instanceof Availability.Unusable no) {
            throw new IllegalStateException(platform + ": " + no.reason());
        }
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom("benchmark").address();
            fd = (int) HostException.check("memfd_create", Syscall.call(NR_MEMFD_CREATE, name, 1));
        }
        HostException.check("ftruncate", Syscall.call(NR_FTRUNCATE, fd, MEMORY));
        base = HostException.check("mmap", Syscall.call(NR_MMAP, 0, MEMORY, 3, 1, fd, 0));
        Memory.copy(PROGRAM, 0, base, PROGRAM.length);
        opened = provider.open(new PlatformConfig(fd, base, MEMORY));
    }

    /** Here and not in the setup: a context belongs to the thread that runs it. */
    private Context context() throws Exception {
        Context c = context;
        if (c == null) {
            space = opened.newAddressSpace();
            space.map(CODE, PAGE, fd, 0, AddressSpace.READ | AddressSpace.EXECUTE, false);
            c = opened.newContext();
            c.registers().setIp(CODE);
            context = c;
        }
        return c;
    }

    private static void expect(Context.Exit expected, Context.Exit exit) {
        if (exit != expected && exit != Context.Exit.INTERRUPTED) {
            throw new IllegalStateException(exit.name());
        }
    }

    /** A system call that the kernel answers at once. */
    @Benchmark
    public long systemCall() throws Exception {
        Context c = context();
        expect(Context.Exit.SYSCALL, c.switchTo(space, false));
        c.registers().setResult(4242);
        return c.registers().syscallNumber();
    }

    /** As {@link #systemCall}, with all registers set anew, as after a signal. */
    @Benchmark
    public long systemCallSettingRegisters() throws Exception {
        Context c = context();
        expect(Context.Exit.SYSCALL, c.switchTo(space, false));
        c.registers().setIp(CODE);
        return c.registers().syscallNumber();
    }

    /** As {@link #systemCall}, with the floating-point state read and written back. */
    @Benchmark
    public long systemCallWithFloatingPoint() throws Exception {
        Context c = context();
        expect(Context.Exit.SYSCALL, c.switchTo(space, false));
        c.fpState().changed(true);
        c.registers().setResult(4242);
        return c.registers().syscallNumber();
    }

    /** A page fault that the kernel answers by mapping a page, which it takes away again. */
    @Benchmark
    public int pageFault() throws Exception {
        Context c = context();
        Registers r = c.registers();
        r.set(Registers.RDI, DATA);
        r.setIp(CODE + TOUCH);
        space.unmap(DATA, PAGE);
        expect(Context.Exit.FAULT, c.switchTo(space, false));
        space.map(DATA, PAGE, fd, PAGE, AddressSpace.READ, false);
        space.commit(c);
        return c.fault().signal;
    }

    @TearDown(Level.Trial)
    public void close() {
        if (context != null) {
            context.release();
            space.release(null);
            context = null;
        }
        opened.close();
        Syscall.call(NR_MUNMAP, base, MEMORY);
        Syscall.call(NR_CLOSE, fd);
    }
}
