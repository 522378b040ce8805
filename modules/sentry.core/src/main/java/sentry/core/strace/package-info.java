/** Writes the program's system calls to the log (--strace). Loaded only when that is asked for. */
package sentry.core.strace;
