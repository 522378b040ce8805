/**
 * The Sentry's outer shell: everything from {@code main} to the program's first instruction, and from its last to the
 * end of the process. The order matters, because each step takes away what the next ones may no longer use:
 *
 * <ol>
 *   <li>Before execve, by the command ({@link host.linux.Spawn}): a session of its own, no capabilities (not even in the
 *       bounding set, so that root's execve does not bring them back), no_new_privs, no core file, no descriptors but a
 *       null device, the log and one socket. New namespaces will have their place there too.
 *   <li>The platform is opened: what it forks is cheapest to fork while this process is small.
 *   <li>The configuration arrives, with every descriptor that will ever be needed.
 *   <li>The kernel is built: root, mounts, init process; facts of the host are read.
 *   <li>The lock-down ({@link runsc.cli.boot.Lockdown}): from here on the filter holds for every thread.
 *   <li>The program's first instruction.
 * </ol>
 *
 * <p>Threads: main builds, then waits for the program's end; "control" serves the sockets.
 */
package runsc.cli.boot;
