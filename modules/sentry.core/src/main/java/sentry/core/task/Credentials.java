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

    /**
     * The real ids in force for file access, as access(2) asks. A real user other than root acts without capabilities,
     * root with all that are permitted.
     */
    public Credentials asReal() {
        long caps = uid == 0 ? permitted : 0;
        return new Credentials(
                uid, euid, suid, uid, gid, egid, sgid, gid, groups, permitted, caps, inheritable, bounding, ambient, securebits);
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
