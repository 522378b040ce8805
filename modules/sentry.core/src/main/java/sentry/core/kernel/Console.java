package sentry.core.kernel;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.fs.devpts.DevptsFileSystem;
import sentry.core.memory.KernelBuffer;
import sentry.core.task.Task;
import sentry.core.tty.PtyMaster;
import sentry.core.tty.Terminals;
import sentry.core.tty.WindowSize;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Mount;
import sentry.core.vfs.MountNamespace;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;

/**
 * The terminal of a container (config.json: process.terminal): a pseudo-terminal of the sandbox, whose master side two
 * threads join to the host's descriptors. The host's terminal, if it is one, was set to raw mode by the command, so that
 * line editing, echo and signals are the sandbox's own.
 */
public final class Console {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int CLOSE = 3;
    private static final int POLL = 7;
    private static final int IOCTL = 16;
    private static final int EVENTFD2 = 290;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int CHUNK = 4096;
    /** Ctrl-D: what the end of a host file that is no terminal means to a line editor. */
    private static final byte END = 4;
    /** How long output may take to leave once the container has ended. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private final PtyMaster master;
    /** The host's descriptors, which belong to us. */
    private final int[] host;

    private final int hostIn;
    private final int hostOut;
    /** Readable when input is not wanted any more. */
    private final int stop;

    private final Sleeper inputSleeper = new Sleeper();
    private final Sleeper outputSleeper = new Sleeper();
    private final Thread input;
    private final Thread output;
    private volatile boolean ending;

    private Console(PtyMaster master, int[] host) throws ErrnoException {
        this.master = master;
        this.host = host;
        this.hostIn = host[0];
        this.hostOut = host[1];
        this.stop = (int) Errno.check(Syscall.call(EVENTFD2, 0, EFD_CLOEXEC));
        this.input = new Thread(null, this::relayInput, "console-input", 256 << 10);
        input.setDaemon(true);
        this.output = new Thread(null, this::relayOutput, "console-output", 256 << 10);
        output.setDaemon(true);
    }

    /** Makes the terminal, and makes it {@code task}'s controlling terminal and descriptors 0, 1 and 2. */
    static Console open(Task task, MountNamespace mounts, ProcessConfig config) throws ErrnoException, StartException {
        int[] host = config.stdio();
        if (host[0] < 0 || host[1] < 0) {
            throw new StartException("a terminal needs standard input and output");
        }
        for (Mount mount : mounts.mounts()) {
            if (mount.fileSystem() instanceof DevptsFileSystem pts) {
                PtyMaster master = pts.newTerminal(mount, Fcntl.O_RDWR);
                Console console = new Console(master, host);
                WindowSize size = config.consoleRows() > 0 && config.consoleColumns() > 0
                        ? new WindowSize(config.consoleRows(), config.consoleColumns(), 0, 0)
                        : console.hostSize();
                master.tty().setSize(size);
                FileDescription terminal =
                        Terminals.open(master.tty(), pts.pathOf(mount, master.tty()), Fcntl.O_RDWR, null);
                Terminals.makeControlling(master.tty(), task);
                terminal.retain();
                terminal.retain();
                for (int fd = 0; fd < 3; fd++) {
                    task.fds().replace(fd, terminal, false);
                }
                return console;
            }
        }
        throw new StartException("a terminal needs a mount of type devpts, as at /dev/pts");
    }

    /** Begins to pass data. */
    void start() {
        output.start();
        input.start();
    }

    /** Sends {@code signo} to the terminal's foreground process group. */
    void signal(int signo) {
        master.signalForeground(signo);
    }

    /** The host's terminal has another size now. */
    void resized() {
        WindowSize size = hostSize();
        if (!size.equals(WindowSize.UNKNOWN)) {
            master.tty().setSize(size);
        }
    }

    /** Waits until what the program has written is out, and hangs up. */
    void finish() throws InterruptedException {
        ending = true;
        outputSleeper.wake();
        output.join(PATIENCE_NANOS / 1_000_000);
        inputSleeper.wake();
        try (NativeArea one = NativeArea.allocate(8)) {
            Memory.putLong(one.address(), 1);
            Syscall.call(WRITE, stop, one.address(), 8);
        }
        input.join(PATIENCE_NANOS / 1_000_000);
        if (output.isAlive() || input.isAlive()) {
            return; // the host's side is stuck; its descriptors may not be given to others
        }
        master.release();
        Syscall.call(CLOSE, stop);
        for (int fd : host) {
            if (fd >= 0) {
                Syscall.call(CLOSE, fd);
            }
        }
    }

