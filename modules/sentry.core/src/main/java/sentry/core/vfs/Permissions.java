package sentry.core.vfs;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.task.Credentials;

/** Who may do what to a file (path_resolution(7), capabilities(7)). Null credentials are the kernel's own. */
public final class Permissions {
    public static final int EXEC = 1;
    public static final int WRITE = 2;
    public static final int READ = 4;

    private Permissions() {}

    /** Whether {@code who} has all of {@code wanted} (READ, WRITE, EXEC) on the inode itself; mount flags aside. */
    public static boolean allows(Credentials who, Inode inode, int wanted) throws ErrnoException {
        if (who == null) {
            return true;
        }
        int mode = inode.mode();
        int granted;
        if (who.fsuid() == inode.uid()) {
            granted = mode >>> 6;
        } else if ((mode >>> 3 & 7) == (mode & 7)) {
            granted = mode; // group and others alike: no need to ask for the group
        } else {
            granted = who.inGroup(inode.gid()) ? mode >>> 3 : mode;
        }
        if ((granted & wanted) == wanted) {
            return true;
        }
        boolean directory = FileMode.isDirectory(mode);
        if (who.capableOver(Capability.DAC_OVERRIDE, inode.uid(), inode.gid())
                && (directory || (wanted & EXEC) == 0 || (mode & 0111) != 0)) {
            return true;
        }
        return who.capableOver(Capability.DAC_READ_SEARCH, inode.uid(), inode.gid())
                && (wanted == READ || directory && (wanted & WRITE) == 0);
    }

    public static void require(Credentials who, Inode inode, int wanted) throws ErrnoException {
        if (!allows(who, inode, wanted)) {
            throw Errno.EACCES.error();
        }
    }

    /** Whether {@code who} owns the file or acts as any owner (CAP_FOWNER). */
    public static boolean owns(Credentials who, Inode inode) throws ErrnoException {
        return who == null || who.fsuid() == inode.uid() || over(who, Capability.FOWNER, inode);
    }

    /** Whether {@code who} has the capability over the file. */
    static boolean over(Credentials who, int capability, Inode inode) throws ErrnoException {
        return who.capableOver(capability, inode.uid(), inode.gid());
    }

    /** Whether the mount or its filesystem takes no writes. */
    public static boolean readOnly(Mount mount) {
        return (mount.flags & MountFlags.MS_RDONLY) != 0 || mount.fileSystem().takesNoWrites();
    }

    /** Whether programs on the mount may not be executed. */
    public static boolean noExec(Mount mount) {
        return (mount.flags & MountFlags.MS_NOEXEC) != 0;
    }

    /** EROFS unless the mount takes writes. */
    public static void requireWritable(Mount mount) throws ErrnoException {
        if (readOnly(mount)) {
            throw Errno.EROFS.error();
        }
    }

    /** What creating a name in {@code directory} takes. */
    static void requireCreate(Credentials who, Dentry directory) throws ErrnoException {
        if (directory.unlinked()) {
            throw Errno.ENOENT.error();
        }
        require(who, directory.inode(), WRITE | EXEC);
    }

    /**
     * What removing the name {@code victim} from {@code directory} takes.
     *
     * @param asDirectory whether the caller removes a directory
     */
    static void requireDelete(Credentials who, Dentry directory, Dentry victim, boolean asDirectory)
            throws ErrnoException {
        Inode dir = directory.inode();
        Inode inode = victim.inode();
        require(who, dir, WRITE | EXEC);
        if (who != null
                && (dir.mode() & FileMode.S_ISVTX) != 0
                && who.fsuid() != inode.uid()
                && who.fsuid() != dir.uid()
                && !over(who, Capability.FOWNER, inode)) {
            throw Errno.EPERM.error();
        }
        boolean isDirectory = FileMode.isDirectory(inode.mode());
        if (asDirectory && !isDirectory) {
            throw Errno.ENOTDIR.error();
        }
        if (!asDirectory && isDirectory) {
            throw Errno.EISDIR.error();
        }
    }
}
