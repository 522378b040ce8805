package runsc.cli.control;

/** Who in a container gets a signal. Over a connection that has started a process with EXEC, that one is meant by INIT. */
public enum SignalTarget {
    /** The init process. */
    INIT,
    /** Every process. */
    ALL,
    /** The foreground process group of the terminal; without a terminal the init process. */
    FOREGROUND
}
