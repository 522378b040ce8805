package sentry.core.platform;

import sentry.core.arch.FpState;
import sentry.core.arch.Registers;

/**
 * One task's flow of control in the program. All methods but {@link #interrupt} are for the task's own thread.
 *
 * <p>Hot path: a platform allocates nothing in {@link #switchTo}.
 */
public interface Context {
    /** Why the program came back. */
    enum Exit {
        /**
         * The program executed a system call instruction; {@link Registers#syscallNumber} has the number, the
         * instruction pointer stands behind the instruction. The call was not made.
         */
        SYSCALL,
        /** The processor raised an exception; {@link Context#fault} describes it. */
        FAULT,
        /** {@link Context#interrupt} was called, or the host had a reason of its own. May be spurious. */
        INTERRUPTED,
        /** What carried the program is gone (killed from outside). The task must end with SIGKILL. */
        LOST
    }

    /** The registers to run with; filled when {@link #switchTo} returns. */
    Registers registers();

    /**
     * The floating-point state, made current. After writing to it call {@link FpState#changed}.
     * Any call of {@link #switchTo} makes what was returned stale.
     */
    FpState fpState();

    /**
     * Runs the program in {@code space} with {@link #registers} until it needs the kernel.
     *
     * @param singleStep come back after one instruction, as a {@link Exit#FAULT} with SIGTRAP
     */
    Exit switchTo(AddressSpace space, boolean singleStep);

    /** What happened; valid after {@link Exit#FAULT} until the next switch. */
    Fault fault();

    /**
     * Makes the running {@link #switchTo}, or if none runs the next one, return {@link Exit#INTERRUPTED} soon. From any
     * thread.
     */
    void interrupt();

    /** Whether {@link #answers} is of use. */
    default boolean answersCalls() {
        return false;
    }

    /**
     * The first {@code count} of {@code numbers} are system calls without arguments whose results are {@code values} until
     * this method is called again; the platform may answer them without coming back. All others must come back, and
     * none is answered before the first call of this method.
     */
    default void answers(int[] numbers, long[] values, int count) {}

    /**
     * Whether {@link #debugRegisters} is of use. Asked of a context that has run.
     */
    default boolean hasDebugRegisters() {
        return false;
    }

    /**
     * Breakpoints of the processor from the next switch on, until this method is called again. One that is hit is a
     * {@link Exit#FAULT} with SIGTRAP and {@link Fault#breakpoints}.
     *
     * @param values DR0 to DR3 and DR7 with legal kinds and addresses below {@link PlatformTraits#maxAddress}; null for none
     */
    default void debugRegisters(long[] values) {}

    /** A hint that the task is about to sleep in the kernel. */
    default void sleeping() {}

    /** A hint that the task woke up in the kernel and will run again. */
    default void waking() {}

    /**
     * The host CPU that the platform has bound the task to, -1 when it is not bound. Helpers that work while the task
     * waits for them do so sooner on the same one.
     */
    default int cpu() {
        return -1;
    }

    /**
     * Ends the flow of control and gives back what carried it. Called by the thread that used the context; afterwards
     * the thread may serve another one.
     */
    void release();
}
