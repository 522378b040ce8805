package sentry.core.fs.host;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.InternalFileSystem;

/** Makes files out of the host's descriptors. Create it before the lock-down. */
public final class HostFiles extends InternalFileSystem {
    private static final int F_GETFL = 3;

    private final HostPoller poller;

    public HostFiles() throws HostException {
        poller = new HostPoller();
    }

    HostPoller poller() {
        return poller;
    }

    @Override
    public String type() {
        return "hostfs";
    }

    @Override
    protected long magic() {
        return 0x00c0ffee;
    }

    /**
     * A file for the host's descriptor {@code fd}, which now belongs to it and is closed with it.
     *
     * @param uid owner that the file shows
     * @param gid group that the file shows
     */
    public FileDescription open(int fd, int uid, int gid) throws ErrnoException {
        int flags = (int) Errno.check(Files.fcntl(fd, F_GETFL, 0));
        int mode;
        try (NativeArea area = NativeArea.allocate(Files.STAT_SIZE)) {
            Errno.check(Files.fstat(fd, area.address()));
            mode = Memory.getInt(area.address() + Files.STAT_OFF_MODE);
        }
        HostInode inode = new HostInode(this, fd, mode, nextInode(), uid, gid);
        int kept = flags & (Fcntl.O_ACCMODE | Fcntl.O_APPEND | Fcntl.O_NONBLOCK | Fcntl.O_LARGEFILE);
        return new HostFile(inode, path(inode, inode.label()), kept);
    }

    /** Closes a descriptor that nobody wants. */
    static void close(int fd) {
        Syscall.call(3, fd);
    }
}
