package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns signals into bytes on a pipe, so that a thread can wait for them with poll(2) beside other things.
 *
 * <p>signalfd(2) would need the signals blocked in every thread of the virtual machine, and {@code sun.misc.Signal}
 * would load a thread and a module. The handler is a few bytes of machine code instead: it writes the signal's number
 * to the pipe and touches nothing else. It replaces the virtual machine's own handlers for these signals.
 */
public final class SignalPipe {
    private static final long SA_RESTORER = 0x04000000L;
    private static final long SA_RESTART = 0x10000000L;
    private static final int O_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int RESTORER = 0x17;

    private final int fd;

    private SignalPipe(int fd) {
        this.fd = fd;
    }

    /** The end to poll and read from; each byte is a signal's number. Never blocks, closed by execve. */
    public int fd() {
        return fd;
    }

    /** Redirects {@code signals}. There is no way back; signals that were ignored when we were started stay ignored. */
    public static SignalPipe open(int... signals) throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 8);
            HostException.check("pipe2", Syscall.call(293, pair.address(), O_CLOEXEC_NONBLOCK));
            int readEnd = pair.get(ValueLayout.JAVA_INT, 0);
            int writeEnd = pair.get(ValueLayout.JAVA_INT, 4);
            long code = CodePage.of(handler(writeEnd)).address();
            MemorySegment action = arena.allocate(32, 8);
            MemorySegment old = arena.allocate(32, 8);
            action.set(ValueLayout.JAVA_LONG, 0, code);
            action.set(ValueLayout.JAVA_LONG, 8, SA_RESTORER | SA_RESTART);
            action.set(ValueLayout.JAVA_LONG, 16, code + RESTORER);
            for (int signal : signals) {
                Syscall.call(13, signal, 0, old.address(), 8);
                if (old.get(ValueLayout.JAVA_LONG, 0) != 1) { // SIG_IGN: nohup(1) wants it so
                    HostException.check("sigaction", Syscall.call(13, signal, action.address(), 0, 8));
                }
            }
            return new SignalPipe(readEnd);
        }
    }

    private static byte[] handler(int fd) {
        return new byte[] {
            0x57, // push rdi                      the signal's number
            (byte) 0xb8, 1, 0, 0, 0, // mov eax, SYS_write
            (byte) 0xbf, (byte) fd, (byte) (fd >> 8), (byte) (fd >> 16), (byte) (fd >> 24), // mov edi, fd
            0x48, (byte) 0x89, (byte) 0xe6, // mov rsi, rsp
            (byte) 0xba, 1, 0, 0, 0, // mov edx, 1
            0x0f, 0x05, // syscall
            0x5f, // pop rdi
            (byte) 0xc3, // ret
            // restorer:
            (byte) 0xb8, 15, 0, 0, 0, // mov eax, SYS_rt_sigreturn
            0x0f, 0x05, // syscall
        };
    }
}
