package sentry.syscalls;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Futex;
import sentry.core.abi.Sys;
import sentry.core.futex.Futexes;
import sentry.core.memory.MemoryManager;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.wait.Sleeper;

/** futex, futex_waitv. */
final class FutexSyscalls {
    /** Bytes of struct futex_waitv: value 8, address 8, flags 4, reserved 4. */
    private static final int WAITV = 24;

    private FutexSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.FUTEX, "PI locks go by arrival, not by priority", FutexSyscalls::futex);
        table.full(Sys.FUTEX_WAITV, FutexSyscalls::waitv);
    }

    private static boolean hasTimeout(int command) {
        return command == Futex.FUTEX_WAIT
                || command == Futex.FUTEX_LOCK_PI
                || command == Futex.FUTEX_LOCK_PI2
                || command == Futex.FUTEX_WAIT_BITSET
                || command == Futex.FUTEX_WAIT_REQUEUE_PI;
    }

    /** The moment that the time-out argument means. */
    private static long deadline(Task task, int command, boolean realtime, long nanos) {
        if (command == Futex.FUTEX_WAIT) {
            return Timespec.deadline(nanos);
        }
        return realtime || command == Futex.FUTEX_LOCK_PI
                ? Clocks.deadlineOfRealtime(nanos)
                : Clocks.toKernel(task, Clock.CLOCK_MONOTONIC, nanos);
    }

    private static long futex(Task task, SyscallArgs args) throws ErrnoException {
        int op = args.i1();
        int command = op & ~(Futex.FUTEX_PRIVATE_FLAG | Futex.FUTEX_CLOCK_REALTIME);
        boolean realtime = (op & Futex.FUTEX_CLOCK_REALTIME) != 0;
        long deadline = Sleeper.FOREVER;
        MemoryManager mm = task.mm();
        if (args.a3 != 0 && hasTimeout(command)) {
            deadline = deadline(task, command, realtime, Timespec.readNanos(mm, args.a3));
        }
        if (realtime
                && command != Futex.FUTEX_WAIT_BITSET
                && command != Futex.FUTEX_WAIT_REQUEUE_PI
                && command != Futex.FUTEX_LOCK_PI2) {
            throw Errno.ENOSYS.error();
        }
        boolean isPrivate = (op & Futex.FUTEX_PRIVATE_FLAG) != 0;
        long address = args.a0;
        int value = args.i2();
        Futexes futexes = task.kernel().futexes();
        return switch (command) {
            case Futex.FUTEX_WAIT ->
                await(task, address, isPrivate, value, Futex.FUTEX_BITSET_MATCH_ANY, deadline);
            case Futex.FUTEX_WAIT_BITSET -> await(task, address, isPrivate, value, args.i5(), deadline);
            case Futex.FUTEX_WAKE -> futexes.wake(mm, address, isPrivate, value, Futex.FUTEX_BITSET_MATCH_ANY);
            case Futex.FUTEX_WAKE_BITSET -> futexes.wake(mm, address, isPrivate, value, args.i5());
            case Futex.FUTEX_REQUEUE ->
                futexes.requeue(mm, address, args.a4, isPrivate, value, args.i3(), false, 0);
            case Futex.FUTEX_CMP_REQUEUE ->
                futexes.requeue(mm, address, args.a4, isPrivate, value, args.i3(), true, args.i5());
            case Futex.FUTEX_WAKE_OP ->
                futexes.wakeOp(mm, address, args.a4, isPrivate, value, args.i3(), args.i5());
            case Futex.FUTEX_LOCK_PI, Futex.FUTEX_LOCK_PI2 -> {
                futexes.owned().lock(task, address, isPrivate, false, deadline);
                yield 0;
            }
            case Futex.FUTEX_TRYLOCK_PI -> {
                futexes.owned().lock(task, address, isPrivate, true, Sleeper.FOREVER);
                yield 0;
            }
            case Futex.FUTEX_UNLOCK_PI -> {
                futexes.owned().unlock(task, address, isPrivate);
                yield 0;
            }
            case Futex.FUTEX_WAIT_REQUEUE_PI -> {
                futexes.owned().awaitRequeue(task, address, value, args.a4, isPrivate, deadline);
                yield 0;
            }
            case Futex.FUTEX_CMP_REQUEUE_PI ->
                futexes.owned().requeue(task, address, args.i5(), args.a4, isPrivate, value, args.i3());
            default -> throw Errno.ENOSYS.error();
        };
    }

    private static long waitv(Task task, SyscallArgs args) throws ErrnoException {
        int count = args.i1();
        if (args.i2() != 0
                || count == 0
                || Integer.compareUnsigned(count, Futex.FUTEX_WAITV_MAX) > 0
                || args.a0 == 0) {
            throw Errno.EINVAL.error();
        }
        MemoryManager mm = task.mm();
        long deadline = Sleeper.FOREVER;
        if (args.a3 != 0) {
            if (args.i4() != Clock.CLOCK_REALTIME && args.i4() != Clock.CLOCK_MONOTONIC) {
                throw Errno.EINVAL.error();
            }
            long when = Timespec.readNanos(mm, args.a3);
            deadline = args.i4() == Clock.CLOCK_REALTIME
                    ? Clocks.deadlineOfRealtime(when)
                    : Clocks.toKernel(task, Clock.CLOCK_MONOTONIC, when);
        }
        Futexes.Word[] words = new Futexes.Word[count];
        byte[] b = new byte[WAITV];
        for (int i = 0; i < count; i++) {
            mm.read(args.a0 + (long) i * WAITV, b, 0, WAITV);
            int flags = Struct.getInt(b, 16);
            if ((flags & ~(Futex.FUTEX_32 | Futex.FUTEX_PRIVATE_FLAG)) != 0
                    || Struct.getInt(b, 20) != 0
                    || (flags & Futex.FUTEX_32) == 0) {
                throw Errno.EINVAL.error();
            }
            words[i] = new Futexes.Word(
                    Struct.getLong(b, 8), (int) Struct.getLong(b, 0), (flags & Futex.FUTEX_PRIVATE_FLAG) != 0);
        }
        return task.kernel().futexes().awaitAny(task, words, deadline);
    }

    private static long await(Task task, long address, boolean isPrivate, int expected, int bitset, long deadline)
            throws ErrnoException {
        try {
            task.kernel().futexes().await(task, address, isPrivate, expected, bitset, deadline);
            return 0;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ERESTARTSYS || deadline == Sleeper.FOREVER) {
                throw e;
            }
            // Restarted with the deadline as it was, not with the whole time-out again.
            task.setRestartBlock(t -> await(t, address, isPrivate, expected, bitset, deadline));
            throw Errno.ERESTART_RESTARTBLOCK.error();
        }
    }
}
