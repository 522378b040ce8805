/**
 * Sockets: what all families share ({@link sentry.core.socket.Socket}, options of level SOL_SOCKET, the registry of families),
 * and those of the Unix domain (unix(7)). The Internet families are in {@code sentry.core.net}, netlink in {@code
 * sentry.core.netlink}.
 *
 * <p>Lock order (outer first): {@link sentry.core.socket.UnixSocket}'s lock of links (who is connected to whom), one
 * socket's monitor (its queue), wait queues. Program memory is read and written with a socket's monitor held.
 */
package sentry.core.socket;
