package runsc.cli.boot;

import runsc.cli.RunscException;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;

/** Filesystems over the gofer's connections. */
final class GoferTrees {
    private GoferTrees() {}

    /** The root; with {@code overlay}, writes to it stay in memory. */
    static FileSystem root(Kernel kernel, int connection, boolean overlay) throws RunscException {
        throw new RunscException("the kernel is not there yet: the files of the gofer cannot be mounted");
    }

    static FileSystem bind(Kernel kernel, int connection) throws RunscException {
        throw new RunscException("the kernel is not there yet: the files of the gofer cannot be mounted");
    }
}
