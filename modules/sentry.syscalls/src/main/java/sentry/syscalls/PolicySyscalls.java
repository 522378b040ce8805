package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.memory.MemoryFile;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.MemoryPolicy;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** Calls on memory nodes (set_mempolicy(2), mbind(2), move_pages(2), ...) of a machine that has one. */
final class PolicySyscalls {
    private static final int PAGE = MemoryFile.PAGE;
    /** Bits of the longest node mask, and nodes that a kernel can have at all. */
    private static final long MOST_BITS = PAGE * 8L;

    private static final int MOST_NODES = 1024;

    private static final int MPOL_F_NODE = 1;
    private static final int MPOL_F_ADDR = 2;
    private static final int MPOL_F_MEMS_ALLOWED = 4;

    private static final int MPOL_MF_STRICT = 1;
    private static final int MPOL_MF_MOVE = 2;
    private static final int MPOL_MF_MOVE_ALL = 4;

    private PolicySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SET_MEMPOLICY, PolicySyscalls::setMempolicy);
        table.full(Sys.GET_MEMPOLICY, PolicySyscalls::getMempolicy);
        table.full(Sys.MBIND, PolicySyscalls::mbind);
        table.full(Sys.MIGRATE_PAGES, PolicySyscalls::migratePages);
        table.full(Sys.MOVE_PAGES, PolicySyscalls::movePages);
        table.full(Sys.SET_MEMPOLICY_HOME_NODE, PolicySyscalls::setHomeNode);
    }

    /** A program's node mask: whether it has any node, and its first 64. */
    private record Nodes(boolean any, long word) {
        boolean first() {
            return (word & 1) != 0;
        }
    }

    private static Nodes nodes(Task task, long mask, long bits) throws ErrnoException {
        long n = bits - 1;
        if (n == 0 || mask == 0) {
            return new Nodes(false, 0);
        }
        if (Long.compareUnsigned(n, MOST_BITS) > 0) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[(int) ((n + 63) / 64 * 8)];
        task.memory().read(mask, b, 0, b.length);
        boolean any = false;
        for (int i = 0; i < n; i++) {
            if ((b[i / 8] >>> (i & 7) & 1) != 0) {
                if (i >= MOST_NODES) {
                    throw Errno.EINVAL.error();
                }
                any = true;
            }
        }
        return new Nodes(any, Struct.getLong(b, 0) & (n >= 64 ? -1L : (1L << n) - 1));
    }

    private static void putNodes(Task task, long mask, long bits, long nodes) throws ErrnoException {
        long bytes = (bits - 1 + 63 & -64) >>> 3; // the greatest numbers wrap around, as in Linux
        if (bytes > PAGE) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[(int) bytes];
        if (b.length > 0) {
            Struct.putLong(b, 0, nodes);
        }
        task.memory().write(mask, b, 0, b.length);
    }

    private static long setMempolicy(Task task, SyscallArgs a) throws ErrnoException {
        MemoryPolicy.checkMode(a.i0());
        Nodes nodes = nodes(task, a.a1, a.a2);
        task.setMemoryPolicy(MemoryPolicy.of(a.i0(), nodes.any, nodes.word));
        return 0;
    }

    private static long getMempolicy(Task task, SyscallArgs a) throws ErrnoException {
        int flags = (int) a.a4;
        if (a.a1 != 0 && a.a2 == 0
                || (a.a4 & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) != 0) {
            throw Errno.EINVAL.error();
        }
        int answer;
        long nodes = 0;
        if ((flags & MPOL_F_MEMS_ALLOWED) != 0) {
            if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) != 0) {
                throw Errno.EINVAL.error();
            }
            answer = 0;
            nodes = 1;
        } else {
            MemoryPolicy policy;
            if ((flags & MPOL_F_ADDR) != 0) {
                MemoryPolicy own = task.mm().policyAt(a.a3);
                policy = own == null ? task.memoryPolicy() : own;
            } else {
                if (a.a3 != 0) {
                    throw Errno.EINVAL.error();
                }
                policy = task.memoryPolicy();
            }
            if ((flags & MPOL_F_NODE) != 0) {
                if ((flags & MPOL_F_ADDR) != 0) {
                    task.memory().getByte(a.a3);
                } else if (policy == null || policy.mode() != MemoryPolicy.INTERLEAVE
                        && policy.mode() != MemoryPolicy.WEIGHTED_INTERLEAVE) {
                    throw Errno.EINVAL.error();
                }
                answer = 0;
            } else {
                answer = policy == null ? MemoryPolicy.DEFAULT : policy.mode() | policy.flags();
            }
            nodes = policy == null ? 0 : policy.nodes();
        }
        if (a.a0 != 0) {
            task.memory().putInt(a.a0, answer);
        }
        if (a.a1 != 0) {
            putNodes(task, a.a1, a.a2, nodes);
        }
        return 0;
    }

    private static long mbind(Task task, SyscallArgs a) throws ErrnoException {
        MemoryPolicy.checkMode(a.i2());
        Nodes nodes = nodes(task, a.a3, a.a4);
        if ((a.a5 & 0xffffffffL & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((a.a5 & MPOL_MF_MOVE_ALL) != 0 && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        if ((a.a0 & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long end = end(a.a0, a.a1);
        if (end == a.a0) {
            return 0;
        }
        MemoryPolicy policy = MemoryPolicy.of(a.i2(), nodes.any, nodes.word);
        task.mm().setPolicy(a.a0, end, policy);
        return 0;
    }

    private static long end(long start, long length) throws ErrnoException {
        long end = start + (length + PAGE - 1 & -PAGE);
        if (Long.compareUnsigned(end, start) < 0) {
            throw Errno.EINVAL.error();
        }
        return end;
    }

    private static Task target(Task task, int pid) throws ErrnoException {
        if (pid == 0) {
            return task;
        }
        Task target = task.namespaces().pid().task(pid);
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        if (!Access.mayInspect(task, target)) {
            throw Errno.EPERM.error();
        }
        return target;
    }

    private static long migratePages(Task task, SyscallArgs a) throws ErrnoException {
        nodes(task, a.a2, a.a1);
        Nodes to = nodes(task, a.a3, a.a1);
        Task target = target(task, a.i0());
        if (to.any && !to.first() && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        if (!to.first()) {
            throw Errno.EINVAL.error();
        }
        if (target.mm() == null) {
            throw Errno.EINVAL.error();
        }
        return 0; // all pages are where they are wanted
    }

    private static long movePages(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i5();
        if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & MPOL_MF_MOVE_ALL) != 0 && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        MemoryManager mm = target(task, a.i0()).mm();
        if (mm == null) {
            throw Errno.EINVAL.error();
        }
        byte[] resident = new byte[1];
        for (long i = 0; Long.compareUnsigned(i, a.a1) < 0; i++) {
            long page = task.memory().getLong(a.a2 + 8 * i);
            if (a.a3 != 0) {
                int node = task.memory().getInt(a.a3 + 4 * i);
                if (node != 0) {
                    throw Errno.ENODEV.error();
                }
            }
            int status = 0;
            try {
                mm.mincore(page & -PAGE, PAGE, resident);
                if ((resident[0] & 1) == 0) {
                    status = -Errno.ENOENT.number();
                }
            } catch (ErrnoException e) {
                status = -Errno.EFAULT.number();
            }
            task.memory().putInt(a.a4 + 4 * i, status);
            if ((i & 1023) == 0 && task.sleeper().interrupted()) {
                throw Errno.EINTR.error();
            }
        }
        return 0;
    }

    private static long setHomeNode(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.a0 & PAGE - 1) != 0 || a.a3 != 0 || a.a2 != 0) {
            throw Errno.EINVAL.error();
        }
        long end = end(a.a0, a.a1);
        if (end == a.a0) {
            return 0;
        }
        task.mm().checkHomeNode(a.a0, end);
        return 0;
    }
}
