package sentry.core.socket;

import sentry.core.abi.FileMode;
import sentry.core.vfs.InternalFileSystem;
import sentry.core.vfs.InternalInode;
import sentry.core.vfs.VfsPath;

/** Home of all sockets. */
final class SocketFiles extends InternalFileSystem {
    static final SocketFiles INSTANCE = new SocketFiles();

    private SocketFiles() {}

    @Override
    public String type() {
        return "sockfs";
    }

    @Override
    protected long magic() {
        return 0x534f434b;
    }

    VfsPath newPath(int uid, int gid) {
        InternalInode inode = new InternalInode(this, nextInode(), FileMode.S_IFSOCK | 0777, uid, gid);
        return path(inode, "socket:[" + inode.ino() + "]");
    }
}
