/**
 * Pipes and FIFOs (pipe(7), fifo(7)).
 *
 * <p>A {@link sentry.core.fs.pipe.Pipe}'s monitor is held while program memory is copied; queues are notified after it is
 * let go.
 */
package sentry.core.fs.pipe;
