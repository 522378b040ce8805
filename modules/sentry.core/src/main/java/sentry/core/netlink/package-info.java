/** Netlink sockets (netlink(7)): what programs ask of the kernel about the network. Locks: a socket's monitor, wait queues. */
package sentry.core.netlink;
