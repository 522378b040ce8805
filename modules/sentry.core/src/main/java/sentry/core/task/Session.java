package sentry.core.task;

import java.util.ArrayList;
import java.util.List;

/** A session (setsid(2)) with its controlling terminal. Guarded by the task-set lock. */
public final class Session {
    private final Pid id;
    private final ThreadGroup leader;
    private final ArrayList<ProcessGroup> groups = new ArrayList<>();
    private volatile ControllingTerminal terminal;

    Session(Pid id, ThreadGroup leader) {
        this.id = id;
        this.leader = leader;
        id.setSession(this);
    }

    public Pid id() {
        return id;
    }

    public ThreadGroup leader() {
        return leader;
    }

    /** The terminal that is this session's, or null. */
    public ControllingTerminal terminal() {
        return terminal;
    }

    public void setTerminal(ControllingTerminal value) {
        terminal = value;
    }

    List<ProcessGroup> groups() {
        return groups;
    }

    /** A process group went away; the last one ends the session. */
    void release() {
        if (groups.isEmpty()) {
            id.setSession(null);
        }
    }
}
