package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.fs.pseudo.Text;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.ProgramLayout;
import sentry.core.task.ControllingTerminal;
import sentry.core.task.PidNamespace;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.WaitStatus;

/** /proc/PID/stat (proc(5)): 52 fields. */
final class StatText {
    private static final long TICK = ThreadGroup.NANOS_PER_TICK;
    private static final int PAGE = 4096;

    private StatText() {}

    static void write(Subject subject, Task reader, boolean thread, Text out) throws ErrnoException {
        Task task = subject.task();
        ThreadGroup group = task.group();
        PidNamespace pids = subject.pids();
        MemoryManager memory = subject.memory();
        boolean inspectable = subject.inspectable(reader);

        out.add(task.tid(pids)).add(" (").add(task.name()).add(") ").add(task.stateLetter());
        family(subject, task, out);
        out.add(" 4194304 "); // flags: PF_RANDOMIZE, as every program of Linux has
        out.add(task.faults()).add(" 0 0 0");
        long user = thread ? task.userNanos() : group.userNanos();
        long system = thread ? task.systemNanos() : group.systemNanos();
        field(out, user / TICK);
        field(out, system / TICK);
        field(out, group.childUserNanos() / TICK);
        field(out, group.childSystemNanos() / TICK);
        priority(task, out);
        field(out, Math.max(1, group.zombie() ? 1 : group.tasks().size()));
        field(out, 0); // itrealvalue: always 0 since Linux 2.6.17
        long start = thread ? task.startNanos() : group.startNanos();
        field(out, Math.max(0, start - task.kernel().bootNanos()) / TICK);
        field(out, memory == null ? 0 : memory.totalBytes());
        field(out, memory == null ? 0 : memory.residentBytes() / PAGE);
        out.add(' ').addUnsigned(group.rlimits().soft(Resource.RLIMIT_RSS));
        ProgramLayout layout = memory == null ? null : memory.layout();
        boolean show = layout != null && inspectable;
        field(out, show ? layout.codeStart : layout == null ? 0 : 1);
        field(out, show ? layout.codeEnd : layout == null ? 0 : 1);
        field(out, show ? layout.stackStart : 0);
        out.add(" 0 0"); // kstkesp, kstkeip: shown only for a process that dumps core
        signals(task, out);
        out.add(" 0 0 0 "); // wchan: not told; nswap, cnswap: not maintained by Linux either
        out.add(thread ? -1 : 17); // exit_signal: SIGCHLD
        field(out, 0); // processor: which host CPU it was is not the program's business
        field(out, task.scheduling().priority());
        field(out, task.scheduling().policy());
        out.add(" 0 0 0"); // delayacct_blkio_ticks, guest_time, cguest_time
        field(out, show ? layout.dataStart : 0);
        field(out, show ? layout.dataEnd : 0);
        field(out, show ? layout.brkStart : 0);
        field(out, show ? layout.argStart : 0);
        field(out, show ? layout.argEnd : 0);
        field(out, show ? layout.envStart : 0);
        field(out, show ? layout.envEnd : 0);
        WaitStatus status = group.exitStatus();
        field(out, inspectable && status != null ? status.raw() : 0);
        out.line();
    }

    private static void field(Text out, long value) {
        out.add(' ').add(value);
    }

    private static void family(Subject subject, Task task, Text out) {
        PidNamespace pids = subject.pids();
        ThreadGroup group = task.group();
        task.kernel().taskSet().lock();
        try {
            field(out, group.parentPid(pids));
            ProcessGroup job = group.processGroup();
            if (job == null) { // just reaped
                out.add(" 0 0 0 -1");
                return;
            }
            field(out, job.id().in(pids));
            field(out, job.session().id().in(pids));
            ControllingTerminal terminal = task.group().terminal();
            field(out, terminal == null ? 0 : terminal.device());
            ProcessGroup front = terminal == null ? null : terminal.foreground();
            field(out, front == null ? -1 : front.id().in(pids));
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** The kernel's idea of priority: 20 + nice, or below zero for real-time tasks. */
    private static void priority(Task task, Text out) {
        int realTime = task.scheduling().priority();
        field(out, realTime > 0 ? -1 - realTime : 20 + task.scheduling().nice());
        field(out, task.scheduling().nice());
    }

    /** Only the lowest 31 signals, as decimal numbers: obsolete, status has them all. */
    private static void signals(Task task, Text out) {
        field(out, task.signals().pending() & 0x7fffffff);
        field(out, task.signals().mask() & 0x7fffffff);
        field(out, task.group().signals().handlers().ignored() & 0x7fffffff);
        field(out, task.group().signals().handlers().caught() & 0x7fffffff);
    }
}
