package sentry.core.tty;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.memory.UserMemory;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** What open files of both sides of a terminal have in common: the ioctls of tty_ioctl(4). */
abstract class TtySide extends FileDescription {
    /** The most that one call moves. */
    static final int CHUNK = 4096;

    final Tty tty;
    private final boolean master;

    TtySide(Tty tty, VfsPath path, int flags, boolean master) {
        super(path, flags);
        this.tty = tty;
        this.master = master;
    }

    @Override
    public final boolean pollable() {
        return true;
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        UserMemory memory = task.memory();
        switch (command) {
            case TtyIoctl.TCGETS -> write(memory, argument, tty.settings(false));
            case TtyIoctl.TCGETS2 -> write(memory, argument, tty.settings(true));
            case TtyIoctl.TCSETS, TtyIoctl.TCSETSW, TtyIoctl.TCSETSF -> setSettings(
                    task, argument, false, command == TtyIoctl.TCSETSF);
            case TtyIoctl.TCSETS2, TtyIoctl.TCSETSW2, TtyIoctl.TCSETSF2 -> setSettings(
                    task, argument, true, command == TtyIoctl.TCSETSF2);
            case TtyIoctl.TCGETA -> write(memory, argument, tty.currentSettings().oldBytes());
            case TtyIoctl.TCSETA, TtyIoctl.TCSETAW, TtyIoctl.TCSETAF -> {
                byte[] in = read(memory, argument, Termios.OLD_SIZE);
                requireForeground(task);
                tty.setSettings(Termios.parseOld(in, tty.currentSettings()), command == TtyIoctl.TCSETAF);
            }
            case TtyIoctl.TIOCGLCKTRMIOS -> write(memory, argument, tty.settingsLock().bytes(false));
            case TtyIoctl.TIOCSLCKTRMIOS -> {
                requireAdministrator(task);
                tty.setSettingsLock(Termios.parse(read(memory, argument, Termios.SIZE), false, tty.settingsLock()));
            }
            case TtyIoctl.TIOCGSOFTCAR -> memory.putInt(
                    argument, (tty.currentSettings().cflag & Termios.CLOCAL) != 0 ? 1 : 0);
            case TtyIoctl.TIOCSSOFTCAR -> tty.setClocal(memory.getInt(argument) != 0);
            case TtyIoctl.TIOCGWINSZ -> write(memory, argument, tty.size().bytes());
            case TtyIoctl.TIOCSWINSZ -> tty.setSize(WindowSize.parse(read(memory, argument, WindowSize.SIZE)));
            case TtyIoctl.TIOCGPGRP -> memory.putInt(argument, JobControl.foreground(tty, task, master));
            case TtyIoctl.TIOCSPGRP -> JobControl.setForeground(tty, task, argument);
            case TtyIoctl.TIOCGSID -> memory.putInt(argument, JobControl.session(tty, task, master));
            case TtyIoctl.TIOCSCTTY -> {
                if (master) {
                    throw Errno.ENOTTY.error();
                }
                JobControl.acquire(tty, task, argument == 1);
            }
            case TtyIoctl.TIOCNOTTY -> {
                if (master) {
                    throw Errno.ENOTTY.error();
                }
                JobControl.giveUp(tty, task);
            }
            case TtyIoctl.TCFLSH -> {
                requireForeground(task);
                int which = (int) argument;
                if (which < TtyIoctl.TCIFLUSH || which > TtyIoctl.TCIOFLUSH) {
                    throw Errno.EINVAL.error();
                }
                tty.flush(which != (master ? TtyIoctl.TCIFLUSH : TtyIoctl.TCOFLUSH), which != (master ? TtyIoctl.TCOFLUSH : TtyIoctl.TCIFLUSH));
            }
            case TtyIoctl.TCXONC -> flowControl(task, (int) argument);
            case TtyIoctl.TCSBRK, TtyIoctl.TCSBRKP -> requireForeground(task); // nothing waits on the line: it is drained
            case TtyIoctl.TIOCSBRK, TtyIoctl.TIOCCBRK -> {} // a pseudo-terminal has no line to break
            case TtyIoctl.TIOCEXCL -> tty.setExclusive(true);
            case TtyIoctl.TIOCNXCL -> tty.setExclusive(false);
            case TtyIoctl.TIOCGEXCL -> memory.putInt(argument, tty.exclusive() ? 1 : 0);
            case TtyIoctl.TIOCOUTQ -> memory.putInt(argument, 0);
            case TtyIoctl.FIONREAD -> memory.putInt(argument, master ? tty.outputAvailable() : tty.inputAvailable());
            case TtyIoctl.TIOCGETD -> memory.putInt(argument, 0);
            case TtyIoctl.TIOCSETD -> {
                if (memory.getInt(argument) != 0) {
                    throw Errno.EINVAL.error(); // there is one line discipline, N_TTY
                }
            }
            case TtyIoctl.TIOCGDEV -> memory.putInt(argument, (int) tty.device());
            case TtyIoctl.TIOCSTI -> {
                if (task.group().terminal() != tty && !task.credentials().capable(Capability.SYS_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                tty.inject(memory.getByte(argument));
            }
            case TtyIoctl.TIOCVHANGUP -> {
                requireAdministrator(task);
                tty.hangUp();
            }
            case TtyIoctl.TIOCCONS -> {
                requireAdministrator(task);
                throw Errno.EBUSY.error(); // the container's console is redirected already: to the host's
            }
            case TtyIoctl.TIOCSSERIAL -> {
                memory.getInt(argument);
                throw Errno.ENOTTY.error(); // it has no serial line
            }
            default -> throw Errno.ENOTTY.error();
        }
        return 0;
    }

    private void setSettings(Task task, long argument, boolean two, boolean flush) throws ErrnoException {
        byte[] in = read(task.memory(), argument, two ? Termios.SIZE2 : Termios.SIZE);
        requireForeground(task);
        tty.setSettings(Termios.parse(in, two, tty.currentSettings()), flush);
    }

    private static void requireAdministrator(Task task) throws ErrnoException {
        if (!task.credentials().capable(Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    private void flowControl(Task task, int action) throws ErrnoException {
        requireForeground(task);
        switch (action) {
            case TtyIoctl.TCOOFF -> tty.holdBack(true);
            case TtyIoctl.TCOON -> tty.holdBack(false);
            case TtyIoctl.TCIOFF -> tty.sendToMaster(Termios.VSTOP);
            case TtyIoctl.TCION -> tty.sendToMaster(Termios.VSTART);
            default -> throw Errno.EINVAL.error();
        }
    }

    private void requireForeground(Task task) throws ErrnoException {
        if (!master) {
            JobControl.requireForeground(tty, task, Signal.SIGTTOU);
        }
    }

    private static byte[] read(UserMemory memory, long address, int length) throws ErrnoException {
        byte[] in = new byte[length];
        memory.read(address, in, 0, length);
        return in;
    }

    private static void write(UserMemory memory, long address, byte[] out) throws ErrnoException {
        memory.write(address, out, 0, out.length);
    }
}
