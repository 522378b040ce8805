package platform.kvm;

/**
 * Decides when a program calls so often that handing its calls over pays: that takes a second CPU, which must be free.
 * One for each context, used by its thread.
 */
final class Pace {
    /** Calls in a row that must come quickly. */
    private static final int LEAST = 48;

    /** And at most, after starts that came to nothing: 30 ms of calls, so that trying costs next to nothing. */
    private static final int MOST = 1 << 10;
    /** What is quick: a call that leaves the guest takes some twenty microseconds by itself. */
    private static final long QUICK_NANOS = 100_000;
    /** Calls to hand over so that a start was worth it. */
    private static final int WORTH = 256;

    private static final int CPUS = Runtime.getRuntime().availableProcessors();

    private final boolean possible;
    private int wanted = LEAST;
    private int quick;
    private int handed;
    private long last;

    Pace(boolean possible) {
        this.possible = possible && CPUS > 1;
    }

    /** A call has left the guest. */
    void called() {
        if (!possible) {
            return;
        }
        long now = System.nanoTime();
        quick = now - last < QUICK_NANOS ? quick + 1 : 0;
        last = now;
    }

    /** Whether the next run should be handed over. */
    boolean wantsHandover(VcpuPool pool) {
        return quick >= wanted && room(pool);
    }

    private static boolean room(VcpuPool pool) {
        return pool.takenCount() * 2 <= CPUS;
    }

    void handedOver() {
        handed++;
    }

    /** Whether handing over still makes sense. */
    boolean goesOn(VcpuPool pool) {
        return (handed & 0xff) != 0 || room(pool);
    }

    /** The processor left the guest for another reason than a call. */
    void ended() {
        wanted = handed >= WORTH ? LEAST : Math.min(MOST, wanted * 2);
        quick = 0;
        handed = 0;
    }

    /** Calls for which the kernel needs registers that are not in the mailbox. */
    static boolean needsAll(long nr) {
        return switch ((int) nr) {
            case 15, 56, 57, 58, 59, 60, 158, 231, 322, 435 -> true; // sigreturn, clone, fork, vfork, exec, exit, ...
            default -> false;
        };
    }
}
