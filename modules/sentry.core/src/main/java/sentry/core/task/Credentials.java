package sentry.core.task;

/**
 * Who a task is (credentials(7), capabilities(7)). Immutable: a change replaces the whole object. Ids are the kernel's:
 * those of the initial user namespace.
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
        int securebits,
        UserNamespace userNamespace) {
    /** All capabilities that Linux knows (CAP_LAST_CAP is 40). */
    public static final long ALL_CAPABILITIES = (1L << 41) - 1;

    /** User and group {@code uid}:{@code gid} with capabilities {@code caps} in force and as bound. */
    public static Credentials of(int uid, int gid, int[] groups, long caps) {
        return new Credentials(uid, uid, uid, uid, gid, gid, gid, gid, groups, caps, caps, 0, caps, 0, 0, UserNamespace.INITIAL);
    }

    /**
     * The real ids in force for file access, as access(2) asks. A real user other than root acts without capabilities,
     * root with all that are permitted.
     */
    public Credentials asReal() {
        long caps = uid == userNamespace.rootUid() ? permitted : 0;
        return new Credentials(
                uid, euid, suid, uid, gid, egid, sgid, gid, groups, permitted, caps, inheritable, bounding, ambient, securebits,
                userNamespace);
    }

    /** Whether it has the capability over everything: in the initial user namespace. */
    public boolean capable(int capability) {
        return userNamespace == UserNamespace.INITIAL && (effective >>> capability & 1) != 0;
    }

    /** Whether it has the capability over what belongs to its own user namespace. */
    public boolean capableHere(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    /** Whether it has the capability over what belongs to {@code ns}. The maker of a namespace has all over it. */
    public boolean capableIn(UserNamespace ns, int capability) {
        for (UserNamespace n = ns; ; n = n.parent()) {
            if (n == userNamespace) {
                return capableHere(capability);
            }
            if (n.level() <= userNamespace.level()) {
                return false;
            }
            if (n.parent() == userNamespace && n.ownerUid() == euid) {
                return true;
            }
        }
    }

    /** Whether it has the capability over a file of that owner and group: both must be known in its namespace. */
    public boolean capableOver(int capability, int fileUid, int fileGid) {
        return (effective >>> capability & 1) != 0 && userNamespace.hasUid(fileUid) && userNamespace.hasGid(fileGid);
    }

    /** The first task of a new user namespace: the same ids, all capabilities there, none elsewhere. */
    public Credentials in(UserNamespace ns) {
        return new Credentials(
                uid, euid, suid, fsuid, gid, egid, sgid, fsgid, groups, ALL_CAPABILITIES, ALL_CAPABILITIES, 0,
                ALL_CAPABILITIES, 0, 0, ns);
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
