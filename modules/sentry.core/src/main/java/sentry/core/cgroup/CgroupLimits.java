package sentry.core.cgroup;

/**
 * What the container's configuration allows it.
 *
 * @param memory bytes, 0 for no limit
 * @param pids tasks, 0 for no limit
 * @param cpuQuota microseconds of CPU time in a period, 0 for no limit
 * @param cpuPeriod the period, 0 for the default
 * @param cpuShares the share of CPU time in the units of version 1 (1024 is usual), 0 for the default
 */
public record CgroupLimits(long memory, long pids, long cpuQuota, long cpuPeriod, long cpuShares) {
    public static final CgroupLimits NONE = new CgroupLimits(0, 0, 0, 0, 0);
}
