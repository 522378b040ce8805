package sentry.core.task;

import sentry.core.abi.Resource;

/**
 * The resource limits of a process (getrlimit(2)). A limit is an unsigned number; {@link Resource#RLIM_INFINITY} means
 * none. Reading takes no lock.
 */
public final class Rlimits {
    /** Soft limits at even, hard ones at odd places; replaced as a whole. */
    private volatile long[] limits;

    private Rlimits(long[] limits) {
        this.limits = limits;
    }

    /** What Linux gives its first process on a machine of ordinary size. */
    public static Rlimits defaults() {
        long[] l = new long[2 * Resource.RLIM_NLIMITS];
        for (int i = 0; i < l.length; i++) {
            l[i] = Resource.RLIM_INFINITY;
        }
        set(l, Resource.RLIMIT_STACK, 8L << 20, Resource.RLIM_INFINITY);
        set(l, Resource.RLIMIT_CORE, 0, Resource.RLIM_INFINITY);
        set(l, Resource.RLIMIT_NPROC, 31000, 31000);
        set(l, Resource.RLIMIT_NOFILE, 1024, 1 << 20);
        set(l, Resource.RLIMIT_MEMLOCK, 8L << 20, 8L << 20);
        set(l, Resource.RLIMIT_SIGPENDING, 31000, 31000);
        set(l, Resource.RLIMIT_MSGQUEUE, 819200, 819200);
        set(l, Resource.RLIMIT_NICE, 0, 0);
        set(l, Resource.RLIMIT_RTPRIO, 0, 0);
        return new Rlimits(l);
    }

    private static void set(long[] l, int resource, long soft, long hard) {
        l[2 * resource] = soft;
        l[2 * resource + 1] = hard;
    }

    Rlimits copy() {
        return new Rlimits(limits);
    }

    public long soft(int resource) {
        return limits[2 * resource];
    }

    public long hard(int resource) {
        return limits[2 * resource + 1];
    }

    public synchronized void set(int resource, long soft, long hard) {
        long[] l = limits.clone();
        set(l, resource, soft, hard);
        limits = l;
    }
}
