package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.Processes;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/**
 * A file for the content of what a container writes over a tree. It has no name, so it takes no room in the tree's
 * listings and is gone with the Sentry, however that ends.
 */
final class FileStore {
    private static final int O_TMPFILE = 020000000 | Files.O_DIRECTORY;
    private static final int EISDIR = 21;
    private static final int EOPNOTSUPP = 95;

    private FileStore() {}

    static int open(String directory) throws RunscException {
        int fd = FileIo.open(Files.AT_FDCWD, ByteString.bytes(directory), O_TMPFILE | Files.O_RDWR, 0600);
        if (fd == -EOPNOTSUPP || fd == -EISDIR) {
            fd = named(directory);
        }
        if (fd < 0) {
            throw new RunscException("--overlay2: cannot make a file in " + ByteString.toText(directory) + ": "
                    + Messages.errno(-fd));
        }
        return fd;
    }

    /** On file systems without nameless files: one that loses its name at once. */
    private static int named(String directory) {
        byte[] path = ByteString.bytes(directory + "/.runsc.filestore." + Processes.pid());
        int fd = FileIo.open(Files.AT_FDCWD, path, Files.O_RDWR | Files.O_CREAT | Files.O_EXCL, 0600);
        if (fd >= 0) {
            FileIo.remove(Files.AT_FDCWD, path, 0);
        }
        return fd;
    }
}
