package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/**
 * Who a task is after execve(2): set-user-ID and set-group-ID bits and the rules of capabilities(7) for execve.
 *
 * @param credentials the new credentials
 * @param secure AT_SECURE: the program must not trust its environment
 */
public record ExecCredentials(Credentials credentials, boolean secure) {
    private static final int SECBIT_NOROOT = 1;
    private static final int SECBIT_KEEP_CAPS = 16;

    /** For {@code file}, which is the program itself, or its last interpreter if it is a script. */
    public static ExecCredentials of(Task task, VfsPath file) throws ErrnoException {
        return of(task.credentials(), task.noNewPrivileges(), file);
    }

    static ExecCredentials of(Credentials old, boolean noNewPrivileges, VfsPath file) throws ErrnoException {
        Inode inode = file.inode();
        int mode = inode.mode();
        CredentialsBuilder c = new CredentialsBuilder(old);
        if ((file.mount().flags() & MountFlags.MS_NOSUID) == 0 && !noNewPrivileges) {
            // Ids that mean nothing in the caller's user namespace are not taken on.
            UserNamespace ns = old.userNamespace();
            boolean known = ns.hasUid(inode.uid()) && ns.hasGid(inode.gid());
            if (known && (mode & FileMode.S_ISUID) != 0) {
                c.euid = inode.uid();
            }
            if (known && (mode & (FileMode.S_ISGID | 0010)) == (FileMode.S_ISGID | 0010)) {
                c.egid = inode.gid();
            }
        }
        boolean setid = c.euid != old.uid() || c.egid != old.gid();
        FileCapabilities caps = (file.mount().flags() & MountFlags.MS_NOSUID) != 0
                ? null
                : FileCapabilities.of(inode, old.userNamespace());
        long permitted = 0;
        boolean effective = false;
        if (caps != null) {
            permitted = c.bounding & caps.permitted() | c.inheritable & caps.inheritable();
            effective = caps.effective();
            if (effective && (caps.permitted() & ~permitted) != 0) {
                throw Errno.EPERM.error(); // it was made for capabilities that it would not get
            }
        }
        int root = old.userNamespace().rootUid();
        // A set-user-ID-root program with capabilities of its own has only those.
        boolean ownOnly = caps != null && c.euid == root && c.uid != root;
        if ((old.securebits() & SECBIT_NOROOT) == 0 && !ownOnly) {
            if (c.euid == root || c.uid == root) {
                permitted = c.inheritable | c.bounding;
            }
            effective |= c.euid == root;
        }
        // No new privileges means no capabilities that were not there.
        if (noNewPrivileges) {
            permitted &= old.permitted();
        }
        if (setid || caps != null) {
            c.ambient = 0;
        }
        c.permitted = permitted | c.ambient;
        c.effective = effective ? c.permitted : c.ambient;
        c.suid = c.euid;
        c.fsuid = c.euid;
        c.sgid = c.egid;
        c.fsgid = c.egid;
        c.securebits &= ~SECBIT_KEEP_CAPS;
        boolean gained = c.uid != root && (effective || (c.permitted & ~c.ambient) != 0);
        boolean secure = setid || gained;
        return new ExecCredentials(c.build(), secure);
    }
}
