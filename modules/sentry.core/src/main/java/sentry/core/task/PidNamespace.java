package sentry.core.task;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * Allocates and finds process ids (pid_namespaces(7)). Changes are guarded by the task-set lock; finding takes no lock.
 */
public final class PidNamespace extends Namespace {
    /** One more than the highest process id that there can be. */
    public static final int PID_MAX = 4194304;
    /** After a wrap-around low numbers stay free for long-lived processes. */
    private static final int RESERVED = 300;

    private final PidNamespace parent;
    private final int level;
    private final ConcurrentHashMap<Integer, Pid> pids = new ConcurrentHashMap<>();
    private volatile int most = PID_MAX;
    private int last;
    /** Process 1 of this namespace: its end is the end of all. */
    private volatile ThreadGroup init;
    private boolean closed;

    /** How deep they may nest. */
    private static final int MAX_LEVEL = 32;

    public PidNamespace() {
        this(null);
    }

    public PidNamespace(PidNamespace parent) {
        this(parent, UserNamespace.INITIAL);
    }

    public PidNamespace(PidNamespace parent, UserNamespace owner) {
        super(owner);
        this.parent = parent;
        this.level = parent == null ? 0 : parent.level + 1;
        if (parent != null) {
            most = parent.most;
        }
    }

    @Override
    public Kind kind() {
        return Kind.PID;
    }

    /** Whether it may have one more inside. */
    boolean mayNest() {
        return level < MAX_LEVEL;
    }

    /** Whether {@code other} is this one or inside of it. */
    public boolean contains(PidNamespace other) {
        PidNamespace n = other;
        while (n != null && n.level > level) {
            n = n.parent;
        }
        return n == this;
    }

    public PidNamespace parent() {
        return parent;
    }

    /** One more than the highest id given out from now on (kernel.pid_max). */
    public int most() {
        return most;
    }

    public void setMost(int value) {
        most = value;
    }

    /** 0 for the root namespace. */
    public int level() {
        return level;
    }

    public ThreadGroup init() {
        return init;
    }

    void setInit(ThreadGroup value) {
        init = value;
    }

    /** What goes by {@code number} here, or null. From any thread. */
    public Pid find(int number) {
        return pids.get(number);
    }

    /** The task with thread id {@code tid}, or null. From any thread. */
    public Task task(int tid) {
        Pid pid = find(tid);
        return pid == null ? null : pid.task();
    }

    /** The process whose id is {@code number}, or null; a thread's id does not count. */
    public ThreadGroup process(int number) {
        Task task = task(number);
        return task == null || task.group().leader() != task ? null : task.group();
    }

    /** What this namespace calls the process that the root one calls {@code number}; 0 when it does not see it. */
    public int translate(int number) {
        if (level == 0) {
            return number;
        }
        PidNamespace root = this;
        while (root.parent != null) {
            root = root.parent;
        }
        Pid pid = root.find(number);
        return pid == null ? 0 : pid.in(this);
    }

    /** The processes that are visible here, zombies included, by ascending id. From any thread. */
    public List<ThreadGroup> processes() {
        List<ThreadGroup> list = new ArrayList<>();
        for (Pid p : pids.values()) {
            Task t = p.task();
            if (t != null && t.group().leader() == t) {
                list.add(t.group());
            }
        }
        list.sort((a, b) -> Integer.compare(a.pid(this), b.pid(this)));
        return list;
    }

    /** The number given out last (for /proc/loadavg). */
    public int lastPid() {
        return last;
    }

    /** The next number will be the first free one after {@code value}. Under the task-set lock. */
    public void setLastPid(int value) {
        last = value;
    }

    /** Process 1 has ended: no new processes. */
    void close() {
        closed = true;
    }

    Pid allocate() throws ErrnoException {
        return allocate(null);
    }

    /**
     * A new number here and in every namespace around this one.
     *
     * @param wished numbers to use, innermost namespace first; EEXIST when one is taken, EINVAL when it cannot be
     * @throws ErrnoException EAGAIN when there is none left, ENOMEM when process 1 has ended
     */
    Pid allocate(int[] wished) throws ErrnoException {
        if (closed) {
            throw Errno.ENOMEM.error();
        }
        PidNamespace[] path = new PidNamespace[level + 1];
        int[] numbers = new int[level + 1];
        PidNamespace n = this;
        for (int i = level; i >= 0; i--) {
            path[i] = n;
            n = n.parent;
        }
        for (int i = 0; i <= level; i++) {
            int wish = wished != null && level - i < wished.length ? wished[level - i] : 0;
            if (wish != 0 && (wish < 0 || wish >= path[i].most || wish != 1 && path[i].init == null)) {
                throw Errno.EINVAL.error();
            }
            if (wish != 0 && path[i].pids.containsKey(wish)) {
                throw Errno.EEXIST.error();
            }
            numbers[i] = wish != 0 ? wish : path[i].next();
        }
        Pid pid = new Pid(numbers, path);
        for (int i = 0; i <= level; i++) {
            path[i].pids.put(numbers[i], pid);
        }
        return pid;
    }

    private int next() throws ErrnoException {
        int candidate = last;
        for (int tried = 0; tried < most; tried++) {
            candidate++;
            if (candidate >= most) {
                candidate = RESERVED;
            }
            if (!pids.containsKey(candidate)) {
                last = candidate;
                return candidate;
            }
        }
        throw Errno.EAGAIN.error();
    }

    void free(int number) {
        pids.remove(number);
        if (init == null && pids.isEmpty()) {
            last = 0; // process 1 was not made after all
        }
    }
}
