package sentry.syscalls;

import host.linux.Cpu;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * membarrier(2). Every barrier is the host's barrier on all threads, which covers whatever carries the program's: each
 * CPU goes through the host's kernel and comes back by a serialising instruction.
 */
final class MembarrierSyscall {
    private static final int QUERY = 0;
    private static final int GLOBAL = 1;
    private static final int GLOBAL_EXPEDITED = 1 << 1;
    private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;
    private static final int PRIVATE_EXPEDITED = 1 << 3;
    private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
    private static final int PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
    private static final int REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;
    private static final int ALL = (1 << 7) - 1;

    private MembarrierSyscall() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.MEMBARRIER, "no commands for restartable sequences", MembarrierSyscall::membarrier);
    }

    private static long membarrier(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i1() != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup group = task.group();
        int command = args.i0();
        return switch (command) {
            case QUERY -> ALL;
            case GLOBAL, GLOBAL_EXPEDITED -> Errno.check(Cpu.barrier());
            case PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE -> {
                if ((group.membarriers() & command << 1) == 0) {
                    throw Errno.EPERM.error();
                }
                yield Errno.check(Cpu.barrier());
            }
            case REGISTER_GLOBAL_EXPEDITED, REGISTER_PRIVATE_EXPEDITED, REGISTER_PRIVATE_EXPEDITED_SYNC_CORE -> {
                group.setMembarriers(group.membarriers() | command);
                yield 0;
            }
            default -> throw Errno.EINVAL.error();
        };
    }
}
