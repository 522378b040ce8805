package sentry.core.socket;

import sentry.core.task.Credentials;
import sentry.core.task.Task;

/**
 * Who is at the other end: struct ucred of SO_PEERCRED and SCM_CREDENTIALS.
 *
 * @param groups supplementary groups for SO_PEERGROUPS; null when they are not known
 */
public record Peer(int pid, int uid, int gid, int[] groups) {
    /** Nobody known. */
    public static final Peer NONE = new Peer(0, -1, -1, null);

    public Peer(int pid, int uid, int gid) {
        this(pid, uid, gid, null);
    }

    public static Peer of(Task task) {
        if (task == null) {
            return NONE;
        }
        Credentials who = task.credentials();
        return new Peer(task.pid(), who.euid(), who.egid(), who.groups());
    }

    /** What SCM_CREDENTIALS says of a sender that does not say it himself: the real ids. */
    static Peer sender(Task task) {
        if (task == null) {
            return NONE;
        }
        Credentials who = task.credentials();
        return new Peer(task.pid(), who.uid(), who.gid());
    }

    /** The same process and ids: streams do not join what such senders wrote apart. */
    boolean same(Peer other) {
        return pid == other.pid && uid == other.uid && gid == other.gid;
    }
}
