package sentry.core.tty;

import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.PollEvents;
import sentry.core.kernel.Kernel;
import sentry.core.task.ControllingTerminal;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Session;
import sentry.core.wait.WaitQueue;

/**
 * A pseudo-terminal: what its two sides share. The monitor of {@link #lock} guards everything but the session and the
 * foreground group, which the task-set lock guards.
 */
public final class Tty implements ControllingTerminal {
    /** The major number of the terminal sides (Unix98 pty slaves). */
    public static final int MAJOR = 136;
    /** What may wait between the master and the line discipline. */
    private static final int PENDING_CAPACITY = 65536;

    private static final int SIGWINCH = 28;

    private final Kernel kernel;
    private final int index;
    final Object lock = new Object();
    final Termios termios = Termios.standard();
    private final Termios settingsLock = new Termios();
    final LineDiscipline discipline = new LineDiscipline(termios, new Effects());
    final WaitQueue terminalQueue = new WaitQueue();
    final WaitQueue masterQueue = new WaitQueue();

    private final ByteQueue pending = new ByteQueue(PENDING_CAPACITY);
    private WindowSize size = WindowSize.UNKNOWN;
    /** TIOCSPTLCK: the terminal side cannot be opened yet. */
    private boolean locked = true;

    private boolean exclusive;
    private boolean masterClosed;
    private boolean everOpened;
    private int openFiles;
    /** Counts vhangup(2): files that were opened before the last one are dead. */
    private volatile int generation;

    private boolean packetMode;
    /** What the next read of the master in packet mode says. */
    private int packetStatus;
    /** Signals for the foreground group that wait for the lock to be let go, as a bit mask. */
    private long dueSignals;

    /** Guarded by the task-set lock, as is {@link #foreground}. */
    private Session session;

    private volatile ProcessGroup foreground;

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** How many pairs there are. */
    public static int count() {
        return COUNT.get();
    }

    /** A new pair; the caller opens the master. */
    public Tty(Kernel kernel, int index) {
        COUNT.incrementAndGet();
        this.kernel = kernel;
        this.index = index;
    }

    public int index() {
        return index;
    }

    Kernel kernel() {
        return kernel;
    }

    @Override
    public long device() {
        return DeviceNumber.of(MAJOR, index);
    }

    // Sides.

    boolean locked() {
        synchronized (lock) {
            return locked;
        }
    }

    void setLocked(boolean value) {
        synchronized (lock) {
            locked = value;
        }
    }

    /** Lets the terminal side be opened (unlockpt(3)). */
    public void unlock() {
        setLocked(false);
    }

    boolean exclusive() {
        synchronized (lock) {
            return exclusive;
        }
    }

    void setExclusive(boolean value) {
        synchronized (lock) {
            exclusive = value;
        }
    }

    /** Whether the master is closed: the terminal side is dead for good. */
    public boolean hungUp() {
        synchronized (lock) {
            return masterClosed;
        }
    }

    /** A file on the terminal side is opened; false when the terminal has hung up. */
    boolean opened() {
        synchronized (lock) {
            if (masterClosed) {
                return false;
            }
            openFiles++;
            everOpened = true;
            return true;
        }
    }

    int generation() {
        return generation;
    }

