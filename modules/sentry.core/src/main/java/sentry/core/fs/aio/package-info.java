/**
 * Linux aio (io_setup(2)): contexts of an address space, and their queues of completed requests. Reads, writes and syncs are
 * done when they are submitted, as Linux does them for files that are not opened with O_DIRECT; polls complete later.
 *
 * <p>Lock order: a context's monitor is a leaf; it is taken with a file's wait queue locked.
 */
package sentry.core.fs.aio;
