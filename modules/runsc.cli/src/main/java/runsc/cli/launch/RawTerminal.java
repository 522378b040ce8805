package runsc.cli.launch;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;

/**
 * Our terminal in raw mode (cfmakeraw(3)) while a sandbox with a terminal of its own uses it: line editing, echo and
 * signals from the keyboard are the sandbox's business then. Closing puts the old settings back.
 */
final class RawTerminal implements AutoCloseable {
    private static final int IOCTL = 16;
    private static final int TCGETS = 0x5401;
    private static final int TCSETSW = 0x5403;
    /** struct termios of the kernel: four words of flags, the line discipline, 19 control characters. */
    private static final int SIZE = 36;

    private static final int INPUT = 0;
    private static final int OUTPUT = 4;
    private static final int CONTROL = 8;
    private static final int LOCAL = 12;
    private static final int CHARACTERS = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;
    /** IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON. */
    private static final int INPUT_OFF = 1 | 2 | 8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private static final int OPOST = 1;
    /** CSIZE PARENB. */
    private static final int CONTROL_OFF = 0x30 | 0x100;
    private static final int CS8 = 0x30;
    /** ISIG ICANON ECHO ECHONL IEXTEN. */
    private static final int LOCAL_OFF = 1 | 2 | 8 | 0x40 | 0x8000;

    private final int fd;
    private final NativeArea before;

    private RawTerminal(int fd, NativeArea before) {
        this.fd = fd;
        this.before = before;
    }

    /** Changes the terminal at {@code fd}; does nothing, now and at the end, when there is none. */
    static RawTerminal enter(int fd) {
        NativeArea before = NativeArea.allocate(SIZE);
        if (Syscall.failed(Syscall.call(IOCTL, fd, TCGETS, before.address()))) {
            before.close();
            return new RawTerminal(-1, null);
        }
        setRaw(fd, before);
        return new RawTerminal(fd, before);
    }

    /** Changes the terminal at {@code fd} for good. */
    static void make(int fd) {
        try (NativeArea now = NativeArea.allocate(SIZE)) {
            if (!Syscall.failed(Syscall.call(IOCTL, fd, TCGETS, now.address()))) {
                setRaw(fd, now);
            }
        }
    }

    private static void setRaw(int fd, NativeArea before) {
        try (NativeArea raw = NativeArea.allocate(SIZE)) {
            long a = raw.address();
            Memory.copy(before.address(), a, SIZE);
            Memory.putInt(a + INPUT, Memory.getInt(a + INPUT) & ~INPUT_OFF);
            Memory.putInt(a + OUTPUT, Memory.getInt(a + OUTPUT) & ~OPOST);
            Memory.putInt(a + CONTROL, Memory.getInt(a + CONTROL) & ~CONTROL_OFF | CS8);
            Memory.putInt(a + LOCAL, Memory.getInt(a + LOCAL) & ~LOCAL_OFF);
            Memory.putByte(a + CHARACTERS + VTIME, (byte) 0);
            Memory.putByte(a + CHARACTERS + VMIN, (byte) 1);
            Syscall.call(IOCTL, fd, TCSETSW, a);
        }
    }

    @Override
    public void close() {
        if (before != null) {
            Syscall.call(IOCTL, fd, TCSETSW, before.address());
            before.close();
        }
    }
}
