package sentry.syscalls;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.time.IntervalTimer;
import sentry.core.time.PosixTimer;

/** Interval timers, alarm and POSIX timers. */
final class TimerSyscalls {
    /** struct sigevent. */
    private static final int SIGEVENT_SIZE = 64;

    private TimerSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.GETITIMER, TimerSyscalls::getitimer)
                .full(Sys.SETITIMER, TimerSyscalls::setitimer)
                .full(Sys.ALARM, TimerSyscalls::alarm)
                .full(Sys.TIMER_CREATE, TimerSyscalls::create)
                .full(Sys.TIMER_SETTIME, TimerSyscalls::settime)
                .full(Sys.TIMER_GETTIME, TimerSyscalls::gettime)
                .full(Sys.TIMER_GETOVERRUN, TimerSyscalls::getoverrun)
                .full(Sys.TIMER_DELETE, TimerSyscalls::delete);
    }

    private static int which(SyscallArgs args) throws ErrnoException {
        int which = args.i0();
        if (which < Clock.ITIMER_REAL || which > Clock.ITIMER_PROF) {
            throw Errno.EINVAL.error();
        }
        return which;
    }

    /** struct itimerval: interval first. */
    private static void writeVal(UserMemory memory, long address, IntervalTimer.Setting s) throws ErrnoException {
        Timespec.writeMicros(memory, address, s.interval());
        // A timer that is about to fire must not look as if it were off.
        Timespec.writeMicros(memory, address + 16, s.remaining() == 0 ? 0 : Math.max(1000, s.remaining()));
    }

    private static long getitimer(Task task, SyscallArgs args) throws ErrnoException {
        writeVal(task.memory(), args.a1, task.group().timers().itimer(which(args)));
        return 0;
    }

    private static long setitimer(Task task, SyscallArgs args) throws ErrnoException {
        long interval = 0;
        long value = 0;
        if (args.a1 != 0) {
            interval = Timespec.readMicros(task.memory(), args.a1);
            value = Timespec.readMicros(task.memory(), args.a1 + 16);
        }
        IntervalTimer.Setting old = task.group().timers().setItimer(which(args), value, interval);
        if (args.a2 != 0) {
            writeVal(task.memory(), args.a2, old);
        }
        return 0;
    }

    private static long alarm(Task task, SyscallArgs args) {
        long seconds = args.a0 & 0xffffffffL;
        IntervalTimer.Setting old =
                task.group().timers().setItimer(Clock.ITIMER_REAL, seconds * Timespec.NANOS_PER_SECOND, 0);
        long left = old.remaining();
        if (left == 0) {
            return 0;
        }
        // Rounded, but never to the 0 that says there was none.
        long rounded = (left + Timespec.NANOS_PER_SECOND / 2) / Timespec.NANOS_PER_SECOND;
        return Math.max(1, rounded);
    }

    private static long create(Task task, SyscallArgs args) throws ErrnoException {
        int clock = args.i0();
        UserMemory memory = task.memory();
        if (args.a1 != 0) {
            for (int i = 0; i < SIGEVENT_SIZE; i += 8) {
                memory.getLong(args.a1 + i); // comes before the clock's errors
            }
        }
        boolean alarm = clock == Clock.CLOCK_REALTIME_ALARM || clock == Clock.CLOCK_BOOTTIME_ALARM;
        if (clock == Clock.CLOCK_MONOTONIC_RAW
                || clock == Clock.CLOCK_REALTIME_COARSE
                || clock == Clock.CLOCK_MONOTONIC_COARSE
                || Clocks.isDynamic(clock)) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (clock >= 0 && !alarm) {
            Clocks.read(task, clock);
        }
        int notify = Clock.SIGEV_SIGNAL;
        int signo = 0;
        long value = 0;
        Task target = null;
        if (args.a1 != 0) {
            value = memory.getLong(args.a1);
            signo = memory.getInt(args.a1 + 8);
            notify = memory.getInt(args.a1 + 12);
            if (notify == (Clock.SIGEV_SIGNAL | Clock.SIGEV_THREAD_ID)) {
                target = task.namespaces().pid().task(memory.getInt(args.a1 + 16));
                if (target == null || target.group() != task.group()) {
                    throw Errno.EINVAL.error();
                }
            } else if (notify != Clock.SIGEV_SIGNAL && notify != Clock.SIGEV_NONE && notify != Clock.SIGEV_THREAD) {
                throw Errno.EINVAL.error();
            }
            if (notify != Clock.SIGEV_NONE && (signo < 1 || signo > Signal.NSIG)) {
                throw Errno.EINVAL.error();
            }
        }
        if (alarm || clock < 0) {
            memory.putInt(args.a2, memory.getInt(args.a2)); // Linux has written the id before it asks the clock
        }
        if (alarm) {
            throw Errno.EOPNOTSUPP.error(); // nothing here could wake the machine
        }
        Clocks.read(task, clock);
        PosixTimer t = task.group().timers().create(task, clock, notify, signo, value, target);
        try {
            memory.putInt(args.a2, t.id());
        } catch (ErrnoException e) {
            task.group().timers().delete(t.id());
            throw e;
        }
        return 0;
    }

    /** struct itimerspec: interval first. */
    private static void writeSpec(UserMemory memory, long address, IntervalTimer.Setting s) throws ErrnoException {
        Timespec.write(memory, address, s.interval());
        Timespec.write(memory, address + 16, s.remaining());
    }

    private static long settime(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a2 == 0) {
            throw Errno.EINVAL.error();
        }
        long interval = Timespec.readNanos(task.memory(), args.a2);
        long value = Timespec.readNanos(task.memory(), args.a2 + 16);
        PosixTimer t = task.group().timers().get(args.i0());
        boolean absolute = (args.i1() & Clock.TIMER_ABSTIME) != 0;
        if (absolute && value != 0) {
            value = Clocks.toKernel(task, t.clock(), value);
        }
        IntervalTimer.Setting old = t.set(value, interval, absolute);
        if (args.a3 != 0) {
            writeSpec(task.memory(), args.a3, old);
        }
        return 0;
    }

    private static long gettime(Task task, SyscallArgs args) throws ErrnoException {
        writeSpec(task.memory(), args.a1, task.group().timers().get(args.i0()).get());
        return 0;
    }

    private static long getoverrun(Task task, SyscallArgs args) throws ErrnoException {
        return task.group().timers().get(args.i0()).overrun();
    }

    private static long delete(Task task, SyscallArgs args) throws ErrnoException {
        task.group().timers().delete(args.i0());
        return 0;
    }
}
