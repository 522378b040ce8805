/**
 * A filesystem that shows a read-only tree and keeps all changes in memory.
 *
 * <p>Names live in {@link sentry.core.fs.overlay.OverlayDirectory}: what changed, what of the lower directory is covered;
 * for all other names the lower directory is asked. So a directory of the lower tree can be renamed in one step, and a
 * file is copied up without its directories. A file's content and attributes are the lower file's until it is changed;
 * then a tmpfs file takes their place ({@link sentry.core.fs.overlay.OverlayInode#copyUp}). Descriptions that were opened
 * for reading before go on showing the lower file, as in Linux.
 *
 * <p>Overlays that programs mount are another thing: {@link sentry.core.fs.overlay.LayeredFileSystem} keeps changes in a
 * directory of another filesystem, in the format of Linux's overlayfs (whiteouts are devices 0:0, opaque directories have an
 * attribute), so that what one mount left the next one shows. Directories are not redirected: renaming one that a lower
 * layer has a part in is EXDEV.
 *
 * <p>Lock order (outer first): a directory's monitor, a file's copy lock, the lower and upper filesystems' own locks.
 */
package sentry.core.fs.overlay;
