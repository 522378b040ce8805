package sentry.core.task;

import sentry.core.abi.Signal;

/**
 * The arguments of clone(2), clone3(2), fork(2) and vfork(2).
 *
 * @param flags CLONE_ flags, without the exit signal
 * @param exitSignal what the parent gets at the end, or 0
 * @param stackPointer initial stack pointer; 0: the parent's
 * @param pidfd where the pidfd goes
 * @param parentTid where the child's id goes in the parent's memory
 * @param childTid where it goes in the child's memory
 * @param tls the thread pointer for CLONE_SETTLS
 * @param cgroup descriptor of the cgroup for CLONE_INTO_CGROUP
 * @param setTid a wished-for id by namespace, innermost first; null: none
 */
public record CloneArgs(
        long flags,
        int exitSignal,
        long stackPointer,
        long pidfd,
        long parentTid,
        long childTid,
        long tls,
        int[] setTid,
        int cgroup) {

    public static CloneArgs fork() {
        return new CloneArgs(0, Signal.SIGCHLD, 0, 0, 0, 0, 0, null, 0);
    }

    boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
