package runsc.cli.state;

import host.linux.Errnos;
import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.UnixSockets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.io.ByteString;

/** The directory given by {@code --root}. All names below it are used relative to its descriptor. */
public final class StateRoot implements AutoCloseable {
    private static final String STATE = "state.json";
    private static final String SOCKET = "control.sock";
    private static final String EXIT = "exit";
    private static final String UNFINISHED = "new:";
    private static final int ENOENT = 2;
    private static final int EEXIST = 17;

    private final String path;
    private final int fd;

    private StateRoot(String path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /** Opens the directory and makes it, with its parents, where it is missing. */
    public static StateRoot open(String path) throws RunscException {
        if (path == null) {
            throw new RunscException("XDG_RUNTIME_DIR is not set: say with --root where to keep state");
        }
        int fd = FileIo.open(Files.AT_FDCWD, ByteString.bytes(path), Files.O_DIRECTORY, 0);
        if (fd == -ENOENT) {
            makeAll(path);
            fd = FileIo.open(Files.AT_FDCWD, ByteString.bytes(path), Files.O_DIRECTORY, 0);
        }
        if (fd < 0) {
            throw new RunscException("cannot use " + path + " for state: " + Errnos.name(-fd));
        }
        return new StateRoot(path, fd);
    }

    private static void makeAll(String path) throws RunscException {
        for (int slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
            String part = slash < 0 ? path : path.substring(0, slash);
            int r = FileIo.makeDirectory(Files.AT_FDCWD, ByteString.bytes(part), slash < 0 ? 0700 : 0711);
            if (r < 0 && r != -EEXIST) {
                throw new RunscException("cannot make " + part + ": " + Errnos.name(-r));
            }
            if (slash < 0) {
                return;
            }
        }
    }

    /** The directory's descriptor. */
    public int fd() {
        return fd;
    }

    private void lock() throws RunscException {
        try {
            FileIo.lock(fd, FileIo.LOCK_EX);
        } catch (HostException e) {
            throw new RunscException("cannot lock " + path + ": " + e.getMessage());
        }
    }

    private void unlock() {
        try {
            FileIo.lock(fd, FileIo.LOCK_UN);
        } catch (HostException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Makes the directory of a new container. It appears under its name with its state in it, so that whoever finds it
     * can tell whose it is; until then its name is one that no container can have.
     */
    public void create(ContainerState state) throws RunscException {
        lock();
        String fresh = unfinished(state.gofer().pid());
        try {
            removeTree(fd, fresh); // of an earlier process with this pid
            int r = FileIo.makeDirectory(fd, name(fresh), 0700);
            if (r < 0) {
                throw new RunscException("cannot make " + path + "/" + fresh + ": " + Messages.errno(-r));
            }
            write(fresh, state);
            r = FileIo.renameNew(fd, name(fresh), name(state.id()));
            if (r == -EEXIST && read(state.id()) == null) { // left by a sandbox that was killed
                removeTree(fd, state.id());
                r = FileIo.renameNew(fd, name(fresh), name(state.id()));
            }
            if (r == -EEXIST) {
                throw new RunscException("container " + state.id() + " exists already");
            }
            if (r < 0) {
                throw new RunscException("cannot make " + path + "/" + state.id() + ": " + Messages.errno(-r));
            }
        } finally {
            removeTree(fd, fresh);
            unlock();
        }
    }

    /** Name of a directory in the making: a colon is not allowed in ids. */
    private static String unfinished(int gofer) {
        return UNFINISHED + gofer;
    }

    /** Replaces the state of a container that still exists. */
    public void update(ContainerState state) throws RunscException {
        lock();
        try {
            write(state.id(), state);
        } finally {
            unlock();
        }
    }

    private void write(String directory, ContainerState state) throws RunscException {
        byte[] fresh = name(directory + "/" + STATE + ".new");
        int file = FileIo.open(fd, fresh, Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC, 0600);
        int r = file < 0 ? file : FileIo.write(file, state.encode());
        if (file >= 0) {
            Files.close(file);
        }
        if (r >= 0) {
            r = FileIo.rename(fd, fresh, name(directory + "/" + STATE));
        }
        if (r < 0) {
            throw new RunscException("cannot write the state of " + state.id() + ": " + Errnos.name(-r));
        }
    }

    /** The container's state, or null when there is no such container. */
    public ContainerState find(String id) throws RunscException {
        return read(ContainerId.check(id));
    }

    /** The container's state. */
    public ContainerState get(String id) throws RunscException {
        ContainerState state = find(id);
        if (state == null) {
            throw new RunscException("there is no container " + ByteString.toText(id));
        }
        return state;
    }

    private ContainerState read(String id) throws RunscException {
        byte[] content = FileIo.read(fd, name(id + "/" + STATE));
        if (content == null) {
            return null;
        }
        ContainerState state = ContainerState.decode(path + "/" + id + "/" + STATE, content);
        // With its command gone too, such a container is nobody's: it counts as removed.
        return state.attached() && state.current() == Status.STOPPED ? null : state;
    }

    /** All containers, by id. Also removes what killed sandboxes left. */
    public List<ContainerState> list() throws RunscException {
        byte[][] names = FileIo.list(fd);
        if (names == null) {
            throw new RunscException("cannot read " + path);
        }
        List<String> ids = new ArrayList<>();
        for (byte[] n : names) {
            ids.add(ByteString.of(n));
        }
        ids.sort(null);
        List<ContainerState> list = new ArrayList<>();
        for (String id : ids) {
            ContainerState state = id.startsWith(UNFINISHED) ? null : read(id);
            if (state != null) {
                list.add(state);
            } else {
                removeLeftover(id);
            }
        }
        return list;
    }

    private void removeLeftover(String id) throws RunscException {
        lock();
        try {
            byte[] content = FileIo.read(fd, name(id + "/" + STATE));
            // Directories are made under the lock, which we hold: one in the making is nobody's.
            if (id.startsWith(UNFINISHED) || content != null && read(id) == null) {
                removeTree(fd, id);
            }
        } finally {
            unlock();
        }
    }

    /** Removes all that is kept of a container. Returns whether there was something. */
    public boolean remove(String id) throws RunscException {
        lock();
        try {
            int r = removeTree(fd, id);
            if (r < 0 && r != -ENOENT) {
                throw new RunscException("cannot remove " + path + "/" + id + ": " + Errnos.name(-r));
            }
            return r == 0;
        } finally {
            unlock();
        }
    }

    /**
     * Removes a container's directory below the state directory {@code root} if its gofer is the process {@code gofer};
     * for the gofer, which has no more than the descriptor, and may have been started for an id that was taken.
     */
    public static void removeOf(int root, String id, int gofer) {
        removeTree(root, unfinished(gofer));
        byte[] content = FileIo.read(root, name(id + "/" + STATE));
        try {
            if (content != null && ContainerState.decode(id, content).gofer().pid() == gofer) {
                removeTree(root, id);
            }
        } catch (RunscException e) {
            System.err.println("the state of " + id + " is damaged: " + e.getMessage());
        }
    }

    private static int removeTree(int root, String id) {
        int directory = FileIo.open(root, name(id), Files.O_DIRECTORY | Files.O_NOFOLLOW, 0);
        if (directory < 0) {
            return directory;
        }
        byte[][] names = FileIo.list(directory);
        if (names != null) {
            for (byte[] n : names) {
                FileIo.remove(directory, n, 0);
            }
        }
        Files.close(directory);
        return FileIo.remove(root, name(id), Files.AT_REMOVEDIR);
    }

    /** The container's control socket, listening. */
    public int listen(String id) throws RunscException {
        int directory = openDirectory(id);
        try {
            return UnixSockets.listen(socketPath(directory), 16);
        } catch (HostException e) {
            throw new RunscException("cannot make the control socket of " + id + ": " + e.getMessage());
        } finally {
            Files.close(directory);
        }
    }

    /** A connection to the container's Sentry, or null when none answers. */
    public Channel connect(String id) {
        int directory = openDirectory(id);
        try {
            return new Channel(UnixSockets.connect(socketPath(directory)));
        } catch (HostException e) {
            return null;
        } finally {
            Files.close(directory);
        }
    }

    private int openDirectory(String id) {
        return FileIo.open(fd, name(id), Files.O_DIRECTORY | Files.O_PATH, 0);
    }

    /** By the directory's descriptor: a socket's path has 107 bytes at most, and an id alone may have 255. */
    private static byte[] socketPath(int directory) {
        return ByteString.bytes("/proc/self/fd/" + directory + "/" + SOCKET);
    }

    /** The file that the Sentry writes the exit code to. */
    public int exitFile(String id) throws RunscException {
        int file = FileIo.open(fd, name(id + "/" + EXIT), Files.O_RDWR | Files.O_CREAT | Files.O_EXCL, 0600);
        if (file < 0) {
            throw new RunscException("cannot make " + path + "/" + id + "/" + EXIT + ": " + Errnos.name(-file));
        }
        return file;
    }

    /** The exit code that a container that ended left, or -1 when it left none. */
    public int exitCode(String id) {
        byte[] content = FileIo.read(fd, name(id + "/" + EXIT));
        if (content == null || content.length == 0) {
            return -1;
        }
        try {
            return Integer.parseInt(new String(content, StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        Files.close(fd);
    }

    private static byte[] name(String name) {
        return ByteString.bytes(name);
    }
}
