package runsc.cli.boot;

import host.linux.HostException;
import runsc.cli.RunscException;
import runsc.cli.launch.SandboxConfig.Overlay;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.overlay.OverlayFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryFile;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Filesystems over the gofer's connections, which are handed out in turn. */
final class GoferTrees {
    private final Kernel kernel;
    private final FilesystemType type;
    private final int[] descriptors;
    private final long overlaySize;
    private int at;

    /** @param overlaySize most bytes of content in each overlay, or 0 */
    GoferTrees(Kernel kernel, int[] descriptors, long overlaySize) throws RunscException {
        this.kernel = kernel;
        this.descriptors = descriptors;
        this.overlaySize = overlaySize;
        type = kernel.filesystemTypes().find("9p");
        if (type == null) {
            throw new RunscException("the kernel is not there yet: the files of the gofer cannot be mounted");
        }
    }

    /**
     * The next tree.
     *
     * @param shared whether others may change it behind our back; under an overlay nobody may
     * @param readOnly whether it cannot be changed at all
     */
    FileSystem next(boolean shared, boolean readOnly, Overlay overlay) throws RunscException {
        boolean covered = overlay != Overlay.NONE;
        FileSystem tree = attach(descriptors[at++], shared && !covered, readOnly || covered);
        return covered ? overlay(tree, overlay == Overlay.FILE ? descriptors[at++] : -1) : tree;
    }

    private FileSystem attach(int connection, boolean shared, boolean readOnly) throws RunscException {
        String options = (shared ? "cache=shared" : "cache=exclusive") + (readOnly ? ",ro" : "");
        try {
            return type.mount(kernel, Integer.toString(connection), options);
        } catch (ErrnoException e) {
            throw new RunscException("the gofer does not serve: " + e.errno().message());
        }
    }

    /** Puts a layer over {@code tree} that keeps what is written, in the file {@code store} or in memory. */
    private FileSystem overlay(FileSystem tree, int store) throws RunscException {
        try {
            MemoryFile content = store < 0 ? kernel.memory() : MemoryFile.onDisk(store);
            return new OverlayFileSystem(kernel, tree, content, overlaySize);
        } catch (ErrnoException e) {
            throw new RunscException("cannot keep writes apart: " + e.errno().message());
        } catch (HostException e) {
            throw new RunscException("cannot keep writes in a file: " + e.getMessage());
        }
    }
}
