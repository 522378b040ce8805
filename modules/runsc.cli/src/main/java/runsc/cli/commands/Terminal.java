package runsc.cli.commands;

import host.linux.Syscall;
import java.lang.foreign.Arena;

/** Terminals: termios(3). */
final class Terminal {
    private static final int TCGETS = 0x5401;

    private Terminal() {}

    /** isatty(3). */
    static boolean isTerminal(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return !Syscall.failed(Syscall.call(16, fd, TCGETS, arena.allocate(64, 8).address()));
        }
    }
}
