/**
 * The 9P2000.L server: what the gofer process does.
 *
 * <p>{@link gofer.p9.server.Gofer#run} serves each {@link gofer.p9.server.Export} on a thread of its own, request by
 * request: receive, do it, send. One thread per connection and nothing shared between connections, so no locks, and a
 * flush has nothing left to cancel.
 *
 * <p>Safety. A fid holds an O_PATH descriptor. A step goes from a directory's descriptor to one name (openat with
 * O_NOFOLLOW) or to a path of checked names (openat2 with RESOLVE_BENEATH, NO_SYMLINKS and NO_MAGICLINKS), so no request
 * leaves the root, whatever is renamed meanwhile. Only regular files and directories are opened, after their type was
 * read from the O_PATH descriptor, through /proc/self/fd, which cannot be swapped in between. A read-only export refuses
 * every change with EROFS and opens nothing for writing. Errors are Linux's; a malformed request gets EINVAL, a frame
 * that cannot be one ends the connection.
 */
package gofer.p9.server;
