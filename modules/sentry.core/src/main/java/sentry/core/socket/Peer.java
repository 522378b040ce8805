package sentry.core.socket;

import sentry.core.task.Credentials;
import sentry.core.task.Task;

/** Who is at the other end: struct ucred of SO_PEERCRED and SCM_CREDENTIALS. */
public record Peer(int pid, int uid, int gid) {
    /** Nobody known. */
    public static final Peer NONE = new Peer(0, -1, -1);

    public static Peer of(Task task) {
        if (task == null) {
            return NONE;
        }
        Credentials who = task.credentials();
        return new Peer(task.pid(), who.euid(), who.egid());
    }

    /** What SCM_CREDENTIALS says of a sender that does not say it himself: the real ids. */
    static Peer sender(Task task) {
        if (task == null) {
            return NONE;
        }
        Credentials who = task.credentials();
        return new Peer(task.pid(), who.uid(), who.gid());
    }
}
