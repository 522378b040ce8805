/**
 * The network of a sandbox: one {@link sentry.core.net.NetStack} for each network namespace.
 *
 * <p>Above are the sockets ({@code InetSocket} and its kinds: options, addresses, backlogs, readiness), below is a {@code
 * Transport} that carries streams and datagrams; between them {@code PortTable} says who has which port. So far the only
 * transport is {@code Loopback}, by which everything sent is received at once. A stack with packets and interfaces takes its
 * place behind {@code Transport} and {@code StreamLink}.
 *
 * <p>Lock order: a listener's monitor, a connection's monitor, {@code PortTable}'s monitor, wait queues. Two connections'
 * monitors are never held together: what one end does to the other is a call made without a lock.
 */
package sentry.core.net;
