/**
 * Files without a name: eventfd(2), timerfd_create(2), signalfd(2), memfd_create(2), and the home of the like.
 *
 * <p>Each file's monitor guards it; wait queues are notified after it is let go.
 */
package sentry.core.fs.anon;
