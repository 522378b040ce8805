/**
 * POSIX message queues (mq_overview(7)) as files of the mqueue filesystem, of which each IPC namespace has one.
 *
 * <p>Lock order: a directory's monitor, then a queue's monitor, under which nothing else is called.
 */
package sentry.core.fs.mqueue;
