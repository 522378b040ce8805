package gofer.p9.server;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.util.List;

/** The gofer process: serves trees of host files to a sandbox until all its connections are closed. */
public final class Gofer {
    private static final long PRLIMIT64 = 302;
    private static final int RLIMIT_NOFILE = 7;

    private Gofer() {}

    /**
     * Serves {@code exports} and returns when the last connection ends. Sets the process's umask to 0 and raises its
     * limit of descriptors to the hard one. The caller sees to it that the process ends with its parent
     * (PR_SET_PDEATHSIG) and that /proc shows the process itself.
     *
     * @throws HostException when a root is unusable or /proc/self/fd is not there
     */
    public static void run(List<Export> exports) throws HostException {
        Files.umask(0);
        raiseDescriptorLimit();
        serve(exports);
    }

    /** As {@link #run}, without a change to the process; several may run in one process, each with sockets of its own. */
    public static void serve(List<Export> exports) throws HostException {
        int procFd = openProc();
        try {
            Connection[] connections = new Connection[exports.size()];
            for (int i = 0; i < connections.length; i++) {
                connections[i] = new Connection(exports.get(i), procFd);
            }
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
