package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Mman;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.abi.UserfaultAbi;
import sentry.core.fs.anon.AnonymousFiles;
import sentry.core.fs.anon.EventFile;
import sentry.core.fs.anon.SignalFile;
import sentry.core.fs.anon.TimerFile;
import sentry.core.fs.anon.UserfaultFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.time.IntervalTimer;
import sentry.core.vfs.FileDescription;

/** Anonymous files: eventfd(2), timerfd_create(2), signalfd(2), memfd_create(2). */
final class EventSyscalls {
    private static final int EFD_SEMAPHORE = 1;
    private static final int TFD_TIMER_ABSTIME = 1;
    private static final int TFD_TIMER_CANCEL_ON_SET = 2;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_HUGETLB = 4;
    private static final int MFD_NOEXEC_SEAL = 8;
    private static final int MFD_EXEC = 16;
    /** Longest name of a memfd, without its NUL. */
    private static final int MFD_NAME_MAX = 249;

    private static final int STATUS = Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK;

    private EventSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.EVENTFD, (task, a) -> eventfd(task, a.i0(), 0));
        table.full(Sys.EVENTFD2, (task, a) -> eventfd(task, a.i0(), a.i1()));
        table.full(Sys.TIMERFD_CREATE, EventSyscalls::timerfdCreate);
        table.full(Sys.TIMERFD_SETTIME, EventSyscalls::timerfdSet);
        table.full(Sys.TIMERFD_GETTIME, EventSyscalls::timerfdGet);
        table.full(Sys.SIGNALFD, (task, a) -> signalfd(task, a, 0));
        table.full(Sys.SIGNALFD4, (task, a) -> signalfd(task, a, a.i3()));
        table.partial(Sys.USERFAULTFD, "of private anonymous memory: missing pages and write protection", EventSyscalls::userfault);
        table.partial(Sys.MEMFD_CREATE, "no huge pages", EventSyscalls::memfd);
    }

    private static long install(Task task, FileDescription file, int flags) throws ErrnoException {
        return Descriptors.install(task, file, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    private static long eventfd(Task task, int initial, int flags) throws ErrnoException {
        if ((flags & ~(EFD_SEMAPHORE | STATUS)) != 0) {
            throw Errno.EINVAL.error();
        }
        EventFile file = new EventFile(initial, (flags & EFD_SEMAPHORE) != 0, flags & Fcntl.O_NONBLOCK);
        return install(task, file, flags);
    }

    private static long timerfdCreate(Task task, SyscallArgs a) throws ErrnoException {
        int clock = a.i0();
        int flags = a.i1();
        // CLOCK_REALTIME, _MONOTONIC, _BOOTTIME and the _ALARM forms of the first and last.
        boolean known = clock == 0 || clock == 1 || clock == 7 || clock == 8 || clock == 9;
        if (!known || (flags & ~STATUS) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean alarm = clock == Clock.CLOCK_REALTIME_ALARM || clock == Clock.CLOCK_BOOTTIME_ALARM;
        if (alarm && !task.credentials().capable(Capability.WAKE_ALARM)) {
            throw Errno.EPERM.error();
        }
        if (alarm) {
            // They differ in waking a machine that is suspended, which this one never is.
            clock = clock == Clock.CLOCK_REALTIME_ALARM ? Clock.CLOCK_REALTIME : Clock.CLOCK_BOOTTIME;
        }
        return install(task, new TimerFile(task, clock, flags & Fcntl.O_NONBLOCK), flags);
    }

    private static TimerFile timer(FileDescription file) throws ErrnoException {
        if (file instanceof TimerFile timer) {
            return timer;
        }
        throw Errno.EINVAL.error();
    }

    private static long timerfdSet(Task task, SyscallArgs a) throws ErrnoException {
        for (int i = 0; i < 4; i++) {
            task.memory().getLong(a.a2 + 8 * i); // comes before all else
        }
        if ((a.i1() & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) {
            throw Errno.EINVAL.error();
        }
        long interval = Timespec.readNanos(task.memory(), a.a2);
        long value = Timespec.readNanos(task.memory(), a.a2 + 16);
        FileDescription file = task.fds().take(a.i0());
        try {
            TimerFile timer = timer(file);
            boolean absolute = (a.i1() & TFD_TIMER_ABSTIME) != 0;
            if (absolute && value != 0) {
                value = Clocks.toKernel(task, timer.clock(), value);
            }
            IntervalTimer.Setting old = timer.set(value, interval, absolute);
            if (a.a3 != 0) {
                write(task, a.a3, old);
            }
            return 0;
        } finally {
            file.release();
        }
    }

    private static long timerfdGet(Task task, SyscallArgs a) throws ErrnoException {
        write(task, a.a1, timer(task.fds().get(a.i0())).get());
        return 0;
    }

    private static void write(Task task, long address, IntervalTimer.Setting setting) throws ErrnoException {
        Timespec.write(task.memory(), address, setting.interval());
        Timespec.write(task.memory(), address + 16, setting.remaining());
    }

    private static long signalfd(Task task, SyscallArgs a, int flags) throws ErrnoException {
        if (a.a2 != 8) {
            throw Errno.EINVAL.error();
        }
        long signals = task.memory().getLong(a.a1) & ~Signal.KERNEL_ONLY;
        if ((flags & ~STATUS) != 0) {
            throw Errno.EINVAL.error();
        }
        if (a.i0() == -1) {
            return install(task, new SignalFile(signals, flags & Fcntl.O_NONBLOCK), flags);
        }
        if (task.fds().get(a.i0()) instanceof SignalFile file) {
            file.setSignals(signals);
            return a.i0();
        }
        throw Errno.EINVAL.error();
    }

    private static long userfault(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i0();
        boolean userModeOnly = (flags & UserfaultAbi.UFFD_USER_MODE_ONLY) != 0;
        if (!userModeOnly
                && !task.kernel().overcommit().userfaultsForAll()
                && !task.credentials().capable(Capability.SYS_PTRACE)) {
            throw Errno.EPERM.error();
        }
        if ((flags & ~(UserfaultAbi.UFFD_USER_MODE_ONLY | STATUS)) != 0) {
            throw Errno.EINVAL.error();
        }
        return install(task, new UserfaultFile(task.mm(), userModeOnly, flags & Fcntl.O_NONBLOCK), flags);
    }

    private static long memfd(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i1();
        int known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;
        boolean huge = (flags & MFD_HUGETLB) != 0;
        if ((flags & ~(huge ? known | MFD_HUGETLB | Mman.MAP_HUGE_SIZES | Integer.MIN_VALUE : known)) != 0
                || (flags & (MFD_NOEXEC_SEAL | MFD_EXEC)) == (MFD_NOEXEC_SEAL | MFD_EXEC)) {
            throw Errno.EINVAL.error();
        }
        String name = task.memory().readString(a.a0, MFD_NAME_MAX + 1);
        if (name == null) {
            throw Errno.EINVAL.error();
        }
        if (huge) {
            throw Errno.ENODEV.error(); // there are no large pages of any size, as /sys/kernel/mm/hugepages tells
        }
        boolean sealable = (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL)) != 0;
        FileDescription file = AnonymousFiles.INSTANCE.memfd(task.kernel().nameless(), task, name, sealable, (flags & MFD_NOEXEC_SEAL) == 0);
        return Descriptors.install(task, file, (flags & MFD_CLOEXEC) != 0);
    }
}
