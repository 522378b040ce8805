package sentry.core.fs.host;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/**
 * ioctl(2) on descriptors of the host: terminal settings and window sizes go to the host, by name, with structures of
 * known size. Job control does not: the host's terminal belongs to the host's session.
 */
final class HostTerminal {
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TCSETSF = 0x5404;
    private static final int TCSBRK = 0x5409;
    private static final int TCXONC = 0x540a;
    private static final int TCFLSH = 0x540b;
    private static final int TIOCOUTQ = 0x5411;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int FIONREAD = 0x541b;
    private static final int TCGETS2 = 0x802c542a;
    /** Bytes of struct termios as the kernel has it. */
    private static final int TERMIOS = 36;
    /** Bytes of struct termios2: two speeds more. */
    private static final int TERMIOS2 = 44;

    private static final int WINSIZE = 8;
    private static final int USUAL_SPEED = 38400;

    private HostTerminal() {}

    static long hostIoctl(int fd, int command, long argument) {
        return Syscall.call(16, fd, command, argument);
    }

    static long ioctl(Task task, HostInode file, int command, long argument) throws ErrnoException {
        boolean terminal = file.kind() == HostInode.Kind.TERMINAL;
        int fd = file.fd();
        try (NativeArea area = NativeArea.allocate(64)) {
            long a = area.address();
            switch (command) {
                case FIONREAD -> {
                    Errno.check(hostIoctl(fd, command, a));
                    task.memory().putInt(argument, Memory.getInt(a));
                    return 0;
                }
                case TCGETS, TIOCGWINSZ, TIOCOUTQ -> {
                    requireTerminal(terminal);
                    Errno.check(hostIoctl(fd, command, a));
                    int size = command == TCGETS ? TERMIOS : command == TIOCGWINSZ ? WINSIZE : 4;
                    out(task, a, argument, size);
                    return 0;
                }
                case TCGETS2 -> {
                    requireTerminal(terminal);
                    Errno.check(hostIoctl(fd, TCGETS, a));
                    Memory.putInt(a + TERMIOS, USUAL_SPEED);
                    Memory.putInt(a + TERMIOS + 4, USUAL_SPEED);
                    out(task, a, argument, TERMIOS2);
                    return 0;
                }
                case TCSETS, TCSETS + 1, TCSETSF, TIOCSWINSZ -> {
                    requireTerminal(terminal);
                    byte[] b = new byte[command == TIOCSWINSZ ? WINSIZE : TERMIOS];
                    task.memory().read(argument, b, 0, b.length);
                    Memory.copy(b, 0, a, b.length);
                    return Errno.check(hostIoctl(fd, command, a));
                }
                case TCSBRK, TCXONC, TCFLSH -> {
                    requireTerminal(terminal);
                    return Errno.check(hostIoctl(fd, command, argument));
                }
                default -> throw Errno.ENOTTY.error();
            }
        }
    }

    private static void requireTerminal(boolean terminal) throws ErrnoException {
        if (!terminal) {
            throw Errno.ENOTTY.error();
        }
    }

    private static void out(Task task, long from, long address, int size) throws ErrnoException {
        byte[] b = new byte[size];
        Memory.copy(from, b, 0, size);
        task.memory().write(address, b, 0, size);
    }
}
