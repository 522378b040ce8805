package sentry.core.tty;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;

/** The master side of a pseudo-terminal (pty(7), ioctl_tty(2)). */
public final class PtyMaster extends TtySide {
    /** What the pair belongs to. */
    public interface Owner {
        /** Opens the terminal side with {@code flags}, for TIOCGPTPEER. */
        FileDescription openTerminal(PtyMaster master, int flags, Task task) throws ErrnoException;

        /** The master is closed: the terminal's number is free. */
        void closed(Tty tty);
    }

    private final Owner owner;
    private final Object writing = new Object();

    public PtyMaster(Tty tty, VfsPath path, int flags, Owner owner) {
        super(tty, path, flags, true);
        this.owner = owner;
    }

    public Tty tty() {
        return tty;
    }

    /** Signals the terminal's foreground process group. */
    public void signalForeground(int signo) {
        JobControl.signalForeground(tty, signo);
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        int length = (int) Math.min(target.remaining(), CHUNK);
        if (length == 0) {
            return 0;
        }
        byte[] data = new byte[length];
        int n = tty.toMaster(data, length);
        if (n < 0) {
            throw Errno.EIO.error();
        }
        return n == 0 ? WOULD_BLOCK : target.put(data, 0, n);
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        synchronized (writing) {
            long done = 0;
            while (source.remaining() > 0) {
                int room = (int) Math.min(Math.min(tty.masterRoom(), CHUNK), source.remaining());
                if (room == 0) {
                    return done == 0 ? WOULD_BLOCK : done;
                }
                byte[] data = new byte[room];
                int n = source.get(data, 0, room);
                if (n == 0) {
                    return done;
                }
                tty.fromMaster(data, n);
                done += n;
            }
            return done;
        }
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case TtyIoctl.TIOCGPTN -> task.memory().putInt(argument, tty.index());
            case TtyIoctl.TIOCSPTLCK -> tty.setLocked(task.memory().getInt(argument) != 0);
            case TtyIoctl.TIOCGPTLCK -> task.memory().putInt(argument, tty.locked() ? 1 : 0);
            case TtyIoctl.TIOCPKT -> tty.setPacketMode(task.memory().getInt(argument) != 0);
            case TtyIoctl.TIOCGPKT -> task.memory().putInt(argument, tty.packetMode() ? 1 : 0);
            case TtyIoctl.TIOCGPTPEER -> {
                return openPeer(task, (int) argument);
            }
            case TtyIoctl.TIOCSIG -> {
                int signo = (int) argument;
                if (signo != Signal.SIGINT && signo != Signal.SIGQUIT && signo != Signal.SIGTSTP) {
                    throw Errno.EINVAL.error();
                }
                JobControl.signalForeground(tty, signo);
            }
            default -> {
                return super.ioctl(task, command, argument);
            }
        }
        return 0;
    }

    private long openPeer(Task task, int flags) throws ErrnoException {
        FileDescription terminal = owner.openTerminal(this, flags, task);
        boolean installed = false;
        try {
            boolean closeOnExec = (flags & sentry.core.abi.Fcntl.O_CLOEXEC) != 0;
            int fd = task.fds().install(terminal, 0, closeOnExec, task.group().rlimit(sentry.core.abi.Resource.RLIMIT_NOFILE));
            installed = true;
            return fd;
        } finally {
            if (!installed) {
                terminal.release();
            }
        }
    }

    @Override
    public int poll(int mask) {
        return tty.masterPoll(mask);
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        tty.masterQueue.add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        tty.masterQueue.remove(entry);
    }

    @Override
    protected void closed() {
        owner.closed(tty);
        tty.masterClosed();
    }
}
