package sentry.core.fs.cgroup;

import sentry.core.cgroup.Cgroup;
import sentry.core.cgroup.Controller;

/** The files of a group (Linux: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/). */
enum CgroupEntry {
    CONTROLLERS(2, null, "cgroup.controllers", 0444),
    EVENTS(2, null, "cgroup.events", 0444),
    KILL(2, null, "cgroup.kill", 0200),
    MAX_DEPTH(2, null, "cgroup.max.depth", 0444),
    MAX_DESCENDANTS(2, null, "cgroup.max.descendants", 0444),
    PROCS(0, null, "cgroup.procs", 0644),
    STAT(2, null, "cgroup.stat", 0444),
    SUBTREE_CONTROL(2, null, "cgroup.subtree_control", 0644),
    THREADS(2, null, "cgroup.threads", 0444),
    TYPE(2, null, "cgroup.type", 0444),

    CPU_MAX(2, Controller.CPU, "cpu.max", 0444),
    CPU_STAT(2, null, "cpu.stat", 0444),
    CPU_WEIGHT(2, Controller.CPU, "cpu.weight", 0444),
    CPUSET_CPUS(2, Controller.CPUSET, "cpuset.cpus", 0444),
    CPUSET_CPUS_EFFECTIVE(2, Controller.CPUSET, "cpuset.cpus.effective", 0444),
    CPUSET_MEMS(2, Controller.CPUSET, "cpuset.mems", 0444),
    CPUSET_MEMS_EFFECTIVE(2, Controller.CPUSET, "cpuset.mems.effective", 0444),
    IO_STAT(2, Controller.IO, "io.stat", 0444),
    MEMORY_CURRENT(2, Controller.MEMORY, "memory.current", 0444),
    MEMORY_EVENTS(2, Controller.MEMORY, "memory.events", 0444),
    MEMORY_HIGH(2, Controller.MEMORY, "memory.high", 0444),
    MEMORY_LOW(2, Controller.MEMORY, "memory.low", 0444),
    MEMORY_MAX(2, Controller.MEMORY, "memory.max", 0644),
    MEMORY_MIN(2, Controller.MEMORY, "memory.min", 0444),
    MEMORY_PEAK(2, Controller.MEMORY, "memory.peak", 0644),
    MEMORY_STAT(2, Controller.MEMORY, "memory.stat", 0444),
    MEMORY_SWAP_CURRENT(2, Controller.MEMORY, "memory.swap.current", 0444),
    MEMORY_SWAP_MAX(2, Controller.MEMORY, "memory.swap.max", 0444),
    PIDS_CURRENT(0, Controller.PIDS, "pids.current", 0444),
    PIDS_EVENTS(0, Controller.PIDS, "pids.events", 0444),
    PIDS_MAX(0, Controller.PIDS, "pids.max", 0644),
    PIDS_PEAK(0, Controller.PIDS, "pids.peak", 0444),

    TASKS(1, null, "tasks", 0444),
    CLONE_CHILDREN(1, null, "cgroup.clone_children", 0444),
    NOTIFY_ON_RELEASE(1, null, "notify_on_release", 0444),
    SHARES(1, Controller.CPU, "cpu.shares", 0444),
    CFS_QUOTA(1, Controller.CPU, "cpu.cfs_quota_us", 0444),
    CFS_PERIOD(1, Controller.CPU, "cpu.cfs_period_us", 0444),
    OLD_CPU_STAT(1, Controller.CPU, "cpu.stat", 0444),
    CPUACCT_USAGE(1, Controller.CPUACCT, "cpuacct.usage", 0444),
    CPUACCT_USAGE_USER(1, Controller.CPUACCT, "cpuacct.usage_user", 0444),
    CPUACCT_USAGE_SYS(1, Controller.CPUACCT, "cpuacct.usage_sys", 0444),
    CPUACCT_STAT(1, Controller.CPUACCT, "cpuacct.stat", 0444),
    OLD_CPUS(1, Controller.CPUSET, "cpuset.cpus", 0444),
    OLD_CPUS_EFFECTIVE(1, Controller.CPUSET, "cpuset.effective_cpus", 0444),
    OLD_MEMS(1, Controller.CPUSET, "cpuset.mems", 0444),
    OLD_MEMS_EFFECTIVE(1, Controller.CPUSET, "cpuset.effective_mems", 0444),
    MEMORY_LIMIT(1, Controller.MEMORY, "memory.limit_in_bytes", 0644),
    MEMORY_SOFT_LIMIT(1, Controller.MEMORY, "memory.soft_limit_in_bytes", 0444),
    MEMORY_USAGE(1, Controller.MEMORY, "memory.usage_in_bytes", 0444),
    MEMORY_MAX_USAGE(1, Controller.MEMORY, "memory.max_usage_in_bytes", 0644),
    MEMORY_FAILCNT(1, Controller.MEMORY, "memory.failcnt", 0444),
    MEMORY_USE_HIERARCHY(1, Controller.MEMORY, "memory.use_hierarchy", 0444),
    OLD_MEMORY_STAT(1, Controller.MEMORY, "memory.stat", 0444),
    DEVICES_LIST(1, Controller.DEVICES, "devices.list", 0444);

    private static final CgroupEntry[] ALL = values();

    /** 0 for both versions. */
    private final int version;

    private final Controller controller;
    private final String fileName;
    private final int permissions;

    CgroupEntry(int version, Controller controller, String fileName, int permissions) {
        this.version = version;
        this.controller = controller;
        this.fileName = fileName;
        this.permissions = permissions;
    }

    String fileName() {
        return fileName;
    }

    int permissions() {
        return permissions;
    }

    boolean in(Cgroup group) {
        return (version == 0 || version == group.tree().version()) && (controller == null || group.has(controller));
    }

    static int count() {
        return ALL.length;
    }

    static CgroupEntry at(int index) {
        return ALL[index];
    }
}
