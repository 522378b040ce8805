/**
 * The frame for filesystems whose content the kernel makes up when it is asked: proc and sysfs.
 *
 * <p>{@link sentry.core.fs.pseudo.PseudoDirectory} has entries that never change, and may add others;
 * {@link sentry.core.fs.pseudo.GeneratedFile} makes its text when it is read from the start and then serves that same
 * text at any offset, as Linux's seq_file does for its readers.
 *
 * <p>No locks but an open file's own, which is held while its text is made; what makes it takes the locks it needs.
 */
package sentry.core.fs.pseudo;
