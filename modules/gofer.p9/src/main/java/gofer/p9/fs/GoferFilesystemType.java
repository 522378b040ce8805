package gofer.p9.fs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/**
 * The type "9p" for the mounts of a container's configuration. The source is the number of a donated socket; the options
 * are {@code cache=exclusive} or {@code cache=shared} (the default), and {@code ro}.
 */
public final class GoferFilesystemType implements FilesystemType {
    public GoferFilesystemType() {}

    @Override
    public String name() {
        return "9p";
    }

    @Override
    public boolean userMountable() {
        return false;
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        int socket;
        try {
            socket = Integer.parseInt(source);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
        CachePolicy policy = CachePolicy.SHARED;
        boolean readOnly = false;
        for (int start = 0; start < data.length(); ) {
            int comma = data.indexOf(',', start);
            int end = comma < 0 ? data.length() : comma;
            switch (data.substring(start, end)) {
                case "cache=exclusive" -> policy = CachePolicy.EXCLUSIVE;
                case "cache=shared" -> policy = CachePolicy.SHARED;
                case "ro" -> readOnly = true;
                case "", "rw" -> {}
                default -> throw Errno.EINVAL.error();
            }
            start = end + 1;
        }
        return GoferFileSystem.attach(socket, policy, readOnly, kernel.devices());
    }
}