    private WindowSize hostSize() {
        try (NativeArea area = NativeArea.allocate(8)) {
            if (Syscall.failed(Syscall.call(IOCTL, hostIn, TIOCGWINSZ, area.address()))) {
                return WindowSize.UNKNOWN;
            }
            return new WindowSize(
                    Memory.getShort(area.address()) & 0xffff,
                    Memory.getShort(area.address() + 2) & 0xffff,
                    Memory.getShort(area.address() + 4) & 0xffff,
                    Memory.getShort(area.address() + 6) & 0xffff);
        }
    }

    private void relayInput() {
        WaitEntry entry = new WaitEntry(inputSleeper);
        byte[] data = new byte[CHUNK];
        try (NativeArea area = NativeArea.allocate(CHUNK)) {
            while (awaitInput()) {
                long n = Syscall.call(READ, hostIn, area.address(), CHUNK);
                if (n == -EINTR || n == -EAGAIN) {
                    continue;
                }
                if (n <= 0) {
                    data[0] = END;
                    write(data, 1, entry);
                    return;
                }
                Memory.copy(area.address(), data, 0, (int) n);
                write(data, (int) n, entry);
            }
        } catch (ErrnoException e) {
            // The terminal has hung up: nobody wants input any more.
        }
    }

    /** Waits for something to read; false when nobody wants it. */
    private boolean awaitInput() {
        try (NativeArea area = NativeArea.allocate(16)) {
            long polled = area.address();
            Memory.putInt(polled, hostIn);
            Memory.putInt(polled + 4, PollEvents.POLLIN);
            Memory.putInt(polled + 8, stop);
            Memory.putInt(polled + 12, PollEvents.POLLIN);
            while (!ending) {
                if (Syscall.call(POLL, polled, 2, -1) > 0 && Memory.getShort(polled + 6) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    private void write(byte[] data, int length, WaitEntry entry) throws ErrnoException {
        KernelBuffer source = KernelBuffer.of(data, 0, length);
        while (source.remaining() > 0 && !ending) {
            if (master.write(null, source) != FileDescription.WOULD_BLOCK) {
                continue;
            }
            inputSleeper.prepare();
            master.addWaiter(entry, PollEvents.POLLOUT);
            try {
                if (master.poll(PollEvents.POLLOUT) == 0 && !ending) {
                    inputSleeper.sleep(Sleeper.FOREVER, false);
                }
            } finally {
                master.removeWaiter(entry);
            }
        }
    }

    private void relayOutput() {
        WaitEntry entry = new WaitEntry(outputSleeper);
        byte[] data = new byte[CHUNK];
        try (NativeArea area = NativeArea.allocate(CHUNK)) {
            outputSleeper.prepare();
            master.addWaiter(entry, PollEvents.POLLIN | PollEvents.POLLHUP);
            for (;;) {
                outputSleeper.prepare();
                boolean last = ending; // asked before reading: what was written before it is read below
                int n = read(data);
                if (n > 0) {
                    Memory.copy(data, 0, area.address(), n);
                    if (!send(area.address(), n)) {
                        return;
                    }
                } else if (last) {
                    return;
                } else {
                    outputSleeper.sleep(Sleeper.FOREVER, false);
                }
            }
        }
    }

    /** Bytes from the master; none also while no program has the terminal open. */
    private int read(byte[] data) {
        try {
            return (int) master.read(null, KernelBuffer.of(data, 0, data.length));
        } catch (ErrnoException e) {
            return 0;
        }
    }

    private boolean send(long address, int length) {
        int done = 0;
        while (done < length) {
            long n = Syscall.call(WRITE, hostOut, address + done, length - done);
            if (n == -EAGAIN) {
                awaitOutput();
            } else if (n < 0 && n != -EINTR) {
                return false;
            } else if (n > 0) {
                done += (int) n;
            }
        }
        return true;
    }

    private void awaitOutput() {
        try (NativeArea area = NativeArea.allocate(8)) {
            Memory.putInt(area.address(), hostOut);
            Memory.putInt(area.address() + 4, PollEvents.POLLOUT);
            Syscall.call(POLL, area.address(), 1, -1);
        }
    }
}