    /** vhangup(2): all open files on the terminal side are dead from now on, the session loses its terminal. */
    @Override
    public void hangUp() {
        synchronized (lock) {
            generation++;
            openFiles = 0;
            everOpened = false; // the master waits for the next one
            discipline.flushInput();
        }
        JobControl.virtualHangUp(this);
        terminalQueue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
        masterQueue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    /** A file that was opened in {@code generation} is closed. */
    void terminalClosed(int opened) {
        synchronized (lock) {
            if (opened != generation) {
                return;
            }
            openFiles--;
        }
        masterQueue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    /** The master is closed: the terminal hangs up. */
    void masterClosed() {
        synchronized (lock) {
            masterClosed = true;
            COUNT.decrementAndGet();
            discipline.flushInput();
            discipline.flushOutput();
            pending.clear();
        }
        JobControl.hangUp(this);
        terminalQueue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    /** Whether every file on the terminal side is closed. Under the lock. */
    private boolean abandoned() {
        return everOpened && openFiles == 0;
    }

    // Bytes.

    /** How many bytes the master may write now. */
    int masterRoom() {
        synchronized (lock) {
            return pending.room();
        }
    }

    /** Takes what the master writes; {@link #masterRoom} was asked before, by the only writer. */
    void fromMaster(byte[] data, int length) {
        synchronized (lock) {
            for (int i = 0; i < length; i++) {
                pending.add(data[i]);
            }
            pump();
        }
        settle();
    }

    private void pump() {
        while (!pending.isEmpty() && discipline.receives()) {
            discipline.receive(pending.remove());
        }
    }

    /**
     * Takes input for the program.
     *
     * @param atLeast in raw mode, how much must be there
     * @return bytes taken, 0 at an end of file, -1 when there is nothing yet
     */
    int toProgram(byte[] target, int length, int atLeast) {
        int n;
        synchronized (lock) {
            if (masterClosed) {
                return 0;
            }
            if (!discipline.readable(atLeast)) {
                return -1;
            }
            n = discipline.read(target, 0, length);
            pump();
        }
        settle();
        masterQueue.notify(PollEvents.WRITABLE);
        return n;
    }

    /** How many bytes the program may write now, whatever they become; -1 when the terminal has hung up. */
    int programRoom() {
        synchronized (lock) {
            return masterClosed ? -1 : discipline.writeRoom();
        }
    }

    /** Takes what the program writes; {@link #programRoom} was asked before, by the only writer. */
    void fromProgram(byte[] data, int length) {
        synchronized (lock) {
            for (int i = 0; i < length; i++) {
                discipline.write(data[i]);
            }
        }
        masterQueue.notify(PollEvents.READABLE);
    }

    /** Takes output for the master. Returns bytes taken, 0 when there are none, -1 when there will be none: EIO. */
    int toMaster(byte[] target, int length) {
        int n;
        synchronized (lock) {
            if (packetMode && packetStatus != 0 && length > 0) {
                target[0] = (byte) packetStatus;
                packetStatus = 0;
                return 1;
            }
            int from = packetMode ? 1 : 0;
            n = length > from ? discipline.drain(target, from, length - from) : 0;
            if (n == 0) {
                return discipline.outputSize() == 0 && abandoned() ? -1 : 0;
            }
            if (packetMode) {
                target[0] = 0;
                n++;
            }
        }
        terminalQueue.notify(PollEvents.WRITABLE);
        return n;
    }

    int terminalPoll(int mask, int atLeast) {
        synchronized (lock) {
            if (masterClosed) {
                int all = PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLRDNORM | PollEvents.POLLWRNORM;
                return mask & all | PollEvents.POLLERR | PollEvents.POLLHUP;
            }
            int ready = 0;
            if (discipline.readable(atLeast)) {
                ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }
            if (discipline.writable()) {
                ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
            }
            return ready & mask;
        }
    }

    int masterPoll(int mask) {
        synchronized (lock) {
            int ready = 0;
            if (discipline.outputSize() > 0) {
                ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }
            if (packetMode && packetStatus != 0) {
                ready |= PollEvents.POLLPRI | PollEvents.POLLIN | PollEvents.POLLRDNORM;
            }
            if (pending.room() > 0) {
                ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
            }
            return ready & mask | (abandoned() ? PollEvents.POLLHUP : 0);
        }
    }

    /** Sends the signals that input made and wakes who may go on. Without the lock. */
    void settle() {
        long due;
        boolean readable;
        boolean output;
        synchronized (lock) {
            due = dueSignals;
            dueSignals = 0;
            readable = discipline.readable(1);
            output = discipline.outputSize() > 0 || packetMode && packetStatus != 0;
        }
        if (readable) {
            terminalQueue.notify(PollEvents.READABLE);
        }
        if (output) {
            masterQueue.notify(PollEvents.READABLE | PollEvents.POLLPRI);
        }
        for (int signo = 1; due >>> signo != 0; signo++) {
            if ((due >>> signo & 1) != 0) {
                JobControl.signalForeground(this, signo);
            }
        }
    }

    /** What the line discipline asks for; called under the lock. */
    private final class Effects implements LineDiscipline.Effects {
        @Override
        public void signal(int signo) {
            dueSignals |= 1L << signo;
        }

        @Override
        public void flowChanged(boolean stopped) {
            packetStatus &= ~(TtyIoctl.TIOCPKT_STOP | TtyIoctl.TIOCPKT_START);
            note(stopped ? TtyIoctl.TIOCPKT_STOP : TtyIoctl.TIOCPKT_START);
            if (!stopped) {
                terminalQueue.notify(PollEvents.WRITABLE);
            }
        }

        @Override
        public void flushed() {
            note(TtyIoctl.TIOCPKT_FLUSHREAD | TtyIoctl.TIOCPKT_FLUSHWRITE);
            terminalQueue.notify(PollEvents.WRITABLE);
            masterQueue.notify(PollEvents.WRITABLE);
        }
    }

    /** Remembers a change for a master in packet mode. Under the lock. */
    private void note(int status) {
        if (packetMode) {
            packetStatus |= status;
        }
    }

    // Settings.

    byte[] settings(boolean two) {
        synchronized (lock) {
            return termios.bytes(two);
        }
    }

    Termios currentSettings() {
        synchronized (lock) {
            return termios.copy();
        }
    }

    /** The bits that TCSETS leaves alone (TIOCSLCKTRMIOS). */
    Termios settingsLock() {
        synchronized (lock) {
            return settingsLock.copy();
        }
    }

    void setSettingsLock(Termios value) {
        synchronized (lock) {
            settingsLock.set(value);
        }
    }

    /** TIOCSSOFTCAR: whether modem lines are ignored, of which there are none. */
    void setClocal(boolean value) {
        synchronized (lock) {
            termios.cflag = value ? termios.cflag | Termios.CLOCAL : termios.cflag & ~Termios.CLOCAL;
        }
    }

    /** @param flush throw unread input away first (TCSAFLUSH) */
    void setSettings(Termios value, boolean flush) {
        synchronized (lock) {
            if (flush) {
                flushInput();
            }
            Termios old = termios.copy();
            termios.set(value);
            termios.keepLocked(old, settingsLock);
            termios.cflag = termios.cflag & ~(Termios.CSIZE | Termios.PARENB | Termios.ADDRB) | Termios.CS8 | Termios.CREAD;
            discipline.settingsChanged(old);
            boolean stop = old.input(Termios.IXON) && old.cc[Termios.VSTOP] == 19 && old.cc[Termios.VSTART] == 17;
            boolean stops =
                    termios.input(Termios.IXON) && termios.cc[Termios.VSTOP] == 19 && termios.cc[Termios.VSTART] == 17;
            if (stop != stops) {
                packetStatus &= ~(TtyIoctl.TIOCPKT_DOSTOP | TtyIoctl.TIOCPKT_NOSTOP);
                note(stops ? TtyIoctl.TIOCPKT_DOSTOP : TtyIoctl.TIOCPKT_NOSTOP);
            }
            if (old.local(Termios.EXTPROC) || termios.local(Termios.EXTPROC)) {
                note(TtyIoctl.TIOCPKT_IOCTL);
            }
            pump();
        }
        settle();
        terminalQueue.notify(PollEvents.WRITABLE);
    }

    /** TIME and MIN when the terminal is in raw mode, as TIME &lt;&lt; 8 | MIN; -1 in canonical mode. */
    int rawTiming() {
        synchronized (lock) {
            if (termios.local(Termios.ICANON)) {
                return -1;
            }
            return (termios.cc[Termios.VTIME] & 0xff) << 8 | termios.cc[Termios.VMIN] & 0xff;
        }
    }

    boolean stopsBackgroundOutput() {
        synchronized (lock) {
            return termios.local(Termios.TOSTOP);
        }
    }

    WindowSize size() {
        synchronized (lock) {
            return size;
        }
    }

    /** Sets the size and tells the foreground group when it is another one. */
    public void setSize(WindowSize value) {
        synchronized (lock) {
            if (size.equals(value)) {
                return;
            }
            size = value;
        }
        JobControl.signalForeground(this, SIGWINCH);
    }

    int inputAvailable() {
        synchronized (lock) {
            return discipline.available();
        }
    }

    int outputAvailable() {
        synchronized (lock) {
            return discipline.outputSize();
        }
    }

    void flush(boolean input, boolean output) {
        synchronized (lock) {
            if (input) {
                flushInput();
            }
            if (output) {
                discipline.flushOutput();
                note(TtyIoctl.TIOCPKT_FLUSHWRITE);
            }
        }
        settle();
        terminalQueue.notify(PollEvents.WRITABLE);
        masterQueue.notify(PollEvents.WRITABLE);
    }

    /** Throws away what the program has not read. Under the lock. */
    private void flushInput() {
        discipline.flushInput();
        pending.clear();
        note(TtyIoctl.TIOCPKT_FLUSHREAD);
    }

    /** TCOOFF or TCOON. */
    void holdBack(boolean value) {
        synchronized (lock) {
            discipline.holdBack(value);
        }
        settle();
    }

    /** TIOCSTI: {@code c} is input, as if it had been typed. False when there is no room. */
    boolean inject(byte c) {
        synchronized (lock) {
            if (masterClosed || !discipline.receives()) {
                return false;
            }
            discipline.receive(c);
        }
        settle();
        return true;
    }

    boolean packetMode() {
        synchronized (lock) {
            return packetMode;
        }
    }

    void setPacketMode(boolean value) {
        synchronized (lock) {
            if (value && !packetMode) {
                packetStatus = 0;
            }
            packetMode = value;
        }
    }

    /** Sends a character to the terminal as if the master had written it (TCIOFF, TCION: the other way round). */
    void sendToMaster(int which) {
        synchronized (lock) {
            byte c = termios.cc[which];
            if (c != 0) {
                discipline.raw(c);
            }
        }
        settle();
    }

    // Session. Under the task-set lock.

    Session session() {
        return session;
    }

    void setSession(Session value, ProcessGroup group) {
        session = value;
        foreground = group;
    }

    @Override
    public ProcessGroup foreground() {
        return foreground;
    }

    void setForeground(ProcessGroup value) {
        foreground = value;
    }

    @Override
    public void sessionEnded(Session ended) {
        JobControl.sessionEnded(this, ended);
    }
}
