package sentry.syscalls;

import sentry.core.abi.Sockets;
import sentry.core.memory.ProgramBuffer;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Received;
import sentry.core.vfs.Stat;

/** What a system call needs for its duration only; one set per thread, so that calls allocate nothing. */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int BYTES = 512;

    final Stat stat = new Stat();
    /** For structures on their way to or from the program. */
    final byte[] bytes = new byte[BYTES];

    /** A socket's address. */
    final byte[] name = new byte[Sockets.ADDRESS];

    final Outgoing outgoing = new Outgoing();
    final Received received = new Received();
    final ProgramBuffer buffer = new ProgramBuffer();
    final DirentWriter dirents = new DirentWriter();

    private Scratch() {}

    static Scratch get() {
        return OF_THREAD.get();
    }
}
