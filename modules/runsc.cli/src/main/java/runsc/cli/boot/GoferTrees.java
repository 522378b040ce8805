package runsc.cli.boot;

import runsc.cli.RunscException;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.overlay.OverlayFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Filesystems over the gofer's connections. */
final class GoferTrees {
    private GoferTrees() {}

    /**
     * The tree behind {@code connection}, which passes to the filesystem.
     *
     * @param shared whether others may change it behind our back
     * @param readOnly whether the gofer refuses changes
     */
    static FileSystem attach(Kernel kernel, int connection, boolean shared, boolean readOnly) throws RunscException {
        FilesystemType type = kernel.filesystemTypes().find("9p");
        if (type == null) {
            throw new RunscException("the kernel is not there yet: the files of the gofer cannot be mounted");
        }
        return mount(kernel, type, connection, shared, readOnly);
    }

    /** Puts a layer over {@code tree} that keeps what is written in memory. */
    static FileSystem overlay(Kernel kernel, FileSystem tree) throws RunscException {
        try {
            return new OverlayFileSystem(kernel, tree);
        } catch (ErrnoException e) {
            throw new RunscException("cannot keep writes in memory: " + e.errno().message());
        }
    }

    private static FileSystem mount(
            Kernel kernel, FilesystemType type, int connection, boolean shared, boolean readOnly)
            throws RunscException {
        String options = (shared ? "cache=shared" : "cache=exclusive") + (readOnly ? ",ro" : "");
        try {
            return type.mount(kernel, Integer.toString(connection), options);
        } catch (ErrnoException e) {
            throw new RunscException("the gofer does not serve: " + e.errno().message());
        }
    }
}
