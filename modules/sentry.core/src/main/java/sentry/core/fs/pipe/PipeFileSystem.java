package sentry.core.fs.pipe;

import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.vfs.InternalFileSystem;
import sentry.core.vfs.InternalInode;
import sentry.core.vfs.VfsPath;

/** Home of the pipes that pipe(2) makes. */
public final class PipeFileSystem extends InternalFileSystem {
    public static final PipeFileSystem INSTANCE = new PipeFileSystem();

    private PipeFileSystem() {}

    @Override
    public String type() {
        return "pipefs";
    }

    @Override
    protected long magic() {
        return 0x50495045;
    }

    /**
     * A new pipe: its reading and its writing end.
     *
     * @param flags O_NONBLOCK; O_DIRECT, which makes what is written packets
     */
    public PipeEnd[] create(int flags, int uid, int gid) {
        InternalInode inode = new InternalInode(this, nextInode(), FileMode.S_IFIFO | 0600, uid, gid);
        VfsPath path = path(inode, "pipe:[" + inode.ino() + "]");
        Pipe pipe = inode.state().pipe();
        PipeEnd reader = new PipeEnd(pipe, path, Fcntl.O_RDONLY | flags & ~Fcntl.O_DIRECT, -1);
        PipeEnd writer = new PipeEnd(pipe, path, Fcntl.O_WRONLY | flags, -1);
        return new PipeEnd[] {reader, writer};
    }
}
