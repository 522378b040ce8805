/**
 * The Sentry's filesystem over a gofer connection: the root of every sandbox, and its bind mounts.
 *
 * <p>A {@link gofer.p9.fs.GoferInode} is named to the server by a fid and a path below it, which it finds by going up to
 * the nearest inode that has a fid; usually that is the root alone. A file gets a fid of its own when its last name goes
 * away while it is in use, and with {@link gofer.p9.fs.CachePolicy#SHARED} while it is open. So neither side holds
 * anything for a name that is merely known.
 *
 * <p>{@link gofer.p9.fs.GoferDirectory} keeps what look-ups and listings told: names (those that do not exist too),
 * attributes, link texts. With the exclusive policy they are believed for good, with the shared one they are asked for
 * again. Regular files are opened through donated host descriptors, one for reading and one for writing at most, shared by
 * all who have the file open; reads, writes, truncation and mmap use them and never meet the server.
 * {@link gofer.p9.fs.IdleFiles} keeps some descriptors of files that nobody has open.
 *
 * <p>After the Sentry's lock-down this package needs of the host: sendmsg, recvmsg and shutdown on the connection; pread64,
 * pwrite64, pwritev2, fstat, ftruncate, fallocate, lseek, fsync, fdatasync and close on donated descriptors; mmap and
 * munmap for its buffers.
 *
 * <p>Lock order (outer first): a directory inode's monitor (the VFS takes it), a file's {@code lock}, a directory's
 * {@code children}, the filesystem's {@code places} lock, the idle list. Round trips are made with none of a directory's
 * {@code children} and the idle list held. {@code places} is held for reading while a path that was written into a request is under way, and for writing
 * by what moves or removes names.
 */
package gofer.p9.fs;
