package sentry.core.task;

/** Allocates and finds process ids (pid_namespaces(7)). Guarded by the task-set lock. */
public final class PidNamespace {
    public PidNamespace() {}
}
