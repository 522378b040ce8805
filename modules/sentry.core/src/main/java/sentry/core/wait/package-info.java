/**
 * Sleeping and waking: the one mechanism behind every call that blocks.
 *
 * <p>A task registers a {@link sentry.core.wait.WaitEntry} on one or more {@link sentry.core.wait.WaitQueue}s, checks
 * its condition again, and sleeps in {@link sentry.core.wait.Sleeper}; whoever changes the condition notifies the
 * queue. Sleeping ends by a notification, by an interrupt (a signal, a stop, the end of the task) or by a deadline.
 *
 * <p>Lock order: a queue's own monitor is a leaf but for what {@link sentry.core.wait.WaitEntry#notified} does (waking
 * a sleeper, or notifying an epoll's queue, which nests one level per epoll). Queues may be notified with any other
 * kernel lock held.
 */
package sentry.core.wait;
