package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.ProgramBuffer;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** process_vm_readv(2) and process_vm_writev(2). */
final class ProcessMemorySyscalls {
    private static final int CHUNK = 1 << 16;

    private ProcessMemorySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.PROCESS_VM_READV, (task, args) -> move(task, args, false));
        table.full(Sys.PROCESS_VM_WRITEV, (task, args) -> move(task, args, true));
    }

    private static long move(Task task, SyscallArgs a, boolean write) throws ErrnoException {
        if (a.a5 != 0) {
            throw Errno.EINVAL.error();
        }
        // ProgramBuffer leaves out what is beyond MAX_RW_COUNT, as Linux does for the local side.
        ProgramBuffer local = new ProgramBuffer().ofIovecs(task, a.a1, a.a2);
        if (a.a4 < 0 || a.a4 > ProgramBuffer.MAX_IOVECS) {
            throw Errno.EINVAL.error();
        }
        if (local.remaining() == 0 || a.a4 == 0) {
            return 0;
        }
        Task target = task.namespaces().pid().task(a.i0());
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        MemoryManager memory = target.mm();
        if (memory == null) {
            throw Errno.ESRCH.error();
        }
        ProgramBuffer remote = new ProgramBuffer().ofIovecs(task.mm(), memory, a.a3, a.a4);
        if (!Access.mayInspect(task, target)) {
            throw Errno.EPERM.error();
        }
        return write ? copy(local, remote) : copy(remote, local);
    }

    private static long copy(ProgramBuffer from, ProgramBuffer to) throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, Math.min(from.remaining(), to.remaining()))];
        long done = 0;
        while (from.remaining() > 0 && to.remaining() > 0) {
            int want = (int) Math.min(chunk.length, Math.min(from.remaining(), to.remaining()));
            try {
                int got = from.get(chunk, 0, want);
                int put = to.put(chunk, 0, got);
                done += put;
                if (put < want) {
                    break;
                }
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
        }
        return done;
    }
}
