package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.abi.Sys;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.ProgramBuffer;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/** process_vm_readv(2) and process_vm_writev(2). */
final class ProcessMemorySyscalls {
    private static final int CHUNK = 1 << 16;

    private ProcessMemorySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.PROCESS_VM_READV, (task, args) -> move(task, args, false));
        table.full(Sys.PROCESS_VM_WRITEV, (task, args) -> move(task, args, true));
        table.full(Sys.PROCESS_MADVISE, ProcessMemorySyscalls::madvise);
        table.full(Sys.PROCESS_MRELEASE, ProcessMemorySyscalls::release);
    }

    private static long move(Task task, SyscallArgs a, boolean write) throws ErrnoException {
        if (a.a5 != 0) {
            throw Errno.EINVAL.error();
        }
        // ProgramBuffer leaves out what is beyond MAX_RW_COUNT, as Linux does for the local side.
        ProgramBuffer local = new ProgramBuffer().ofIovecs(task, a.a1, a.a2);
        if (local.remaining() == 0) {
            return 0;
        }
        if (a.a4 < 0 || a.a4 > ProgramBuffer.MAX_IOVECS) {
            throw Errno.EINVAL.error();
        }
        if (a.a4 == 0) {
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

    /** The process that a pidfd stands for; ESRCH once it is a zombie. */
    private static ThreadGroup group(Task task, int pidfd) throws ErrnoException {
        ThreadGroup group = PidfdSyscalls.get(task, pidfd).group();
        if (group == null || group.zombie()) {
            throw Errno.ESRCH.error();
        }
        return group;
    }

    private static long madvise(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a4 != 0) {
            throw Errno.EINVAL.error();
        }
        if (a.a2 < 0 || a.a2 > ProgramBuffer.MAX_IOVECS) {
            throw Errno.EINVAL.error();
        }
        byte[] vectors = new byte[(int) a.a2 * 16];
        task.memory().read(a.a1, vectors, 0, vectors.length);
        for (int i = 8; i < vectors.length; i += 16) {
            if (Struct.getLong(vectors, i) < 0) {
                throw Errno.EINVAL.error();
            }
        }
        ThreadGroup group = group(task, a.i0());
        int advice = a.i3();
        Task target = group.leader();
        MemoryManager memory = target.mm();
        if (memory == null) {
            throw Errno.ESRCH.error();
        }
        // To itself a process may give any.
        if (memory != task.mm()
                && advice != Mman.MADV_COLD
                && advice != Mman.MADV_PAGEOUT
                && advice != Mman.MADV_WILLNEED
                && advice != Mman.MADV_COLLAPSE) {
            throw Errno.EINVAL.error();
        }
        if (!Access.mayInspect(task, target)
                || memory != task.mm() && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        long done = 0;
        for (int i = 0; i < vectors.length; i += 16) {
            long length = Struct.getLong(vectors, i + 8);
            try {
                memory.madvise(task, Struct.getLong(vectors, i), length, advice);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            done += length;
        }
        return done;
    }

    /** process_mrelease(2): memory of a process that ends is given back by its end, which nothing here delays. */
    private static long release(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a1 != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup group = group(task, a.i0());
        if (!group.signals().groupExit()) {
            throw Errno.EINVAL.error();
        }
        return 0;
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
