package sentry.core.vdso;

import host.linux.Memory;
import host.linux.Tsc;
import java.lang.invoke.VarHandle;
import sentry.core.abi.Clock;

/**
 * The vDSO's parameters: for each clock a line (base and rate) over the time stamp counter.
 *
 * <p>A line is continued from where it stands, with a rate that leads it to where the host's clock will be at the next
 * update, so that no clock jumps or goes back. Only the wall clock jumps when the host's does, and all do forwards when
 * the host's have (after a suspension).
 *
 * <p>Thread-safe.
 */
final class VdsoClock {
    /** How far ahead a correction is spread. */
    static final long INTERVAL = 1_000_000_000L;

    /** Beyond this a clock that is behind jumps. */
    private static final long JUMP = 1_000_000;
    /** The wall clock's distance to the monotonic one is measured no better than that. */
    private static final long NOISE = 2_000;
    /** The least time that gives a rate good enough to start with. */
    private static final long FIRST_INTERVAL = 10_000_000;

    private static final int SEQUENCE = 0;
    private static final int ENABLED = 4;
    private static final int CPUS = 8;
    private static final int COUNTER = 16;
    private static final int LINES = 64;

    private final long page;
    private final Tsc tsc;

    private boolean enabled;
    private int sequence;
    /** The last reading of the host's clocks. */
    private long counter;

    private long monotonicRead;
    private long rawCounter;
    private long rawRead;

    /** The lines in force: at {@link #base}, these values and rates. */
    private long base;

    private long monotonic;
    private long monotonicRate;
    private long raw;
    private long rawRate;
    private long realOffset;
    private long bootOffset;
    private long taiOffset;

    /** @param page host address of the zeroed parameter page */
    VdsoClock(long page, Tsc tsc) {
        this.page = page;
        this.tsc = tsc;
        read();
    }

    /** Makes {@code page} parameters that tell the number of CPUs only. */
    static void silence(long page, int cpus) {
        Memory.putInt(page + ENABLED, 0);
        Memory.putInt(page + CPUS, cpus);
    }

    void setCpus(int cpus) {
        Memory.putInt(page + CPUS, cpus);
    }

    private void read() {
        tsc.read(Clock.CLOCK_MONOTONIC);
        counter = tsc.counter();
        monotonicRead = tsc.nanos();
        tsc.read(Clock.CLOCK_MONOTONIC_RAW);
        rawCounter = tsc.counter();
        rawRead = tsc.nanos();
    }

    /** Brings the lines in step with the host's clocks; starts them, if enough time has passed to know the rate. */
    synchronized boolean update() {
        long oldCounter = counter;
        long oldMonotonic = monotonicRead;
        long oldRawCounter = rawCounter;
        long oldRaw = rawRead;
        read();
        if (monotonicRead - oldMonotonic < (enabled ? INTERVAL / 100 : FIRST_INTERVAL)) {
            counter = oldCounter;
            monotonicRead = oldMonotonic;
            rawCounter = oldRawCounter;
            rawRead = oldRaw;
            return enabled;
        }
        double rate = (double) (monotonicRead - oldMonotonic) / (counter - oldCounter);
        double rawRateNow = (double) (rawRead - oldRaw) / (rawCounter - oldRawCounter);
        if (!(rate > 0 && rate < 1 && rawRateNow > 0 && rawRateNow < 1)) {
            disable(); // a counter slower than a gigahertz, or one that stands still
            return false;
        }
        // Both lines from the same count on.
        long rawHere = rawRead - (long) ((rawCounter - counter) * rawRateNow);
        if (!enabled) {
            monotonic = monotonicRead;
            monotonicRate = fraction(rate);
            raw = rawHere;
            rawRate = fraction(rawRateNow);
        } else {
            long here = value(monotonic, monotonicRate, counter);
            long ahead = monotonicRead - here;
            monotonic = ahead > JUMP ? monotonicRead : here;
            monotonicRate = fraction(rate * (1 + correction(monotonicRead - monotonic)));
            long rawLine = value(raw, rawRate, counter);
            raw = rawHere - rawLine > JUMP ? rawHere : rawLine;
            rawRate = fraction(rawRateNow * (1 + correction(rawHere - raw)));
        }
        base = counter;
        realOffset = offset(Clock.CLOCK_REALTIME, realOffset);
        bootOffset = offset(Clock.CLOCK_BOOTTIME, bootOffset);
        taiOffset = offset(Clock.CLOCK_TAI, taiOffset);
        publish();
        enabled = true;
        return true;
    }

    private void disable() {
        enabled = false;
        begin();
        Memory.putInt(page + ENABLED, 0);
        end();
    }

    private void publish() {
        begin();
        Memory.putLong(page + COUNTER, base);
        line(Clock.CLOCK_REALTIME, monotonic + realOffset, monotonicRate);
        line(Clock.CLOCK_REALTIME_COARSE, monotonic + realOffset, monotonicRate);
        line(Clock.CLOCK_MONOTONIC, monotonic, monotonicRate);
        line(Clock.CLOCK_MONOTONIC_COARSE, monotonic, monotonicRate);
        line(Clock.CLOCK_BOOTTIME, monotonic + bootOffset, monotonicRate);
        line(Clock.CLOCK_TAI, monotonic + taiOffset, monotonicRate);
        line(Clock.CLOCK_MONOTONIC_RAW, raw, rawRate);
        Memory.putInt(page + ENABLED, 1);
        end();
    }

    private void begin() {
        Memory.putIntVolatile(page + SEQUENCE, ++sequence);
        VarHandle.fullFence();
    }

    private void end() {
        VarHandle.fullFence();
        Memory.putIntVolatile(page + SEQUENCE, ++sequence);
    }

    private void line(int clock, long value, long rate) {
        Memory.putLong(page + LINES + 16L * clock, value);
        Memory.putLong(page + LINES + 16L * clock + 8, rate);
    }

    /** How far {@code clock} is from the monotonic one; {@code known} unless it has changed beyond doubt. */
    private long offset(int clock, long known) {
        tsc.read(clock);
        long measured = tsc.nanos() - value(monotonic, monotonicRate, tsc.counter());
        return Math.abs(measured - known) > NOISE ? measured : known;
    }

    private long value(long start, long rate, long count) {
        return start + Math.unsignedMultiplyHigh(count - base, rate);
    }

    /** What to add to the rate so that an error is gone at the next update. */
    private static double correction(long error) {
        return Math.clamp((double) error / INTERVAL, -0.05, 0.05);
    }

    /** A number in [0, 1) in units of 2^-64. */
    private static long fraction(double value) {
        return (long) (value * 0x1p63) << 1;
    }
}
