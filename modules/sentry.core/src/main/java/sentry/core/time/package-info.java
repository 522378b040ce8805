/**
 * Time: the clocks that programs see, kernel timers, interval timers and POSIX timers.
 *
 * <p>Deadlines inside the kernel are {@link java.lang.System#nanoTime} values, which on Linux is CLOCK_MONOTONIC of the
 * host and therefore also what the program's vDSO reads.
 *
 * <p>Lock order: a process's timer lock is inside the task-set lock and outside the signal lock. The timer heap's
 * monitor is a leaf; timers fire with no lock held.
 */
package sentry.core.time;
