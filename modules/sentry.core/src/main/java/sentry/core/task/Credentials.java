package sentry.core.task;

/**
 * Who a task is (credentials(7), capabilities(7)). Immutable: a change replaces the whole object.
 */
public record Credentials(
        int uid,
        int euid,
        int suid,
        int fsuid,
        int gid,
        int egid,
        int sgid,
        int fsgid,
        int[] groups,
        long permitted,
        long effective,
        long inheritable,
        long bounding,
        long ambient,
        int securebits) {
    /** All capabilities that Linux knows (CAP_LAST_CAP is 40). */
    public static final long ALL_CAPABILITIES = (1L << 41) - 1;

    /** User and group {@code uid}:{@code gid} with capabilities {@code caps} in force and as bound. */
    public static Credentials of(int uid, int gid, int[] groups, long caps) {
        return new Credentials(uid, uid, uid, uid, gid, gid, gid, gid, groups, caps, caps, 0, caps, 0, 0);
    }

    public boolean capable(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    /** Whether {@code group} is the filesystem group or a supplementary one. */
    public boolean inGroup(int group) {
        if (fsgid == group) {
            return true;
        }
        for (int g : groups) {
            if (g == group) {
                return true;
            }
        }
        return false;
    }
}
