package sentry.core.tty;

import java.util.ArrayList;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;
import sentry.core.task.ControllingTerminal;
import sentry.core.task.Pid;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Session;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * Terminals and sessions: who may read and write, who is in the foreground, who is told of a hang-up (credentials(7),
 * tty_ioctl(4), "General Terminal Interface" of POSIX). Takes the task-set lock.
 */
final class JobControl {
    private JobControl() {}

    /** The controlling terminal of the task's session, or null. */
    static Tty terminalOf(Task task) {
        ControllingTerminal t = task.group().terminal();
        return t instanceof Tty tty && !tty.hungUp() ? tty : null;
    }

    /**
     * Whether a program in the background may do what it is about to do; sends SIGTTIN or SIGTTOU when it may not.
     *
     * @param signo SIGTTIN for reading, SIGTTOU for writing and changing
     * @throws ErrnoException ERESTARTSYS when it was signalled, EIO when it cannot be
     */
    static void requireForeground(Tty tty, Task task, int signo) throws ErrnoException {
        if (task == null) {
            return;
        }
        ThreadGroup group = task.group();
        ProcessGroup mine = group.processGroup();
        if (mine == tty.foreground() || group.terminal() != tty) {
            return;
        }
        task.kernel().taskSet().lock();
        try {
            mine = group.processGroup();
            if (tty.session() != group.session() || tty.foreground() == null || tty.foreground() == mine) {
                return;
            }
            long deaf = task.signals().mask() | group.signals().handlers().ignored();
            if (Signal.in(signo, deaf)) {
                if (signo == Signal.SIGTTIN) {
                    throw Errno.EIO.error();
                }
                return;
            }
            if (mine.orphaned()) {
                throw Errno.EIO.error();
            }
            signal(mine, signo);
        } finally {
            task.kernel().taskSet().unlock();
        }
        throw Errno.ERESTARTSYS.error();
    }

    /** Sends {@code signo} to the foreground group. */
    static void signalForeground(Tty tty, int signo) {
        tty.kernel().taskSet().lock();
        try {
            signal(tty.foreground(), signo);
        } finally {
            tty.kernel().taskSet().unlock();
        }
    }

    private static void signal(ProcessGroup group, int signo) {
        if (group == null) {
            return;
        }
        for (ThreadGroup member : new ArrayList<>(group.members())) {
            member.send(SignalInfo.kernel(signo));
        }
    }

