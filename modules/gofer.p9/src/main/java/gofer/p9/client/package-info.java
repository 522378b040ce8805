/**
 * A 9P2000.L client.
 *
 * <p>{@link gofer.p9.client.Client} has a method for each request; it may be used by any number of threads, each of which
 * blocks until its own reply is there. {@code Client} speaks the base protocol to any server, and the requests of our
 * extension when the server knows it ({@link gofer.p9.client.Client#extended}):
 *
 * <pre>
 * Client client = Client.connect(socketFd, Protocol.DEFAULT_MSIZE);
 * int root = client.newFid();
 * client.attach(root, "", "");
 * Walked found = client.walkx(new Names(root), Protocol.NOFID, 0, "etc", "hostname");
 * int fd = client.openx(new Names(root, "etc", "hostname"), Protocol.NOFID, Files.O_RDONLY).fd();
 * </pre>
 *
 * <p>Threads and wake-ups. There is no reader thread. A thread that waits and finds nobody receiving becomes the leader:
 * it receives, hands other threads their replies, and when it has its own it wakes one of the waiting to lead. A lone
 * caller therefore costs one send and one receive and no hand-over between threads.
 *
 * <p>Nothing the server says is believed: sizes, tags, types, counts, names and donated descriptors are checked, and what
 * is wrong ends the connection. When it has ended, for whatever reason, every call fails with EIO.
 *
 * <p>Lock order: the send lock is a leaf; the pool's monitor is a leaf; the leader holds neither while it receives.
 */
package gofer.p9.client;
