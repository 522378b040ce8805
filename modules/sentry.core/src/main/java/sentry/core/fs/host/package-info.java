/**
 * Files that are descriptors of the host, donated at the start: standard input, output and error.
 *
 * <p>The Sentry must never be stuck in a host call, and O_NONBLOCK must not be set on a description that other processes
 * share. So a transfer asks the host not to wait where it can ({@code RWF_NOWAIT}), and looks with poll(2) first where it
 * cannot. {@link sentry.core.fs.host.HostPoller} tells sleepers when the host has something.
 *
 * <p>Lock order: a file's monitor, then the poller's; both are outside wait queues.
 */
package sentry.core.fs.host;
