/**
 * Terminals: pseudo-terminal pairs, the line discipline, termios, job control (termios(3), tty_ioctl(4), pty(7)).
 *
 * <p>A {@link sentry.core.tty.Tty} is one pair; programs hold its sides as {@link sentry.core.tty.TtyFile} (the
 * terminal) and {@link sentry.core.tty.PtyMaster}. What is written to the master goes through
 * {@link sentry.core.tty.LineDiscipline} into the terminal's input; what is written to the terminal, and what is echoed,
 * goes through its output side into the queue that the master reads.
 *
 * <p>Lock order: the task-set lock is outside a terminal's lock. Input that makes signals notes them under the
 * terminal's lock and sends them after letting it go. Program memory is never touched with a terminal's lock held.
 */
package sentry.core.tty;
