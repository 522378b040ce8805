package sentry.core.kernel;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.fs.dev.DefaultDevices;
import sentry.core.kernel.KernelConfig.MountSpec;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.Namei;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** Builds a container's mount tree from its configuration, before any task exists. */
final class ContainerMounts {
    private final Kernel kernel;
    private final MountNamespace namespace;

    private ContainerMounts(Kernel kernel, MountNamespace namespace) {
        this.kernel = kernel;
        this.namespace = namespace;
    }

    static MountNamespace build(Kernel kernel, KernelConfig config) throws StartException {
        MountNamespace namespace = new MountNamespace(config.root(), config.rootSource(), 0);
        ContainerMounts mounts = new ContainerMounts(kernel, namespace);
        for (MountSpec spec : config.mounts()) {
            mounts.add(spec);
        }
        if (config.rootReadOnly()) {
            try {
                namespace.remount(namespace.root(), MountFlags.MS_RDONLY);
            } catch (ErrnoException e) {
                throw new StartException("cannot make the root read-only", e);
            }
        }
        try {
            for (String path : config.readOnlyPaths()) {
                mounts.makeReadOnly(path);
            }
            for (String path : config.maskedPaths()) {
                mounts.mask(path);
            }
        } catch (ErrnoException e) {
            throw new StartException("masked and read-only paths", e);
        }
        return namespace;
    }

    /** What is at {@code path}, or null. */
    private VfsPath find(String path) throws ErrnoException {
        VfsPath root = namespace.root();
        try {
            return PathWalk.of(null, root, 022).resolve(root, path, PathWalk.FOLLOW).path();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private void makeReadOnly(String path) throws ErrnoException {
        VfsPath at = find(path);
        if (at != null) {
            namespace.bind(at, at, true);
            MountNamespace.setAttributes(find(path), MountFlags.MS_RDONLY, 0, 0, true);
        }
    }

    /** Over a directory comes an empty one, over a file the null device. */
    private void mask(String path) throws ErrnoException {
        VfsPath at = find(path);
        if (at == null) {
            return;
        }
        if (FileMode.isDirectory(at.inode().mode())) {
            FileSystem empty = kernel.filesystemTypes().find("tmpfs").mount(kernel, "tmpfs", "size=0k");
            namespace.mount(at, empty, "tmpfs", MountFlags.MS_RDONLY);
            return;
        }
        VfsPath device = find("/dev/null");
        if (device == null) {
            throw Errno.ENOENT.error();
        }
        namespace.bind(device, at, false);
    }

    private void add(MountSpec spec) throws StartException {
        String what = "mount of " + spec.type() + " at " + spec.destination();
        FileSystem fs = spec.fileSystem();
        try {
            if (fs == null) {
                // config.json's "cgroup" is that of the host, which is version 2 here.
                String wanted = spec.type().equals("cgroup") ? "cgroup2" : spec.type();
                FilesystemType type = kernel.filesystemTypes().find(wanted);
                if (type == null) {
                    throw new StartException(what + ": there is no such filesystem type");
                }
                fs = type.mount(kernel, spec.source(), spec.options());
                if (spec.destination().equals("/dev") && spec.type().equals("tmpfs")) {
                    DefaultDevices.populate(fs.root());
                }
            }
            VfsPath at = place(spec.destination(), FileMode.isDirectory(fs.root().mode()));
            namespace.mount(at, fs, spec.source(), (int) spec.flags());
        } catch (ErrnoException e) {
            throw new StartException(what, e);
        }
    }

    /** The mount point, made with its parents when missing, as container runtimes do. */
    private VfsPath place(String destination, boolean directory) throws ErrnoException {
        VfsPath root = namespace.root();
        PathWalk walk = PathWalk.of(null, root, 022);
        try {
            return walk.resolve(root, destination, PathWalk.FOLLOW).path();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        int slash = destination.lastIndexOf('/');
        if (slash > 0) {
            place(destination.substring(0, slash), true);
        }
        if (directory) {
            Namei.mkdir(walk, root, destination, 0755);
        } else {
            Namei.mknod(walk, root, destination, FileMode.S_IFREG | 0644, 0);
        }
        return walk.resolve(root, destination, PathWalk.FOLLOW).path();
    }
}