    /** The terminal becomes the controlling one of a session leader that has none and opens it without O_NOCTTY. */
    static void acquireOnOpen(Tty tty, Task task) {
        ThreadGroup group = task.group();
        if (group.session().leader() != group || group.session().terminal() != null) {
            return;
        }
        task.kernel().taskSet().lock();
        try {
            Session session = group.session();
            if (session.leader() == group && session.terminal() == null && tty.session() == null) {
                session.setTerminal(tty);
                tty.setSession(session, group.processGroup());
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** TIOCSCTTY. With {@code steal}, root takes it away from another session. */
    static void acquire(Tty tty, Task task, boolean steal) throws ErrnoException {
        task.kernel().taskSet().lock();
        try {
            ThreadGroup group = task.group();
            Session session = group.session();
            if (session.leader() == group && tty.session() == session) {
                return;
            }
            if (session.leader() != group || session.terminal() != null) {
                throw Errno.EPERM.error();
            }
            if (tty.session() != null) {
                if (!steal || !task.credentials().capable(Capability.SYS_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                tty.session().setTerminal(null);
            }
            session.setTerminal(tty);
            tty.setSession(session, group.processGroup());
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** TIOCNOTTY: the session leader gives the terminal up for the whole session, another process for itself. */
    static void giveUp(Tty tty, Task task) throws ErrnoException {
        task.kernel().taskSet().lock();
        try {
            Session session = task.group().session();
            if (task.group().terminal() != tty) {
                throw Errno.ENOTTY.error();
            }
            if (session.leader() != task.group()) {
                task.group().giveUpTerminal();
            } else {
                ProcessGroup group = tty.foreground();
                part(tty, session);
                signal(group, Signal.SIGHUP);
                signal(group, Signal.SIGCONT);
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** The session's leader has ended. The task-set lock is held. */
    static void sessionEnded(Tty tty, Session session) {
        if (tty.session() != session) {
            return;
        }
        ProcessGroup group = tty.foreground();
        boolean hungUp = tty.hungUp();
        part(tty, session);
        signal(group, Signal.SIGHUP);
        if (hungUp) {
            signal(group, Signal.SIGCONT); // the group that was in front when the line broke
        }
    }

    private static void part(Tty tty, Session session) {
        session.setTerminal(null);
        tty.setSession(null, null);
    }

    /**
     * The other end of the line is gone: the session's leader is told. The session keeps the dead terminal, so that the
     * foreground group is told too when the leader ends.
     */
    static void hangUp(Tty tty) {
        tty.kernel().taskSet().lock();
        try {
            Session session = tty.session();
            if (session != null) {
                ThreadGroup leader = session.leader();
                leader.send(SignalInfo.kernel(Signal.SIGHUP));
                leader.send(SignalInfo.kernel(Signal.SIGCONT));
            }
        } finally {
            tty.kernel().taskSet().unlock();
        }
    }

    /** TIOCGPGRP. {@code master}: asked by the other side, which need not be of the session. */
    static int foreground(Tty tty, Task task, boolean master) throws ErrnoException {
        if (!master && terminalOf(task) != tty) {
            throw Errno.ENOTTY.error();
        }
        ProcessGroup group = tty.foreground();
        return group == null ? 0 : group.id().in(task.namespaces().pid());
    }

    /**
     * vhangup(2): the session's members lose their terminal; its leader and the foreground group are told.
     */
    static void virtualHangUp(Tty tty) {
        tty.kernel().taskSet().lock();
        try {
            Session session = tty.session();
            if (session != null) {
                ThreadGroup leader = session.leader();
                ProcessGroup group = tty.foreground();
                part(tty, session);
                leader.send(SignalInfo.kernel(Signal.SIGHUP));
                leader.send(SignalInfo.kernel(Signal.SIGCONT));
                if (group != null && group != leader.processGroup()) {
                    signal(group, Signal.SIGHUP);
                }
            }
        } finally {
            tty.kernel().taskSet().unlock();
        }
    }

    /** TIOCSPGRP; the group's number is at {@code argument}. */
    static void setForeground(Tty tty, Task task, long argument) throws ErrnoException {
        try {
            requireForeground(tty, task, Signal.SIGTTOU);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EIO ? Errno.ENOTTY.error() : e;
        }
        int id = task.memory().getInt(argument);
        if (id < 0) {
            throw Errno.EINVAL.error();
        }
        task.kernel().taskSet().lock();
        try {
            Session session = task.group().session();
            if (task.group().terminal() != tty || tty.session() != session) {
                throw Errno.ENOTTY.error();
            }
            Pid pid = task.namespaces().pid().find(id);
            ProcessGroup group = pid == null ? null : pid.processGroup();
            if (group == null) {
                throw Errno.ESRCH.error();
            }
            if (group.session() != session) {
                throw Errno.EPERM.error();
            }
            tty.setForeground(group);
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** TIOCGSID. */
    static int session(Tty tty, Task task, boolean master) throws ErrnoException {
        if (!master && terminalOf(task) != tty) {
            throw Errno.ENOTTY.error();
        }
        task.kernel().taskSet().lock();
        try {
            Session session = tty.session();
            if (session == null) {
                throw Errno.ENOTTY.error();
            }
            return session.id().in(task.namespaces().pid());
        } finally {
            task.kernel().taskSet().unlock();
        }
    }
}
