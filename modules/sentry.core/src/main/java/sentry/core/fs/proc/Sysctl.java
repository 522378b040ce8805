package sentry.core.fs.proc;

/** The settings below /proc/sys. */
enum Sysctl {
    AIO_MAX_NR(Place.FS, "aio-max-nr", 0444),
    AIO_NR(Place.FS, "aio-nr", 0444),
    FILE_MAX(Place.FS, "file-max", 0444),
    FILE_NR(Place.FS, "file-nr", 0444),
    NR_OPEN(Place.FS, "nr_open", 0444),
    PIPE_MAX_SIZE(Place.FS, "pipe-max-size", 0644),
    MAX_QUEUED_EVENTS(Place.INOTIFY, "max_queued_events", 0644),
    MAX_USER_INSTANCES(Place.INOTIFY, "max_user_instances", 0644),
    MAX_USER_WATCHES(Place.INOTIFY, "max_user_watches", 0644),
    PROTECTED_FIFOS(Place.FS, "protected_fifos", 0400),
    PROTECTED_HARDLINKS(Place.FS, "protected_hardlinks", 0400),
    PROTECTED_REGULAR(Place.FS, "protected_regular", 0400),
    PROTECTED_SYMLINKS(Place.FS, "protected_symlinks", 0400),
    OVERFLOWUID(Place.FS, "overflowuid", 0444),
    OVERFLOWGID(Place.FS, "overflowgid", 0444),
    MQUEUE_MSG_DEFAULT(Place.MQUEUE, "msg_default", 0644),
    MQUEUE_MSG_MAX(Place.MQUEUE, "msg_max", 0644),
    MQUEUE_MSGSIZE_DEFAULT(Place.MQUEUE, "msgsize_default", 0644),
    MQUEUE_MSGSIZE_MAX(Place.MQUEUE, "msgsize_max", 0644),
    MQUEUE_QUEUES_MAX(Place.MQUEUE, "queues_max", 0644),
    CAP_LAST_CAP(Place.KERNEL, "cap_last_cap", 0444),
    CORE_PATTERN(Place.KERNEL, "core_pattern", 0444),
    DOMAINNAME(Place.KERNEL, "domainname", 0644),
    HOSTNAME(Place.KERNEL, "hostname", 0644),
    MSGMAX(Place.KERNEL, "msgmax", 0644),
    MSGMNB(Place.KERNEL, "msgmnb", 0644),
    MSGMNI(Place.KERNEL, "msgmni", 0644),
    DMESG_RESTRICT(Place.KERNEL, "dmesg_restrict", 0444),
    NS_LAST_PID(Place.KERNEL, "ns_last_pid", 0666),
    SCHED_RR_TIMESLICE_MS(Place.KERNEL, "sched_rr_timeslice_ms", 0444),
    SCHED_RT_PERIOD_US(Place.KERNEL, "sched_rt_period_us", 0444),
    SCHED_RT_RUNTIME_US(Place.KERNEL, "sched_rt_runtime_us", 0444),
    TAINTED(Place.KERNEL, "tainted", 0444),
    UNPRIVILEGED_USERNS_CLONE(Place.KERNEL, "unprivileged_userns_clone", 0444),
    MAX_CGROUP_NAMESPACES(Place.USER, "max_cgroup_namespaces", 0444),
    MAX_IPC_NAMESPACES(Place.USER, "max_ipc_namespaces", 0444),
    MAX_MNT_NAMESPACES(Place.USER, "max_mnt_namespaces", 0444),
    MAX_NET_NAMESPACES(Place.USER, "max_net_namespaces", 0444),
    MAX_PID_NAMESPACES(Place.USER, "max_pid_namespaces", 0444),
    MAX_TIME_NAMESPACES(Place.USER, "max_time_namespaces", 0444),
    MAX_USER_NAMESPACES(Place.USER, "max_user_namespaces", 0444),
    MAX_UTS_NAMESPACES(Place.USER, "max_uts_namespaces", 0444),
    NGROUPS_MAX(Place.KERNEL, "ngroups_max", 0444),
    OSRELEASE(Place.KERNEL, "osrelease", 0444),
    OSTYPE(Place.KERNEL, "ostype", 0444),
    OVERFLOWUID_KERNEL(Place.KERNEL, "overflowuid", 0444),
    OVERFLOWGID_KERNEL(Place.KERNEL, "overflowgid", 0444),
    PID_MAX(Place.KERNEL, "pid_max", 0644),
    RANDOMIZE_VA_SPACE(Place.KERNEL, "randomize_va_space", 0444),
    SEM(Place.KERNEL, "sem", 0644),
    SHMALL(Place.KERNEL, "shmall", 0644),
    SHMMAX(Place.KERNEL, "shmmax", 0644),
    SHMMNI(Place.KERNEL, "shmmni", 0644),
    THREADS_MAX(Place.KERNEL, "threads-max", 0444),
    VERSION(Place.KERNEL, "version", 0444),
    BOOT_ID(Place.RANDOM, "boot_id", 0444),
    ENTROPY_AVAIL(Place.RANDOM, "entropy_avail", 0444),
    POOLSIZE(Place.RANDOM, "poolsize", 0444),
    UUID(Place.RANDOM, "uuid", 0444),
    PTY_MAX(Place.PTY, "max", 0444),
    PTY_NR(Place.PTY, "nr", 0444),
    DROP_CACHES(Place.VM, "drop_caches", 0200),
    MAX_MAP_COUNT(Place.VM, "max_map_count", 0644),
    MMAP_MIN_ADDR(Place.VM, "mmap_min_addr", 0444),
    NR_HUGEPAGES(Place.VM, "nr_hugepages", 0444),
    OVERCOMMIT_KBYTES(Place.VM, "overcommit_kbytes", 0644),
    OVERCOMMIT_MEMORY(Place.VM, "overcommit_memory", 0644),
    OVERCOMMIT_RATIO(Place.VM, "overcommit_ratio", 0644),
    UNPRIVILEGED_USERFAULTFD(Place.VM, "unprivileged_userfaultfd", 0644);

    /** The directory. */
    enum Place {
        FS,
        INOTIFY,
        MQUEUE,
        KERNEL,
        RANDOM,
        PTY,
        USER,
        VM
    }

    private final Place place;
    private final String fileName;
    private final int permissions;

    Sysctl(Place place, String fileName, int permissions) {
        this.place = place;
        this.fileName = fileName;
        this.permissions = permissions;
    }

    Place place() {
        return place;
    }

    String fileName() {
        return fileName;
    }

    /** Whether it is a text; others are numbers, which are read in one go. */
    boolean text() {
        return switch (this) {
            case CORE_PATTERN, DOMAINNAME, HOSTNAME, OSRELEASE, OSTYPE, VERSION, BOOT_ID, UUID -> true;
            default -> false;
        };
    }

    int permissions() {
        return permissions;
    }
}
