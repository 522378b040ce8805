package host.linux;

/**
 * The processor's time stamp counter, read together with a clock of the host. One object holds one reading; not
 * thread-safe.
 */
public final class Tsc {
    private static final int CPUID = 0x2f;
    private static final byte[] CODE = {
        // sample(clock, area, clock_gettime): area = counter before, counter after, struct timespec
        0x53, // push rbx
        0x48, (byte) 0x89, (byte) 0xf3, // mov rbx, rsi
        0x49, (byte) 0x89, (byte) 0xd3, // mov r11, rdx
        0x0f, (byte) 0xae, (byte) 0xe8, // lfence
        0x0f, 0x31, // rdtsc
        0x48, (byte) 0xc1, (byte) 0xe2, 0x20, // shl rdx, 32
        0x48, 0x09, (byte) 0xd0, // or rax, rdx
        0x48, (byte) 0x89, 0x03, // mov [rbx], rax
        0x48, (byte) 0x8d, 0x73, 0x10, // lea rsi, [rbx+16]
        0x41, (byte) 0xff, (byte) 0xd3, // call r11
        0x0f, (byte) 0xae, (byte) 0xe8, // lfence
        0x0f, 0x31, // rdtsc
        0x48, (byte) 0xc1, (byte) 0xe2, 0x20, // shl rdx, 32
        0x48, 0x09, (byte) 0xd0, // or rax, rdx
        0x48, (byte) 0x89, 0x43, 0x08, // mov [rbx+8], rax
        0x5b, // pop rbx
        (byte) 0xc3, // ret
        // cpuid(leaf, subleaf): edx
        0x53, // push rbx
        (byte) 0x89, (byte) 0xf8, // mov eax, edi
        (byte) 0x89, (byte) 0xf1, // mov ecx, esi
        0x0f, (byte) 0xa2, // cpuid
        (byte) 0x89, (byte) 0xd0, // mov eax, edx
        0x5b, // pop rbx
        (byte) 0xc3, // ret
    };

    private static final int TRIES = 6;

    private final CodePage page;
    private final long clockGettime = NativeCode.libc("clock_gettime");
    private final NativeArea area = NativeArea.allocate(4096);
    private long counter;
    private long nanos;

    public Tsc() throws HostException {
        page = CodePage.of(CODE);
    }

    /** Whether the counter runs at one rate, always (CPUID 0x80000007, EDX bit 8). */
    public boolean invariant() {
        return (page.call(CPUID, 0x80000007L, 0, 0, 0, 0, 0, 0) & 1 << 8) != 0;
    }

    /** Reads {@code clock} and the counter at the same moment, as near as a few tries get. */
    public void read(int clock) {
        long best = Long.MAX_VALUE;
        long at = area.address();
        for (int i = 0; i < TRIES; i++) {
            page.call(0, clock, at, clockGettime, 0, 0, 0, 0);
            long before = Memory.getLong(at);
            long span = Memory.getLong(at + 8) - before;
            if (span >= 0 && span < best) {
                best = span;
                counter = before + (span >> 1);
                nanos = Memory.getLong(at + 16) * 1_000_000_000L + Memory.getLong(at + 24);
            }
        }
    }

    /** The counter at the last {@link #read}. */
    public long counter() {
        return counter;
    }

    /** The clock at the last {@link #read}. */
    public long nanos() {
        return nanos;
    }
}
