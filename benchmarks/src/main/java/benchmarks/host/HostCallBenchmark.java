package benchmarks.host;

import host.linux.Syscall;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.IgnoreError;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one host call costs by each way out of Java: getppid(2), which no library caches and the kernel answers at once.
 * The difference between two ways is their own cost.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HostCallBenchmark {
    private static final long GETPPID = 110;

    /** libc as jnr-ffi sees it. */
    public interface Libc {
        int getppid();
    }

    /** The same without saving errno after each call. */
    public interface LibcIgnoringErrno {
        @IgnoreError
        int getppid();
    }

    private static final Libc LIBC = LibraryLoader.create(Libc.class).load("c");
    private static final LibcIgnoringErrno LIBC_IGNORING_ERRNO =
            LibraryLoader.create(LibcIgnoringErrno.class).load("c");
    private static final POSIX POSIX = POSIXFactory.getNativePOSIX();

    /** The product's way: the foreign function interface, one call shape, errno in the result. */
    @Benchmark
    public long hostLinux() {
        return Syscall.call(GETPPID);
    }

    @Benchmark
    public int jnrFfi() {
        return LIBC.getppid();
    }

    @Benchmark
    public int jnrFfiIgnoringErrno() {
        return LIBC_IGNORING_ERRNO.getppid();
    }

    @Benchmark
    public int jnrPosix() {
        return POSIX.getppid();
    }
}
