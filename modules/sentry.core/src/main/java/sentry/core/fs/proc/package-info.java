/**
 * The proc filesystem (proc(5)). Numbers come from where they are kept: tasks, memory managers, the mount tree; what the
 * kernel does not know is left out rather than made up.
 *
 * <p>{@link sentry.core.fs.proc.ProcRoot} has files about the kernel and a directory per process;
 * {@link sentry.core.fs.proc.TaskDirectory} is that of a process or of one of its threads. Those hold the process by its
 * {@link sentry.core.task.Pid}: once it is gone look-ups answer ENOENT and reads ESRCH.
 *
 * <p>Locks: the task-set lock is taken while text about families is made; a memory manager's lock while its mappings are
 * copied out. Never both.
 */
package sentry.core.fs.proc;
