package sentry.core.fs.proc;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Credentials;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;

/**
 * The process or thread that a file is about.
 *
 * @param pids the namespace that numbers are shown in
 */
record Subject(ProcFileSystem fs, Pid pid, PidNamespace pids) {
    /** The task, or null when it is gone. */
    Task taskOrNull() {
        return pid.task();
    }

    /** The task, or ESRCH. */
    Task task() throws ErrnoException {
        Task t = pid.task();
        if (t == null) {
            throw Errno.ESRCH.error();
        }
        return t;
    }

    /** The task's address space; null for a zombie. ESRCH when it is gone. */
    MemoryManager memory() throws ErrnoException {
        Task t = task();
        return t.group().zombie() ? null : t.mm();
    }

    /** The owner of the task's files: who it runs as, or root when its memory may not be dumped. */
    int uid() {
        Task t = pid.task();
        return t == null || !t.group().dumpable() ? 0 : t.credentials().euid();
    }

    /** The same, whether or not it may be dumped. */
    int plainUid() {
        Task t = pid.task();
        return t == null ? 0 : t.credentials().euid();
    }

    int plainGid() {
        Task t = pid.task();
        return t == null ? 0 : t.credentials().egid();
    }

    int gid() {
        Task t = pid.task();
        return t == null || !t.group().dumpable() ? 0 : t.credentials().egid();
    }

    /**
     * Whether {@code reader} may look into the task (ptrace(2), "Ptrace access mode checking", PTRACE_MODE_READ_FSCREDS).
     * The kernel itself (null) may.
     */
    boolean inspectable(Task reader) throws ErrnoException {
        Task t = task();
        if (reader == null || reader.group() == t.group()) {
            return true;
        }
        Credentials mine = reader.credentials();
        if (mine.capableIn(t.credentials().userNamespace(), Capability.SYS_PTRACE)) {
            return true;
        }
        Credentials theirs = t.credentials();
        return mine.fsuid() == theirs.uid()
                && mine.fsuid() == theirs.euid()
                && mine.fsuid() == theirs.suid()
                && mine.fsgid() == theirs.gid()
                && mine.fsgid() == theirs.egid()
                && mine.fsgid() == theirs.sgid()
                && t.group().dumpable()
                && (mine.userNamespace() == theirs.userNamespace()
                        && (theirs.permitted() & ~mine.effective()) == 0);
    }

    /** EACCES unless {@link #inspectable}. */
    void requireInspectable(Task reader) throws ErrnoException {
        if (!inspectable(reader)) {
            throw Errno.EACCES.error();
        }
    }
}
