/**
 * Sockets. So far of the Unix domain only (unix(7)); other families are answered with EAFNOSUPPORT.
 *
 * <p>Lock order (outer first): {@link sentry.core.socket.UnixSocket}'s lock of links (who is connected to whom), one
 * socket's monitor (its queue), wait queues. Program memory is written with a socket's monitor held, never read.
 */
package sentry.core.socket;
