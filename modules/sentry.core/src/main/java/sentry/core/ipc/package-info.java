/**
 * System V inter-process communication (sysvipc(7)): shared memory, semaphores and message queues of an IPC namespace.
 *
 * <p>Lock order: a {@link sentry.core.ipc.IpcTable}'s monitor, then one object's monitor, then the memory file's. A memory
 * manager's lock may be held when a segment's monitor is taken (as for any mapped file), never the other way round. No
 * monitor is held during a sleep or an access to program memory.
 */
package sentry.core.ipc;
