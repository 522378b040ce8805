package sentry.core.task;

import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Sched;

/** What all namespaces have (namespaces(7)): a kind, an owning user namespace, a number that /proc/PID/ns shows. */
public abstract class Namespace {
    /** The kinds, with the names of their files in /proc/PID/ns. */
    public enum Kind {
        CGROUP("cgroup", Sched.CLONE_NEWCGROUP),
        IPC("ipc", Sched.CLONE_NEWIPC),
        MNT("mnt", Sched.CLONE_NEWNS),
        NET("net", Sched.CLONE_NEWNET),
        PID("pid", Sched.CLONE_NEWPID),
        TIME("time", Sched.CLONE_NEWTIME),
        USER("user", Sched.CLONE_NEWUSER),
        UTS("uts", Sched.CLONE_NEWUTS);

        private final String fileName;
        private final long flag;

        Kind(String fileName, long flag) {
            this.fileName = fileName;
            this.flag = flag;
        }

        public String fileName() {
            return fileName;
        }

        /** The flag of clone(2) that makes one. */
        public long flag() {
            return flag;
        }
    }

    /** Linux's first number that is not fixed (PROC_DYNAMIC_FIRST). */
    private static final AtomicLong NEXT = new AtomicLong(0xf0000000L);

    private final UserNamespace owner;
    private final long number;

    /** @param owner the user namespace whose capabilities rule over this one; null for the initial user namespace */
    protected Namespace(UserNamespace owner) {
        this(owner, NEXT.getAndIncrement());
    }

    protected Namespace(UserNamespace owner, long number) {
        this.owner = owner;
        this.number = number;
    }

    public abstract Kind kind();

    /** The user namespace in which it was made; of a user namespace, its parent. Null for the initial one. */
    public final UserNamespace owner() {
        return owner;
    }

    /** The inode number of its file. */
    public final long number() {
        return number;
    }

    /** What readlink(2) of its file gives. */
    public final String text() {
        return kind().fileName() + ":[" + number + "]";
    }
}
