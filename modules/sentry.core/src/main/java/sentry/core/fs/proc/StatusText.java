package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.fs.pseudo.Text;
import sentry.core.memory.MemoryManager;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.task.Credentials;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.TraceLink;
import sentry.core.task.UserNamespace;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;

/** /proc/PID/status (proc(5)). */
final class StatusText {
    private StatusText() {}

    static void write(Subject subject, Task reader, Text out) throws ErrnoException {
        Task task = subject.task();
        ThreadGroup group = task.group();
        boolean zombie = group.zombie();
        out.add("Name:\t").addEscaped(task.name(), "\n").line();
        FsContext fs = zombie ? null : task.fs();
        if (fs != null) {
            out.add("Umask:\t").addOctal(fs.umask(), 4).line();
        }
        out.add("State:\t").add(state(task.stateLetter())).line();
        numbers(subject, task, out);
        credentials(reader, task, out);
        family(subject, task, out);
        MemoryManager memory = subject.memory();
        if (memory != null) {
            memory(memory, out);
        }
        out.add("Threads:\t").add(Math.max(1, group.tasks().size())).line();
        signals(task, out);
        capabilities(task.credentials(), out);
        out.add("NoNewPrivs:\t").add(task.noNewPrivileges() ? 1 : 0);
        SeccompFilter filter = task.seccomp();
        out.add("\nSeccomp:\t").add(task.seccompMode());
        out.add("\nSeccomp_filters:\t").add(filter == null ? 0 : filter.count()).line();
        cpus(task, out);
        out.add("voluntary_ctxt_switches:\t").add(task.voluntarySwitches()).line();
        out.add("nonvoluntary_ctxt_switches:\t0\n");
    }

    private static String state(char letter) {
        return switch (letter) {
            case 'R' -> "R (running)";
            case 'S' -> "S (sleeping)";
            case 'D' -> "D (disk sleep)";
            case 'T' -> "T (stopped)";
            case 't' -> "t (tracing stop)";
            case 'X' -> "X (dead)";
            case 'Z' -> "Z (zombie)";
            default -> letter + " (unknown)";
        };
    }

    private static void numbers(Subject subject, Task task, Text out) {
        PidNamespace pids = subject.pids();
        out.add("Tgid:\t").add(task.group().pid(pids));
        out.add("\nNgid:\t0\nPid:\t").add(task.tid(pids));
        out.add("\nPPid:\t").add(task.group().parentPid(pids));
        TraceLink link = task.trace();
        out.add("\nTracerPid:\t").add(link == null ? 0 : link.tracer().tid(pids)).line();
    }

    private static void credentials(Task reader, Task task, Text out) {
        Credentials c = task.credentials();
        UserNamespace ns = reader == null ? UserNamespace.INITIAL : reader.credentials().userNamespace();
        out.add("Uid:\t").add(ns.uid(c.uid())).add('\t').add(ns.uid(c.euid())).add('\t');
        out.add(ns.uid(c.suid())).add('\t').add(ns.uid(c.fsuid())).line();
        out.add("Gid:\t").add(ns.gid(c.gid())).add('\t').add(ns.gid(c.egid())).add('\t');
        out.add(ns.gid(c.sgid())).add('\t').add(ns.gid(c.fsgid())).line();
        FdTable fds = task.group().zombie() ? null : task.fds();
        out.add("FDSize:\t").add(fds == null ? 0 : fds.capacity());
        out.add("\nGroups:\t");
        for (int g : c.groups()) {
            out.add(ns.gid(g)).add(' ');
        }
        out.line();
    }

