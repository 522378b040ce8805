package runsc.cli.control;

/** The frames' types; the code is what is sent. */
public enum MessageType {
    /** Command to Sentry or gofer, once: what to do, with descriptors. */
    CONFIGURE(1),
    /** Command to Sentry: run the program. */
    START(2),
    /** Command to Sentry: u32 signal, u8 {@link SignalTarget}. */
    SIGNAL(3),
    /** Command to Sentry: answer with EXITED when the program has ended. */
    WAIT(4),
    /** Command to Sentry: what was to be taken from it is taken, it may begin. */
    CONFINED(5),
    /** Sentry to command: it and the gofer have opened all that they need; take the rest away. */
    BUILT(68),
    /**
     * Command to Sentry: run another program; a process, u32 count and for each of its descriptors u8 0 or 1 whether it is
     * there; those that are come along. Answered with STARTED and, when it has ended, EXITED. It is killed when the connection
     * closes before.
     */
    EXEC(6),
    /** Command to Sentry: hold all processes. */
    PAUSE(7),
    /** Command to Sentry: let them go on. */
    RESUME(8),
    /** Command to Sentry: answer with PROCESSES. */
    LIST(9),
    /** Sentry to command: the container is made, the program has not begun. */
    CREATED(64),
    /** Sentry to command: done. */
    OK(65),
    /** Sentry or gofer to command: string, what went wrong. */
    FAILED(66),
    /** Sentry to command: u32 exit code, 128+n for signal n. */
    EXITED(67),
    /** Sentry to command: u32 process id inside. */
    STARTED(69),
    /** Sentry to command: u32 count; for each u32 uid, pid, parent, u64 start in ms since 1970, CPU time in ns, string name. */
    PROCESSES(70);

    private final int code;

    MessageType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The type of that code, or null. */
    static MessageType of(int code) {
        return switch (code) {
            case 1 -> CONFIGURE;
            case 2 -> START;
            case 3 -> SIGNAL;
            case 4 -> WAIT;
            case 5 -> CONFINED;
            case 6 -> EXEC;
            case 7 -> PAUSE;
            case 8 -> RESUME;
            case 9 -> LIST;
            case 64 -> CREATED;
            case 65 -> OK;
            case 66 -> FAILED;
            case 67 -> EXITED;
            case 68 -> BUILT;
            case 69 -> STARTED;
            case 70 -> PROCESSES;
            default -> null;
        };
    }
}
