package sentry.syscalls;

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

/** futex. */
final class FutexSyscalls {
    private FutexSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.FUTEX, "PI locks without priorities; no FUTEX_WAIT_REQUEUE_PI", FutexSyscalls::futex);
    }

    private static long futex(Task task, SyscallArgs args) throws ErrnoException {
        int op = args.i1();
        int command = op & ~(Futex.FUTEX_PRIVATE_FLAG | Futex.FUTEX_CLOCK_REALTIME);
        boolean realtime = (op & Futex.FUTEX_CLOCK_REALTIME) != 0;
        if (realtime
                && command != Futex.FUTEX_WAIT
                && command != Futex.FUTEX_WAIT_BITSET
                && command != Futex.FUTEX_WAIT_REQUEUE_PI
                && command != Futex.FUTEX_LOCK_PI2) {
            throw Errno.ENOSYS.error();
        }
        boolean isPrivate = (op & Futex.FUTEX_PRIVATE_FLAG) != 0;
        long address = args.a0;
        int value = args.i2();
        MemoryManager mm = task.mm();
        Futexes futexes = task.kernel().futexes();
        return switch (command) {
            case Futex.FUTEX_WAIT -> {
                long deadline = Sleeper.FOREVER;
                if (args.a3 != 0) {
                    deadline = Timespec.deadline(Timespec.readNanos(mm, args.a3));
                }
                yield await(task, address, isPrivate, value, Futex.FUTEX_BITSET_MATCH_ANY, deadline);
            }
            case Futex.FUTEX_WAIT_BITSET -> {
                long deadline = Sleeper.FOREVER;
                if (args.a3 != 0) {
                    long when = Timespec.readNanos(mm, args.a3);
                    deadline = realtime ? Clocks.deadlineOfRealtime(when) : when;
                }
                yield await(task, address, isPrivate, value, args.i5(), deadline);
            }
            case Futex.FUTEX_WAKE -> futexes.wake(mm, address, isPrivate, value, Futex.FUTEX_BITSET_MATCH_ANY);
            case Futex.FUTEX_WAKE_BITSET -> futexes.wake(mm, address, isPrivate, value, args.i5());
            case Futex.FUTEX_REQUEUE ->
                futexes.requeue(mm, address, args.a4, isPrivate, value, args.i3(), false, 0);
            case Futex.FUTEX_CMP_REQUEUE ->
                futexes.requeue(mm, address, args.a4, isPrivate, value, args.i3(), true, args.i5());
            case Futex.FUTEX_WAKE_OP ->
                futexes.wakeOp(mm, address, args.a4, isPrivate, value, args.i3(), args.i5());
            case Futex.FUTEX_LOCK_PI, Futex.FUTEX_LOCK_PI2 -> {
                long deadline = Sleeper.FOREVER;
                if (args.a3 != 0) {
                    long when = Timespec.readNanos(mm, args.a3);
                    boolean wall = realtime || command == Futex.FUTEX_LOCK_PI;
                    deadline = wall ? Clocks.deadlineOfRealtime(when) : when;
                }
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
            default -> throw Errno.ENOSYS.error();
        };
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
