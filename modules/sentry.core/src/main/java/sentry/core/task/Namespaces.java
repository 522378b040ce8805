package sentry.core.task;

import sentry.core.ipc.IpcNamespace;
import sentry.core.vfs.MountNamespace;

/** The namespaces of a task (namespaces(7); Linux: nsproxy). Immutable. */
public record Namespaces(UtsNamespace uts, PidNamespace pid, MountNamespace mounts, IpcNamespace ipc) {}
