package sentry.core.fs.anon;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;
import sentry.core.vfs.IoBuffer;

/** What fsopen(2) and fspick(2) make: a filesystem that is being configured. Guarded by its monitor. */
public final class FsConfigFile extends FileDescription {
    private final FilesystemType type;
    private final StringBuilder options = new StringBuilder();
    private String source = "";
    private FileSystem fileSystem;
    /** It was there before: options can be changed, and there is no mount to make. */
    private final boolean picked;

    private boolean readOnly;
    private boolean mounted;

    /** @param picked the filesystem to reconfigure, or null for a new one */
    public FsConfigFile(FilesystemType type, FileSystem picked) {
        super(AnonymousFiles.INSTANCE.path("anon_inode:[fscontext]"), Fcntl.O_RDWR);
        this.type = type;
        this.fileSystem = picked;
        this.picked = picked != null;
        this.readOnly = picked != null && picked.takesNoWrites();
    }

    public String source() {
        return source.isEmpty() ? "none" : source;
    }

    /** The type's name. */
    public String typeName() {
        return type == null ? fileSystem.type() : type.name();
    }

    /**
     * An option.
     *
     * @param value null for a flag
     */
    public synchronized void set(Kernel kernel, String key, String value) throws ErrnoException {
        if (fileSystem != null && !picked) {
            throw Errno.EBUSY.error();
        }
        switch (key) {
            case "ro", "rw" -> {
                if (value != null) {
                    throw Errno.EINVAL.error();
                }
                readOnly = key.equals("ro");
            }
            case "sync", "async", "dirsync", "lazytime", "nolazytime" -> {
                if (value != null) {
                    throw Errno.EINVAL.error();
                }
            }
            case "source" -> {
                if (value == null || !source.isEmpty()) {
                    throw Errno.EINVAL.error();
                }
                source = value;
            }
            default -> {
                String option = value == null ? key : key + "=" + value;
                if (type != null) {
                    type.check(kernel, option);
                }
                if (options.length() > 0) {
                    options.append(',');
                }
                options.append(option);
            }
        }
    }

    /** FSCONFIG_CMD_CREATE. EBUSY when there is one. */
    public synchronized void create(Kernel kernel) throws ErrnoException {
        if (fileSystem != null) {
            throw Errno.EBUSY.error();
        }
        fileSystem = type.mount(kernel, source, options.toString());
        fileSystem.setMountedReadOnly(readOnly);
    }

    /** FSCONFIG_CMD_RECONFIGURE. EBUSY for one that was not picked. */
    public synchronized void reconfigure() throws ErrnoException {
        if (!picked) {
            throw Errno.EBUSY.error();
        }
        fileSystem.remount(options.toString());
        fileSystem.setMountedReadOnly(readOnly);
        options.setLength(0);
    }

    /** The filesystem, for its one mount. EINVAL before it was made, EBUSY afterwards. */
    public synchronized FileSystem takeForMount() throws ErrnoException {
        if (fileSystem == null) {
            throw Errno.EINVAL.error();
        }
        if (mounted || picked) {
            throw Errno.EBUSY.error();
        }
        mounted = true;
        return fileSystem;
    }

    /** There are no messages. */
    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        throw Errno.ENODATA.error();
    }

    @Override
    protected synchronized void closed() {
        if (!picked && !mounted && fileSystem != null) {
            fileSystem.release();
        }
    }
}
