/**
 * Portable POSIX questions that are far from the start path and the system call path, answered by jnr-posix.
 *
 * <p>The first call into jnr costs a hundred milliseconds and more, so nothing here may be touched by a command that
 * starts, stops or inspects one container. Takes no lock.
 */
package runsc.cli.posix;
