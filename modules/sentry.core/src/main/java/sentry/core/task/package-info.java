/**
 * Tasks, thread groups, process groups, sessions, pid namespaces, credentials; clone, exec, exit and wait.
 *
 * <p>A task is served by one pooled platform thread of the JVM that loops in {@link sentry.core.task.Task#run}: let the
 * program run, find out why it came back, serve it. Fields of a task that only its own thread touches say so.
 *
 * <p>Lock order (outer first): the task-set lock of the kernel (Linux: tasklist_lock), which guards parents, children,
 * groups, sessions and pid tables; a thread group's signal lock; a task's own monitor; wait queues. None is held across
 * a platform switch, a gofer round trip or a sleep.
 */
package sentry.core.task;
