package sentry.core.fs.proc;

import sentry.core.fs.pseudo.PseudoInode;

/** What the directory of a process or thread has in it, in the order of listing. */
enum TaskEntry {
    TASK("task", PseudoInode.S_IFDIR | 0555),
    FD("fd", PseudoInode.S_IFDIR | 0500),
    FDINFO("fdinfo", PseudoInode.S_IFDIR | 0555),
    NS("ns", PseudoInode.S_IFDIR | 0511),
    NET("net", PseudoInode.S_IFDIR | 0555),
    ENVIRON("environ", PseudoInode.S_IFREG | 0400),
    AUXV("auxv", PseudoInode.S_IFREG | 0400),
    STATUS("status", PseudoInode.S_IFREG | 0444),
    PERSONALITY("personality", PseudoInode.S_IFREG | 0400),
    LIMITS("limits", PseudoInode.S_IFREG | 0444),
    COMM("comm", PseudoInode.S_IFREG | 0644),
    CMDLINE("cmdline", PseudoInode.S_IFREG | 0444),
    STAT("stat", PseudoInode.S_IFREG | 0444),
    STATM("statm", PseudoInode.S_IFREG | 0444),
    MAPS("maps", PseudoInode.S_IFREG | 0444),
    CHILDREN("children", PseudoInode.S_IFREG | 0444),
    MEM("mem", PseudoInode.S_IFREG | 0600),
    PAGEMAP("pagemap", PseudoInode.S_IFREG | 0400),
    CLEAR_REFS("clear_refs", PseudoInode.S_IFREG | 0200),
    CWD("cwd", PseudoInode.S_IFLNK | 0777),
    ROOT("root", PseudoInode.S_IFLNK | 0777),
    EXE("exe", PseudoInode.S_IFLNK | 0777),
    MOUNTS("mounts", PseudoInode.S_IFREG | 0444),
    MOUNTINFO("mountinfo", PseudoInode.S_IFREG | 0444),
    SMAPS("smaps", PseudoInode.S_IFREG | 0444),
    SMAPS_ROLLUP("smaps_rollup", PseudoInode.S_IFREG | 0444),
    CGROUP("cgroup", PseudoInode.S_IFREG | 0444),
    CPUSET("cpuset", PseudoInode.S_IFREG | 0444),
    COREDUMP_FILTER("coredump_filter", PseudoInode.S_IFREG | 0644),
    IO("io", PseudoInode.S_IFREG | 0400),
    SCHED("sched", PseudoInode.S_IFREG | 0644),
    SYSCALL("syscall", PseudoInode.S_IFREG | 0400),
    TIMERS("timers", PseudoInode.S_IFREG | 0444),
    OOM_ADJ("oom_adj", PseudoInode.S_IFREG | 0644),
    OOM_SCORE("oom_score", PseudoInode.S_IFREG | 0444),
    OOM_SCORE_ADJ("oom_score_adj", PseudoInode.S_IFREG | 0644),
    UID_MAP("uid_map", PseudoInode.S_IFREG | 0644),
    GID_MAP("gid_map", PseudoInode.S_IFREG | 0644),
    PROJID_MAP("projid_map", PseudoInode.S_IFREG | 0644),
    SETGROUPS("setgroups", PseudoInode.S_IFREG | 0644),
    LOGINUID("loginuid", PseudoInode.S_IFREG | 0644),
    SESSIONID("sessionid", PseudoInode.S_IFREG | 0444),
    TIMENS_OFFSETS("timens_offsets", PseudoInode.S_IFREG | 0644),
    TIMERSLACK_NS("timerslack_ns", PseudoInode.S_IFREG | 0666),
    SCHEDSTAT("schedstat", PseudoInode.S_IFREG | 0444),
    WCHAN("wchan", PseudoInode.S_IFREG | 0444);

    private static final TaskEntry[] ALL = values();

    private final String fileName;
    private final int mode;

    TaskEntry(String fileName, int mode) {
        this.fileName = fileName;
        this.mode = mode;
    }

    String fileName() {
        return fileName;
    }

    int mode() {
        return mode;
    }

    int permissions() {
        return mode & 07777;
    }

    /** Whether a thread's directory has it, or a process's if {@code thread} is false. */
    boolean in(boolean thread) {
        return switch (this) {
            case TASK -> !thread;
            case CHILDREN -> thread;
            case TIMERSLACK_NS, TIMENS_OFFSETS, TIMERS, COREDUMP_FILTER -> !thread;
            default -> true;
        };
    }

    static int count() {
        return ALL.length;
    }

    static TaskEntry at(int index) {
        return ALL[index];
    }

    /** The entry called {@code name}, or null. */
    static TaskEntry of(String name) {
        for (TaskEntry e : ALL) {
            if (e.fileName.equals(name)) {
                return e;
            }
        }
        return null;
    }
}
