package sentry.core.task;

import java.util.Arrays;

/**
 * One process number, or one per level of nested pid namespaces (Linux: struct pid). It stays taken as long as a task,
 * a process group or a session goes by it. Guarded by the task-set lock.
 */
public final class Pid {
    /** By level, the root namespace first. */
    private final int[] numbers;

    private final PidNamespace[] namespaces;
    private volatile Task task;
    private ProcessGroup processGroup;
    private Session session;

    Pid(int[] numbers, PidNamespace[] namespaces) {
        this.numbers = numbers;
        this.namespaces = namespaces;
    }

    /** The number in the root namespace. */
    public int number() {
        return numbers[0];
    }

    /** The number that {@code namespace} knows it by; 0 when it does not. */
    public int in(PidNamespace namespace) {
        int level = namespace.level();
        return level < numbers.length && namespaces[level] == namespace ? numbers[level] : 0;
    }

    /** The numbers from {@code namespace} inwards; none when it does not know this one. */
    public int[] numbersFrom(PidNamespace namespace) {
        return in(namespace) == 0 ? new int[0] : Arrays.copyOfRange(numbers, namespace.level(), numbers.length);
    }

    /** The innermost namespace. */
    public PidNamespace namespace() {
        return namespaces[namespaces.length - 1];
    }

    /** The task with this thread id, or null. */
    public Task task() {
        return task;
    }

    void setTask(Task value) {
        task = value;
        freeIfUnused();
    }

    public ProcessGroup processGroup() {
        return processGroup;
    }

    void setProcessGroup(ProcessGroup value) {
        processGroup = value;
        freeIfUnused();
    }

    public Session session() {
        return session;
    }

    void setSession(Session value) {
        session = value;
        freeIfUnused();
    }

    private void freeIfUnused() {
        if (task == null && processGroup == null && session == null) {
            for (int i = 0; i < numbers.length; i++) {
                namespaces[i].free(numbers[i]);
            }
        }
    }
}
