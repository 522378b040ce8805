package gofer.p9.server;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.util.List;

/**
 * Serves trees of host files, each to its own peer, until all connections are closed.
 *
 * <pre>
 * Gofer.open(List.of(new Export(socketFd, rootDirFd, false))).serve();
 * </pre>
 *
 * <p>Any number of them may run in one process.
 */
public final class Gofer {
    private static final long PRLIMIT64 = 302;
    private static final int RLIMIT_NOFILE = 7;

    private final int procFd;
    private final Connection[] connections;

    private Gofer(int procFd, Connection[] connections) {
        this.procFd = procFd;
        this.connections = connections;
    }

    /**
     * Takes the exports' descriptors over. New files get the modes that peers ask for less the process's umask, so that
     * should be 0.
     *
     * @throws HostException when a root is unusable, or /proc is not there or does not show this process
     */
    public static Gofer open(List<Export> exports) throws HostException {
        int procFd = openProc();
        return new Gofer(procFd, connect(exports, procFd, Host.SELF_FD));
    }

    /**
     * As {@link #open}, for a process that does nothing else: sets its umask to 0, raises its limit of descriptors to the hard
     * one, and makes /proc/self/fd its working directory. Afterwards the server opens no path that begins at the root
     * directory, so that may be taken away.
     */
    public static Gofer ofProcess(List<Export> exports) throws HostException {
        Files.umask(0);
        raiseDescriptorLimit();
        int procFd = openProc();
        HostException.check("/proc/self/fd", Files.fchdir(procFd));
        return new Gofer(procFd, connect(exports, procFd, ""));
    }

    private static Connection[] connect(List<Export> exports, int procFd, String ownDescriptors) throws HostException {
        Connection[] connections = new Connection[exports.size()];
        for (int i = 0; i < connections.length; i++) {
            connections[i] = new Connection(exports.get(i), procFd, ownDescriptors);
        }
        return connections;
    }

    /** Serves, each connection on a thread of its own, and returns when the last one has ended. To be called once. */
    public void serve() {
        try {
            Thread[] threads = new Thread[connections.length];
            for (int i = 1; i < threads.length; i++) {
                threads[i] = new Thread(null, connections[i], "gofer-" + i, 256 << 10);
                threads[i].start();
            }
            if (connections.length > 0) {
                connections[0].run(); // the root's, on this thread: the usual gofer has no other
            }
            for (int i = 1; i < threads.length; i++) {
                join(threads[i]);
            }
        } finally {
            Files.close(procFd);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static int openProc() throws HostException {
        try (NativeArea path = NativeArea.allocate(64)) {
            return (int) HostException.check(
                    "/proc/self/fd",
                    Files.openat(
                            Files.AT_FDCWD,
                            path.putString(0, "/proc/self/fd"),
                            Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC,
                            0));
        }
    }

    private static void raiseDescriptorLimit() {
        try (NativeArea limit = NativeArea.allocate(16)) {
            long address = limit.address();
            if (Syscall.call(PRLIMIT64, 0, RLIMIT_NOFILE, 0, address) == 0) {
                Memory.putLong(address, Memory.getLong(address + 8));
                Syscall.call(PRLIMIT64, 0, RLIMIT_NOFILE, address, 0); // a refusal leaves us with what we had
            }
        }
    }
}
