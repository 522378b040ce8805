package sentry.core.memory;

import sentry.core.abi.Resource;
import sentry.core.task.Task;

/** Resource limits on memory (getrlimit(2)). */
final class Limits {
    static final int DATA = Resource.RLIMIT_DATA;
    static final int STACK = Resource.RLIMIT_STACK;
    static final int MEMLOCK = Resource.RLIMIT_MEMLOCK;
    static final int AS = Resource.RLIMIT_AS;
    static final long INFINITY = Resource.RLIM_INFINITY;

    private Limits() {}

    /** The soft limit in bytes, unsigned; of the kernel itself ({@code task} null) there is none. */
    static long of(Task task, int resource) {
        if (task == null) {
            return INFINITY;
        }
        return task.group().rlimits().soft(resource);
    }

    /** Whether {@code more} bytes may be mapped (Linux: may_expand_vm). */
    static boolean mayGrow(Task task, MemoryManager mm, long more, int prot, int flags) {
        long limit = of(task, AS);
        if (limit != INFINITY && Long.compareUnsigned(mm.total + more, limit) > 0) {
            return false;
        }
        if ((prot & Vma.WRITE) != 0 && (flags & (Vma.SHARED | Vma.GROWS_DOWN)) == 0) {
            limit = of(task, DATA);
            return limit == INFINITY || Long.compareUnsigned(mm.dataBytes() + more, limit) <= 0;
        }
        return true;
    }
}
