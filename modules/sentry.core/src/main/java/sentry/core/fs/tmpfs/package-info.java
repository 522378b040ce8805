/**
 * tmpfs: files in memory (tmpfs(5)). Data lives in the memory file, so a shared mapping and read(2) see the same pages.
 *
 * <p>Lock order (outer first): a directory's monitor, a file's data lock ({@link sentry.core.fs.tmpfs.TmpRegular}'s
 * monitor; held while program memory is copied), a memory manager's lock, a file's extents
 * ({@link sentry.core.fs.tmpfs.Extents}' monitor), the memory file. A fault on a mapping takes only the extents.
 */
package sentry.core.fs.tmpfs;
