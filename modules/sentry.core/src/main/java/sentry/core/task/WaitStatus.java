package sentry.core.task;

/** How a process ended or changed state, as wait(2) reports it. */
public record WaitStatus(int raw) {
    /** The process stopped or went on, said in the low bits. */
    static final int STOPPED = 0x7f;

    static final int CONTINUED = 0xffff;
    private static final int CORE = 0x80;

    public static WaitStatus exit(int code) {
        return new WaitStatus((code & 0xff) << 8);
    }

    public static WaitStatus killed(int signal, boolean core) {
        return new WaitStatus(signal | (core ? CORE : 0));
    }

    public boolean exited() {
        return (raw & 0x7f) == 0;
    }

    /** What the process gave to exit(2). */
    public int code() {
        return raw >>> 8 & 0xff;
    }

    /** The signal that ended the process; 0 when it exited. */
    public int signal() {
        return raw & 0x7f;
    }

    public boolean coreDumped() {
        return (raw & CORE) != 0;
    }

    /** The exit code that a shell reports: the program's own, or 128 and the signal. */
    public int shellCode() {
        return exited() ? code() : 128 + signal();
    }
}
