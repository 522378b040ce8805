package sentry.syscalls;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.time.Clocks;
import sentry.core.vdso.Vdso;

/** Clocks and sleeping. */
final class TimeSyscalls {
    private TimeSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.CLOCK_GETTIME, TimeSyscalls::clockGettime)
                .full(Sys.CLOCK_GETRES, TimeSyscalls::clockGetres)
                .full(Sys.CLOCK_SETTIME, TimeSyscalls::clockSettime)
                .full(Sys.GETTIMEOFDAY, TimeSyscalls::gettimeofday)
                .full(Sys.SETTIMEOFDAY, TimeSyscalls::settimeofday)
                .full(Sys.TIME, TimeSyscalls::time)
                .full(Sys.TIMES, TimeSyscalls::times)
                .full(Sys.NANOSLEEP, TimeSyscalls::nanosleep)
                .full(Sys.CLOCK_NANOSLEEP, TimeSyscalls::clockNanosleep);
    }

    private static long clockGettime(Task task, SyscallArgs args) throws ErrnoException {
        if (!Clocks.isCpuClock(args.i0())) {
            wantVdso(task);
        }
        Timespec.write(task.memory(), args.a1, Clocks.read(task, args.i0()));
        return 0;
    }

    private static long clockGetres(Task task, SyscallArgs args) throws ErrnoException {
        long resolution = Clocks.resolution(task, args.i0());
        if (args.a1 != 0) {
            Timespec.write(task.memory(), args.a1, resolution);
        }
        return 0;
    }

    private static long clockSettime(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i0() < 0) {
            task.memory().getLong(args.a1);
            task.memory().getLong(args.a1 + 8);
            Clocks.read(task, args.i0()); // for its error
            throw Errno.EPERM.error();
        }
        if (args.i0() != Clock.CLOCK_REALTIME) {
            throw Errno.EINVAL.error();
        }
        Timespec.readNanos(task.memory(), args.a1);
        throw Errno.EPERM.error(); // the clock is the host's
    }

    private static long gettimeofday(Task task, SyscallArgs args) throws ErrnoException {
        wantVdso(task);
        UserMemory memory = task.memory();
        if (args.a0 != 0) {
            Timespec.writeMicros(memory, args.a0, Clocks.realtime());
        }
        if (args.a1 != 0) {
            memory.putLong(args.a1, 0); // struct timezone: UTC, as on any modern system
        }
        return 0;
    }

    private static long settimeofday(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a0 != 0) {
            Timespec.readMicros(task.memory(), args.a0);
        }
        if (args.a1 != 0) {
            task.memory().getLong(args.a1); // struct timezone
        }
        throw Errno.EPERM.error();
    }

    /** The program asks for the time: from now on it may read the clocks without a call. */
    private static void wantVdso(Task task) {
        Vdso vdso = task.kernel().vdso();
        if (vdso != null) {
            vdso.wanted();
        }
    }

    private static long time(Task task, SyscallArgs args) throws ErrnoException {
        wantVdso(task);
        long seconds = Math.floorDiv(Clocks.realtime(), Timespec.NANOS_PER_SECOND);
        if (args.a0 != 0) {
            task.memory().putLong(args.a0, seconds);
        }
        return seconds;
    }

    private static long times(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a0 != 0) {
            ThreadGroup g = task.group();
            UserMemory memory = task.memory();
            memory.putLong(args.a0, g.userNanos() / ThreadGroup.NANOS_PER_TICK);
            memory.putLong(args.a0 + 8, g.systemNanos() / ThreadGroup.NANOS_PER_TICK);
            memory.putLong(args.a0 + 16, g.childUserNanos() / ThreadGroup.NANOS_PER_TICK);
            memory.putLong(args.a0 + 24, g.childSystemNanos() / ThreadGroup.NANOS_PER_TICK);
        }
        return System.nanoTime() / ThreadGroup.NANOS_PER_TICK;
    }

    private static long nanosleep(Task task, SyscallArgs args) throws ErrnoException {
        long nanos = Timespec.readNanos(task.memory(), args.a0);
        return sleepUntil(task, Timespec.deadline(nanos), args.a1);
    }

    private static long clockNanosleep(Task task, SyscallArgs args) throws ErrnoException {
        int clock = args.i0();
        boolean absolute = (args.i1() & Clock.TIMER_ABSTIME) != 0;
        switch (clock) {
            case Clock.CLOCK_REALTIME, Clock.CLOCK_MONOTONIC, Clock.CLOCK_BOOTTIME, Clock.CLOCK_TAI -> {}
            case Clock.CLOCK_REALTIME_ALARM, Clock.CLOCK_BOOTTIME_ALARM -> {
                Timespec.readNanos(task.memory(), args.a2); // they could sleep if there were hardware to wake them
                throw Errno.EOPNOTSUPP.error();
            }
            case Clock.CLOCK_MONOTONIC_RAW, Clock.CLOCK_REALTIME_COARSE, Clock.CLOCK_MONOTONIC_COARSE,
                    Clock.CLOCK_THREAD_CPUTIME_ID ->
                throw Errno.EOPNOTSUPP.error();
            default -> {
                if (clock > 0 && clock != Clock.CLOCK_PROCESS_CPUTIME_ID) {
                    throw Errno.EINVAL.error();
                }
                if (Clocks.isDynamic(clock)) {
                    throw Errno.EOPNOTSUPP.error();
                }
                return sleepOnCpuTime(task, clock, absolute, Timespec.readNanos(task.memory(), args.a2));
            }
        }
        long nanos = Timespec.readNanos(task.memory(), args.a2);
        if (!absolute) {
            return sleepUntil(task, Timespec.deadline(nanos), args.a3);
        }
        for (;;) {
            // The wall clock may be set while we sleep: look again afterwards.
            long left = nanos - Clocks.read(task, clock);
            if (left <= 0) {
                return 0;
            }
            if (!sleep(task, Timespec.deadline(left))) {
                throw Errno.ERESTARTNOHAND.error();
            }
        }
    }

    /** Sleeps; true when the deadline has come, false when there is a signal to look at. */
    private static boolean sleep(Task task, long deadline) {
        for (;;) {
            task.sleeper().prepare();
            switch (task.sleep(deadline)) {
                case TIMED_OUT -> {
                    return true;
                }
                case INTERRUPTED -> {
                    return false;
                }
                case READY -> {}
            }
        }
    }

    private static long sleepUntil(Task task, long deadline, long remainder) throws ErrnoException {
        if (sleep(task, deadline)) {
            return 0;
        }
        if (remainder != 0) {
            Timespec.write(task.memory(), remainder, Math.max(0, deadline - System.nanoTime()));
        }
        task.setRestartBlock(t -> sleepUntil(t, deadline, remainder));
        throw Errno.ERESTART_RESTARTBLOCK.error();
    }

    private static long sleepOnCpuTime(Task task, int clock, boolean absolute, long nanos) throws ErrnoException {
        if (Clocks.isOwnThread(task, clock)) {
            throw Errno.EINVAL.error(); // it would never wake
        }
        long target = absolute ? nanos : Clocks.read(task, clock) + nanos;
        for (;;) {
            long left = target - Clocks.read(task, clock);
            if (left <= 0) {
                return 0;
            }
            long pause = Math.max(1_000_000, left / task.group().signals().count());
            if (!sleep(task, System.nanoTime() + pause)) {
                throw Errno.ERESTARTNOHAND.error();
            }
        }
    }

}
