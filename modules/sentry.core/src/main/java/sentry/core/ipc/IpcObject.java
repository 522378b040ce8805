package sentry.core.ipc;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Credentials;
import sentry.core.task.UserNamespace;

/** What every System V object has (Linux: kern_ipc_perm). Guarded by its monitor, but for what is final. */
public abstract class IpcObject {
    /** Bits of {@link #mode} that shmget(2) and the like, and IPC_SET, give. */
    static final int PERMISSIONS = 0777;

    /** Guarded by the table's monitor. */
    int key;

    private int id = -1;
    private int uid;
    private int gid;
    private final int creatorUid;
    private final int creatorGid;
    int mode;
    long changeTime = now();
    private final UserNamespace home;
    /** Taken out of the table. */
    private volatile boolean removed;

    /** @param home the user namespace that owns the IPC namespace: capabilities over objects are those there */
    IpcObject(UserNamespace home, int key, int mode, Credentials by) {
        this.home = home;
        this.key = key;
        this.mode = mode & PERMISSIONS;
        uid = creatorUid = by.euid();
        gid = creatorGid = by.egid();
    }

    /** Seconds since the epoch. */
    static long now() {
        return System.currentTimeMillis() / 1000;
    }

    void setId(int value) {
        id = value;
    }

    public final int id() {
        return id;
    }

    public final int key() {
        return key;
    }

    public final int uid() {
        return uid;
    }

    public final int gid() {
        return gid;
    }

    public final int creatorUid() {
        return creatorUid;
    }

    public final int creatorGid() {
        return creatorGid;
    }

    /** Permissions, and the type's own bits. */
    public final synchronized int mode() {
        return mode;
    }

    public final int sequence() {
        return id / IpcTable.SLOTS;
    }

    /** Seconds since the epoch. */
    public final synchronized long changeTime() {
        return changeTime;
    }

    public final boolean removed() {
        return removed;
    }

    void setRemoved() {
        removed = true;
    }

    /**
     * EACCES unless {@code who} has all rights that {@code wanted} asks for.
     *
     * @param wanted permission bits; those of owner, group and others count alike
     */
    public final synchronized void require(Credentials who, int wanted) throws ErrnoException {
        int asked = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        int granted = mode;
        if (who.euid() == creatorUid || who.euid() == uid) {
            granted >>= 6;
        } else if (inGroup(who, creatorGid) || inGroup(who, gid)) {
            granted >>= 3;
        }
        if ((asked & ~granted & 7) != 0 && !who.capableIn(home, Capability.IPC_OWNER)) {
            throw Errno.EACCES.error();
        }
    }

    private static boolean inGroup(Credentials who, int group) {
        return who.egid() == group || who.inGroup(group);
    }

    /** Whether {@code who} is the owner or the creator. */
    public final synchronized boolean ownedBy(Credentials who) {
        return who.euid() == creatorUid || who.euid() == uid;
    }

    /** EPERM unless {@code who} may change or remove it. */
    public final void requireOwner(Credentials who) throws ErrnoException {
        if (!ownedBy(who) && !who.capableIn(home, Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /** IPC_SET; EINVAL for ids that nobody can have. */
    public final synchronized void setOwner(int newUid, int newGid, int permissions) throws ErrnoException {
        if (newUid == -1 || newGid == -1) {
            throw Errno.EINVAL.error();
        }
        uid = newUid;
        gid = newGid;
        mode = mode & ~PERMISSIONS | permissions & PERMISSIONS;
        changeTime = now();
    }
}
