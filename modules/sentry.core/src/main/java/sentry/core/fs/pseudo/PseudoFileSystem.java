package sentry.core.fs.pseudo;

import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Errno;
import sentry.core.vfs.AnonymousDevices;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.StatFs;

/** A filesystem of generated files: a device number, inode numbers and the time of its making. */
public abstract class PseudoFileSystem extends FileSystem {
    private final String type;
    /** The magic number for statfs(2). */
    private final long magic;

    private final long dev = AnonymousDevices.next();
    private final AtomicLong lastIno = new AtomicLong();
    private final long created = now();

    protected PseudoFileSystem(String type, long magic) {
        this.type = type;
        this.magic = magic;
    }

    @Override
    public final String type() {
        return type;
    }

    @Override
    public final long dev() {
        return dev;
    }

    @Override
    public final StatFs statfs() {
        return new StatFs(magic, 4096, 0, 0, 0, 0, 0, 255);
    }

    /** A number for an inode that lives as long as the filesystem. */
    public final long nextIno() {
        return lastIno.incrementAndGet();
    }

    /** What an attempt to make a file here fails with. */
    public Errno refusal() {
        return Errno.EPERM;
    }

    /** Nanoseconds since the epoch. */
    public final long created() {
        return created;
    }

    public static long now() {
        return System.currentTimeMillis() * 1_000_000;
    }
}