    /** The ids in every namespace from the reader's inwards. */
    private static void family(Subject subject, Task task, Text out) {
        task.kernel().taskSet().lock();
        try {
            ProcessGroup job = task.group().processGroup();
            nested(subject, "NStgid:", task.group().id(), out);
            nested(subject, "NSpid:", task.id(), out);
            if (job != null) {
                nested(subject, "NSpgid:", job.id(), out);
                nested(subject, "NSsid:", job.session().id(), out);
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    private static void nested(Subject subject, String name, Pid pid, Text out) {
        out.add(name);
        for (int number : pid.numbersFrom(subject.pids())) {
            out.add('\t').add(number);
        }
        out.line();
    }

    private static void memory(MemoryManager memory, Text out) {
        MemoryText.Sizes s = MemoryText.Sizes.of(memory);
        long resident = memory.residentBytes();
        long files = memory.residentFileBytes();
        kilobytes(out, "VmPeak:", memory.peakBytes());
        kilobytes(out, "VmSize:", s.total);
        kilobytes(out, "VmLck:", s.locked);
        kilobytes(out, "VmPin:", 0);
        kilobytes(out, "VmHWM:", Math.max(resident, memory.peakResidentBytes()));
        kilobytes(out, "VmRSS:", resident);
        kilobytes(out, "RssAnon:", Math.max(0, resident - files));
        // Pages of the host's own files are the host's to count.
        long kept = memory.residentFileBytes(file -> !file.path().mount().fileSystem().type().equals("tmpfs"));
        kilobytes(out, "RssFile:", kept);
        kilobytes(out, "RssShmem:", Math.max(0, files - kept));
        kilobytes(out, "VmData:", s.data);
        kilobytes(out, "VmStk:", s.stack);
        kilobytes(out, "VmExe:", s.code);
        kilobytes(out, "VmLib:", s.libraries);
        kilobytes(out, "VmPTE:", s.total >> 9);
        kilobytes(out, "VmSwap:", 0);
        kilobytes(out, "HugetlbPages:", 0);
        out.add("CoreDumping:\t0\nTHP_enabled:\t1\n");
    }

    private static void kilobytes(Text out, String name, long bytes) {
        out.add(name).add('\t').addRight(bytes >> 10, 8).add(" kB\n");
    }

    private static void signals(Task task, Text out) {
        ThreadGroup group = task.group();
        int queued = task.kernel().tasks().user(task.credentials().uid()).signals().get();
        out.add("SigQ:\t").add(queued).add('/').addUnsigned(group.rlimits().soft(Resource.RLIMIT_SIGPENDING));
        mask(out, "\nSigPnd:", task.signals().pending());
        mask(out, "ShdPnd:", group.signals().pending());
        mask(out, "SigBlk:", task.signals().mask());
        mask(out, "SigIgn:", group.signals().handlers().ignored());
        mask(out, "SigCgt:", group.signals().handlers().caught());
    }

    private static void capabilities(Credentials c, Text out) {
        mask(out, "CapInh:", c.inheritable());
        mask(out, "CapPrm:", c.permitted());
        mask(out, "CapEff:", c.effective());
        mask(out, "CapBnd:", c.bounding());
        mask(out, "CapAmb:", c.ambient());
    }

    private static void mask(Text out, String name, long bits) {
        out.add(name).add('\t').addHex(bits, 16).line();
    }

    private static void cpus(Task task, Text out) {
        int count = task.kernel().host().cpus();
        long[] affinity = task.scheduling().affinity();
        long[] mask = new long[(count + 63) / 64];
        for (int i = 0; i < count; i++) {
            if (affinity == null || i / 64 < affinity.length && (affinity[i / 64] >>> i & 1) != 0) {
                mask[i / 64] |= 1L << i;
            }
        }
        out.add("Cpus_allowed:\t");
        int words = (count + 31) / 32;
        for (int w = words - 1; w >= 0; w--) {
            long word = mask[w / 2] >>> 32 * (w & 1) & 0xffffffffL;
            out.addHex(word, w == words - 1 ? Math.min(8, (count - 32 * w + 3) / 4) : 8).add(w == 0 ? '\n' : ',');
        }
        out.add("Cpus_allowed_list:\t");
        CpuList.write(out, mask, count);
        out.add("\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
    }
}
