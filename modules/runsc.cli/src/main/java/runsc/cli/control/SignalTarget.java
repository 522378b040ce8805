package runsc.cli.control;

/** Who in a container gets a signal. */
public enum SignalTarget {
    /** The init process. */
    INIT,
    /** Every process. */
    ALL,
    /** The foreground process group of the terminal; without a terminal the init process. */
    FOREGROUND
}
