/**
 * inotify(7). What happens to files is told by {@link sentry.core.vfs.FileEvents}; here are the instances that queue it.
 *
 * <p>Lock order: a directory's monitor (held by whom an event comes from), an instance's monitor. The list of all marks is
 * changed with no instance's monitor held.
 */
package sentry.core.fs.notify;
