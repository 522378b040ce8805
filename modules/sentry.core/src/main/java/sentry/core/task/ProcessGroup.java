package sentry.core.task;

import java.util.ArrayList;
import java.util.List;

/** A job (setpgid(2)). Guarded by the task-set lock. */
public final class ProcessGroup {
    private final Pid id;
    private final Session session;
    private final ArrayList<ThreadGroup> members = new ArrayList<>();

    ProcessGroup(Pid id, Session session) {
        this.id = id;
        this.session = session;
        id.setProcessGroup(this);
        session.groups().add(this);
    }

    public Pid id() {
        return id;
    }

    public Session session() {
        return session;
    }

    /** The processes in it, zombies included. Under the task-set lock. */
    public List<ThreadGroup> members() {
        return members;
    }

    void add(ThreadGroup group) {
        members.add(group);
    }

    void remove(ThreadGroup group) {
        members.remove(group);
        if (members.isEmpty()) {
            session.groups().remove(this);
            session.release();
            id.setProcessGroup(null);
        }
    }

    /** Whether nobody in the session could continue a stopped member. Under the task-set lock. */
    public boolean orphaned() {
        return orphaned(null);
    }

    /** Whether no member has a parent in another group of the session: nobody could continue it. */
    boolean orphaned(ThreadGroup leaving) {
        for (ThreadGroup member : members) {
            ThreadGroup parent = member.parent();
            if (member == leaving || member.zombie() || parent == null) {
                continue;
            }
            if (parent.processGroup() != this && parent.processGroup().session() == session) {
                return false;
            }
        }
        return true;
    }

    boolean hasStopped() {
        for (ThreadGroup member : members) {
            if (member.stopped()) {
                return true;
            }
        }
        return false;
    }
}
