package sentry.core.task;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * Ids and capabilities of their own (user_namespaces(7)). {@link Credentials} hold the kernel's ids, which are those of
 * the initial namespace; system calls translate. The monitor guards writing the maps.
 */
public final class UserNamespace extends Namespace {
    /** The namespace that all others descend from. Its ids are the kernel's. */
    public static final UserNamespace INITIAL = new UserNamespace();

    /** What an id without a number here looks like (/proc/sys/kernel/overflowuid). */
    private static final int OVERFLOW_ID = 65534;

    private static final int MAX_LEVEL = 32;
    /** Linux's number of the initial one (PROC_USER_INIT_INO). */
    private static final long INITIAL_NUMBER = 0xeffffffdL;

    private final UserNamespace parent;
    private final int level;
    private final int ownerUid;
    private final int ownerGid;
    /** Whether its maker could have given file capabilities outside: mapping root takes that. */
    private final boolean makerSetfcap;

    private volatile IdMap uids;
    private volatile IdMap gids;
    private volatile boolean setgroupsAllowed;

    private UserNamespace() {
        super(null, INITIAL_NUMBER);
        parent = null;
        level = 0;
        ownerUid = 0;
        ownerGid = 0;
        makerSetfcap = true;
        uids = IdMap.IDENTITY;
        gids = IdMap.IDENTITY;
        setgroupsAllowed = true;
    }

    private UserNamespace(UserNamespace parent, Credentials maker) {
        super(parent);
        this.parent = parent;
        this.level = parent.level + 1;
        this.ownerUid = maker.euid();
        this.ownerGid = maker.egid();
        this.makerSetfcap = maker.capableHere(Capability.SETFCAP);
        this.uids = IdMap.EMPTY;
        this.gids = IdMap.EMPTY;
        this.setgroupsAllowed = parent.setgroupsAllowed;
    }

    /**
     * A new namespace below that of {@code maker}.
     *
     * @throws ErrnoException ENOSPC when they nest too deep, EPERM when the maker's ids have no number in its own
     */
    public static UserNamespace create(Credentials maker) throws ErrnoException {
        UserNamespace parent = maker.userNamespace();
        if (parent.level >= MAX_LEVEL) {
            throw Errno.ENOSPC.error();
        }
        if (!parent.hasUid(maker.euid()) || !parent.hasGid(maker.egid())) {
            throw Errno.EPERM.error();
        }
        return new UserNamespace(parent, maker);
    }

    @Override
    public Kind kind() {
        return Kind.USER;
    }

    /** Null for the initial one. */
    public UserNamespace parent() {
        return parent;
    }

    public int level() {
        return level;
    }

    /** The user who made it, as the kernel's id. */
    public int ownerUid() {
        return ownerUid;
    }

    public int ownerGid() {
        return ownerGid;
    }

    public IdMap uids() {
        return uids;
    }

    public IdMap gids() {
        return gids;
    }

    // Translation.

    /** The kernel's user id for {@code uid}; -1 when there is none. */
    public int kernelUid(int uid) {
        return this == INITIAL ? uid : uids.toKernel(uid);
    }

    public int kernelGid(int gid) {
        return this == INITIAL ? gid : gids.toKernel(gid);
    }

    /** This namespace's number of the kernel's user id; the overflow id when there is none. */
    public int uid(int kernelUid) {
        if (this == INITIAL) {
            return kernelUid;
        }
        int id = uids.fromKernel(kernelUid);
        return id == -1 ? OVERFLOW_ID : id;
    }

    public int gid(int kernelGid) {
        if (this == INITIAL) {
            return kernelGid;
        }
        int id = gids.fromKernel(kernelGid);
        return id == -1 ? OVERFLOW_ID : id;
    }

    public boolean hasUid(int kernelUid) {
        return this == INITIAL || uids.fromKernel(kernelUid) != -1;
    }

    public boolean hasGid(int kernelGid) {
        return this == INITIAL || gids.fromKernel(kernelGid) != -1;
    }

    /** The kernel's id of this namespace's root user; -1 when it has none. */
    public int rootUid() {
        return kernelUid(0);
    }

    // The maps.

    /** Whether setgroups(2) is allowed for who has the capability. */
    public boolean maySetGroups() {
        return setgroupsAllowed && gids.size() > 0;
    }

    /** /proc/PID/setgroups says "allow". */
    public boolean setgroupsAllowed() {
        return setgroupsAllowed;
    }

    /** Writes /proc/PID/setgroups. */
    public synchronized void setSetgroupsAllowed(boolean allow) throws ErrnoException {
        if (allow ? !setgroupsAllowed : gids.size() > 0) {
            throw Errno.EPERM.error();
        }
        setgroupsAllowed = allow;
    }

    /**
     * Writes /proc/PID/uid_map, or gid_map if {@code groups}.
     *
     * @param wanted ranges of this namespace onto ids of the parent
     * @throws ErrnoException EPERM when it was written before, or {@code writer} may not
     */
    public synchronized void setMap(Credentials writer, boolean groups, IdMap wanted) throws ErrnoException {
        if ((groups ? gids : uids).size() > 0
                || writer.userNamespace() != this && writer.userNamespace() != parent
                || !writer.capableIn(this, Capability.SYS_ADMIN)
                || !mayMap(writer, groups, wanted)) {
            throw Errno.EPERM.error();
        }
        long[] first = new long[wanted.size()];
        long[] kernel = new long[first.length];
        long[] count = new long[first.length];
        IdMap outer = groups ? parent.gids : parent.uids;
        for (int i = 0; i < first.length; i++) {
            first[i] = wanted.first(i);
            count[i] = wanted.count(i);
            int start = outer.toKernel(wanted.kernelFirst(i) & 0xffffffffL, count[i]);
            if (start == -1) {
                throw Errno.EPERM.error();
            }
            kernel[i] = start & 0xffffffffL;
        }
        IdMap map = new IdMap(first, kernel, count);
        if (groups) {
            gids = map;
        } else {
            uids = map;
        }
    }

    private boolean mayMap(Credentials writer, boolean groups, IdMap wanted) {
        if (!groups && !mayMapRoot(writer, wanted)) {
            return false;
        }
        if (wanted.size() == 1 && wanted.count(0) == 1 && ownerUid == writer.euid()) {
            int id = wanted.kernelFirst(0);
            if (!groups && parent.kernelUid(id) == writer.euid()
                    || groups && !setgroupsAllowed && parent.kernelGid(id) == writer.egid()) {
                return true;
            }
        }
        return writer.capableIn(parent, groups ? Capability.SETGID : Capability.SETUID);
    }

    /** To map the parent's root takes what it takes to give files capabilities there. */
    private boolean mayMapRoot(Credentials writer, IdMap wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.kernelFirst(i) == 0) {
                return writer.userNamespace() == this ? makerSetfcap : writer.capableIn(parent, Capability.SETFCAP);
            }
        }
        return true;
    }
}
