package sentry.syscalls;

import sentry.core.memory.ProgramBuffer;
import sentry.core.vfs.Stat;

/** What a system call needs for its duration only; one set per thread, so that calls allocate nothing. */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int BYTES = 512;

    final Stat stat = new Stat();
    /** For structures on their way to or from the program. */
    final byte[] bytes = new byte[BYTES];

    final ProgramBuffer buffer = new ProgramBuffer();
    final DirentWriter dirents = new DirentWriter();

    private Scratch() {}

    static Scratch get() {
        return OF_THREAD.get();
    }
}
