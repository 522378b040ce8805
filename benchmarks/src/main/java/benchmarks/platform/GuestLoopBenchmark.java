package benchmarks.platform;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What {@link ContextSwitchBenchmark} does on the kvm platform, without the platform: a bare guest calls in a loop, the host
 * sets a result.
 */
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GuestLoopBenchmark {
    private static final int CALLS = 1000;

    private static final byte[] CALL = {
        (byte) 0xb8, 39, 0, 0, 0, // loop: mov eax, 39     getpid
        0x0f, 0x05, //                  syscall
        (byte) 0xeb, (byte) 0xf7, //    jmp loop
    };

    private static final byte[] CALL_OFTEN = {
        (byte) 0xbb, (byte) 0xe8, 0x03, 0, 0, // again: mov ebx, CALLS
        (byte) 0xb8, 39, 0, 0, 0, //             loop: mov eax, 39
        0x0f, 0x05, //                           syscall
        (byte) 0xff, (byte) 0xcb, //             dec ebx
        0x75, (byte) 0xf5, //                    jnz loop
        (byte) 0x89, 0x04, 0x25, 0, 0, 0x20, 0, // mov [OUTSIDE], eax
        (byte) 0xeb, (byte) 0xe7, //             jmp again
    };

    /** Answers without leaving the guest; no flag was changed on the way in. */
    private static final byte[] ANSWER_AT_3 = {
        (byte) 0xb8, (byte) 0x92, 0x10, 0, 0, // mov eax, 4242
        (byte) 0xff, (byte) 0xe1, //             jmp rcx
    };

    private static final byte[] ANSWER_AT_0 = {
        (byte) 0xb8, (byte) 0x92, 0x10, 0, 0, // mov eax, 4242
        0x48, 0x0f, 0x07, //                     sysretq
    };

    /** Each call goes out to the host. */
    @State(Scope.Thread)
    public static class Leaving {
        Guest guest;

        @Setup(Level.Trial)
        public void open() throws Exception {
            guest = new Guest(Guest.EXIT, CALL);
            guest.answer(0);
        }

        @TearDown(Level.Trial)
        public void close() {
            guest.close();
        }
    }

    /** Calls are answered where they enter. */
    @State(Scope.Thread)
    public static class Staying {
        Guest guest;

        @Setup(Level.Trial)
        public void open() throws Exception {
            boolean hardware;
            try (Guest trial = new Guest(Guest.EXIT, CALL)) {
                hardware = trial.hardware();
            }
            guest = new Guest(hardware ? ANSWER_AT_0 : ANSWER_AT_3, CALL_OFTEN);
        }

        @TearDown(Level.Trial)
        public void close() {
            guest.close();
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    public void systemCall(Leaving state) {
        state.guest.run();
        state.guest.answer(4242);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OperationsPerInvocation(CALLS)
    public void systemCallAnsweredInTheGuest(Staying state) {
        state.guest.run();
    }
}
