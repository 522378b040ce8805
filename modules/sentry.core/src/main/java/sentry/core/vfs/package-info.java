/**
 * The virtual file system: mounts, dentries, inodes, open file descriptions, path walk, permission checks.
 *
 * <p><b>Names and paths are Strings whose chars are raw bytes</b> (ISO-8859-1): Linux names are bytes, and a compact
 * String of bytes is as small and quick as an array with a hash.
 *
 * <p>An {@link sentry.core.vfs.Inode} is the object itself and is implemented by each filesystem; a
 * {@link sentry.core.vfs.Dentry} is a name in the tree, positive or negative, and is shared code; a
 * {@link sentry.core.vfs.Mount} joins trees; a {@link sentry.core.vfs.FileDescription} is what open(2) makes.
 * Inode operations do what they are asked: permissions, mount flags, name rules and type checks were done by the walk
 * and by {@code Namei}.
 *
 * <p>Lock order (outer first): mount table, rename lock of a filesystem, directory inode's monitor (parent before
 * child, then by identity), dentry cache, file description's offset lock, what a filesystem has inside, wait queues.
 * A filesystem may call out to a gofer with the directory's monitor held, never with a dentry-cache lock held. Program
 * memory is touched with no VFS lock but a description's offset lock and a file's data lock held.
 */
package sentry.core.vfs;
