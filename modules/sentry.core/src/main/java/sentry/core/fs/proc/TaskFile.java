package sentry.core.fs.proc;

import java.util.List;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.arch.Registers;
import sentry.core.cgroup.CgroupTree;
import sentry.core.abi.Resource;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.kernel.Kernel;
import sentry.core.kernel.OutOfMemory;
import sentry.core.memory.MemoryManager;
import sentry.core.task.IoAccount;
import sentry.core.task.Rlimits;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UserNamespace;
import sentry.core.time.PosixTimer;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.VfsPath;

/** The text files of a process or thread. */
final class TaskFile extends GeneratedFile {
    /** The most of a command line or an environment that is shown. */
    private static final int TEXT_LIMIT = 4 << 20;
    /** Longest command name. */
    private static final int NAME_LIMIT = 15;

    /** CLEAR_REFS_MM_HIWATER_RSS. */
    private static final int CLEAR_REFS_PEAK = 5;

    private static final int OOM_SCORE_ADJ_MAX = 1000;
    /** The range of the older oom_adj. */
    private static final int OOM_ADJ_MAX = 15;

    private static final int OOM_DISABLE = -17;
    /** The kinds of memory that coredump_filter knows (core(5)). */
    private static final int DUMP_FILTER_MASK = 0x1ff;

    private static final int[] ARGUMENTS = {
        Registers.RDI, Registers.RSI, Registers.RDX, Registers.R10, Registers.R8, Registers.R9
    };

    private final Subject subject;
    private final TaskEntry entry;
    private final boolean thread;

    TaskFile(Subject subject, long ino, TaskEntry entry, boolean thread) {
        super(subject.fs(), ino, entry.permissions());
        this.subject = subject;
        this.entry = entry;
        this.thread = thread;
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }

    @Override
    protected void checkOpen(Task task, int flags) throws ErrnoException {
        switch (entry) {
            case ENVIRON, AUXV, IO, MAPS, SMAPS, SMAPS_ROLLUP -> subject.requireInspectable(task);
            case SETGROUPS -> {
                boolean writes = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
                if (writes && task != null && !task.credentials().capableIn(users(), Capability.SYS_ADMIN)) {
                    throw Errno.EACCES.error();
                }
            }
            default -> {}
        }
    }

    @Override
    protected void generate(Task reader, Text out) throws ErrnoException {
        switch (entry) {
            case STAT -> StatText.write(subject, reader, thread, out);
            case STATUS -> StatusText.write(subject, reader, out);
            case STATM -> MemoryText.statm(subject.memory(), out);
            case MAPS -> MemoryText.maps(subject.memory(), root(reader), out);
            case SMAPS -> MemoryText.smaps(subject.memory(), root(reader), out);
            case SMAPS_ROLLUP -> MemoryText.rollup(subject.memory(), out);
            case CMDLINE -> commandLine(out);
            case ENVIRON -> {
                MemoryManager mm = subject.memory();
                if (mm != null) {
                    copy(mm, mm.layout().envStart, mm.layout().envEnd, out);
                }
            }
            case AUXV -> {
                MemoryManager mm = subject.memory();
                if (mm != null) {
                    byte[] auxv = mm.layout().auxv;
                    out.add(auxv, 0, auxv.length);
                }
            }
            case COMM -> out.add(subject.task().name()).line();
            case LIMITS -> limits(out);
            case PERSONALITY -> out.addHex(subject.task().personality(), 8).line();
            case CHILDREN -> children(out);
            case MOUNTS -> {
                VfsPath root = ownRoot();
                if (root != null) {
                    out.add(mounts().mountsText(root));
                }
            }
            case MOUNTINFO -> {
                VfsPath root = ownRoot();
                if (root != null) {
                    out.add(mounts().mountinfoText(root));
                }
            }
            case CGROUP -> {
                ThreadGroup group = subject.task().group();
                List<CgroupTree> trees = subject.fs().kernel().cgroups().trees();
                for (int i = trees.size() - 1; i >= 0; i--) {
                    CgroupTree t = trees.get(i);
                    out.add(t.id()).add(':').add(t.label()).add(':').add(t.of(group).path()).line();
                }
            }
            case CPUSET -> out.add("/\n");
            case COREDUMP_FILTER -> {
                if (subject.memory() != null) {
                    out.addHex(subject.task().group().dumpFilter(), 8).line();
                }
            }
            case IO -> io(out);
            case SCHED -> ScheduleText.write(subject, out);
            case SYSCALL -> {
                subject.requireInspectable(reader);
                syscall(reader, out);
            }
            case TIMERS -> {
                subject.requireInspectable(reader);
                timers(out);
            }
            case OOM_ADJ -> {
                int adjustment = subject.task().group().oomScoreAdjustment();
                out.add(adjustment == OOM_SCORE_ADJ_MAX ? OOM_ADJ_MAX : adjustment * -OOM_DISABLE / OOM_SCORE_ADJ_MAX).line();
            }
            case OOM_SCORE -> oomScore(out);
            case OOM_SCORE_ADJ -> out.add(subject.task().group().oomScoreAdjustment()).line();
            case UID_MAP, GID_MAP -> IdMapText.write(users(), entry == TaskEntry.GID_MAP, reader, out);
            case PROJID_MAP -> {
                if (users().parent() == null) {
                    out.addRight(0, 10).add(' ').addRight(0, 10).add(' ').addRight(4294967295L, 10).line();
                }
            }
            case LOGINUID -> out.add(loginUid(reader) & 0xffffffffL);
            case SESSIONID -> out.add(subject.task().group().auditSession() & 0xffffffffL);
            case TIMENS_OFFSETS -> TimeOffsetsText.write(subject.task().namespaces().timeForChildren(), out);
            case TIMERSLACK_NS -> {
                requireScheduler(reader);
                out.add(subject.task().scheduling().timerSlack()).line();
            }
            case SCHEDSTAT -> {
                Task t = subject.task();
                out.add(t.userNanos() + t.systemNanos()).add(" 0 ").add(t.voluntarySwitches() + 1).line();
            }
            case WCHAN -> out.add('0');
            case SETGROUPS -> out.add(users().setgroupsAllowed() ? "allow\n" : "deny\n");
            default -> throw new IllegalStateException(entry.fileName());
        }
    }

    @Override
    protected void store(Task writer, byte[] data) throws ErrnoException {
        switch (entry) {
            case COMM -> {
                Task task = subject.task();
                if (writer == null || writer.group() != task.group()) {
                    throw Errno.EINVAL.error();
                }
                int length = 0;
                while (length < data.length && length < NAME_LIMIT && data[length] != 0) {
                    length++;
                }
                if (length > 0 && data[length - 1] == '\n') {
                    length--;
                }
                task.setName(string(data, length));
            }
            case CLEAR_REFS -> {
                int value = number(data);
                if (value < 1 || value > CLEAR_REFS_PEAK) {
                    throw Errno.EINVAL.error();
                }
                MemoryManager mm = subject.memory();
                if (mm != null && value == CLEAR_REFS_PEAK) {
                    mm.resetPeakResident();
                } // which pages were used or written lately is kept no account of: there is nothing to clear
            }
            case COREDUMP_FILTER -> subject.task().group().setDumpFilter(number(data) & DUMP_FILTER_MASK);
            case OOM_ADJ -> {
                int value = number(data);
                if (value < OOM_DISABLE || value > OOM_ADJ_MAX) {
                    throw Errno.EINVAL.error();
                }
                int scaled = value == OOM_ADJ_MAX ? OOM_SCORE_ADJ_MAX : value * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
                setOomAdjustment(writer, scaled, subject.task().group().oomScoreAdjustment());
            }
            case OOM_SCORE_ADJ -> {
                int value = number(data);
                if (value < -OOM_SCORE_ADJ_MAX || value > OOM_SCORE_ADJ_MAX) {
                    throw Errno.EINVAL.error();
                }
                setOomAdjustment(writer, value, subject.task().group().leastOomScoreAdjustment());
                if (writer == null || writer.credentials().capable(Capability.SYS_RESOURCE)) {
                    subject.task().group().setLeastOomScoreAdjustment(value);
                }
            }
            case UID_MAP, GID_MAP -> {
                UserNamespace users = users();
                if (users.parent() == null || writer == null) {
                    throw Errno.EPERM.error(); // the initial user namespace's are fixed
                }
                users.setMap(writer.credentials(), entry == TaskEntry.GID_MAP, IdMapText.parse(data));
            }
            case LOGINUID -> setLoginUid(writer, number(data));
            case TIMENS_OFFSETS ->
                TimeOffsetsText.store(subject.task().namespaces().timeForChildren(), writer, string(data, data.length));
            case TIMERSLACK_NS -> {
                requireScheduler(writer);
                subject.task().scheduling().setTimerSlack(Math.max(0, longNumber(data)));
            }
            case SETGROUPS -> {
                String word = string(data, data.length);
                boolean allow = word.equals("allow") || word.equals("allow\n");
                if (!allow && !word.equals("deny") && !word.equals("deny\n")) {
                    throw Errno.EINVAL.error();
                }
                users().setSetgroupsAllowed(allow);
            }
            case PROJID_MAP -> throw Errno.EPERM.error();
            default -> throw Errno.EINVAL.error(); // Linux: a file without a write operation
        }
    }

    /** EACCES below {@code least}, unless privileged. */
    private void setOomAdjustment(Task writer, int value, int least) throws ErrnoException {
        if (value < least && writer != null && !writer.credentials().capable(Capability.SYS_RESOURCE)) {
            throw Errno.EACCES.error();
        }
        subject.task().group().setOomScoreAdjustment(value);
    }

    /** What goes to and comes from a device is the host's affair, and not known here. */
    private void io(Text out) throws ErrnoException {
        Task task = subject.task();
        IoAccount sum = thread ? task.io() : task.group().ioInAll();
        out.add("rchar: ").add(sum.readBytes()).add("\nwchar: ").add(sum.writtenBytes());
        out.add("\nsyscr: ").add(sum.reads()).add("\nsyscw: ").add(sum.writes());
        out.add("\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
    }

    /** The call that a task is in: its number, arguments, stack pointer and place. */
    private void syscall(Task reader, Text out) throws ErrnoException {
        Task task = subject.task();
        if (task != reader && task.stateLetter() != 'S') {
            out.add("running\n");
            return;
        }
        Registers r = task.registers();
        out.add(r.get(Registers.ORIG_RAX));
        if (r.get(Registers.ORIG_RAX) >= 0) {
            for (int register : ARGUMENTS) {
                out.add(" 0x").addHex(r.get(register), 1);
            }
        }
        out.add(" 0x").addHex(r.sp(), 1).add(" 0x").addHex(r.ip(), 1).line();
    }

    private void timers(Text out) throws ErrnoException {
        for (PosixTimer t : subject.task().group().timers().list()) {
            out.add("ID: ").add(t.id()).add("\nsignal: ").add(t.signo()).add('/').addHex(t.value(), 16);
            int notification = t.notification();
            out.add("\nnotify: ").add((notification & 1) != 0 ? "none" : (notification & 2) != 0 ? "thread" : "signal");
            Task target = t.target();
            out.add(target != null ? "/tid." : "/pid.");
            out.add(target != null ? target.tid(subject.pids()) : subject.task().group().pid(subject.pids()));
            out.add("\nClockID: ").add(t.clock()).line();
        }
    }

    private int loginUid(Task reader) throws ErrnoException {
        int id = subject.task().group().loginUid();
        return id == -1 || reader == null ? id : reader.credentials().userNamespace().uid(id);
    }

    /** A process may say once who has logged in; to change it takes a capability. */
    private void setLoginUid(Task writer, int id) throws ErrnoException {
        ThreadGroup group = subject.task().group();
        if (writer == null || writer.group() != group) {
            throw Errno.EPERM.error();
        }
        if (group.loginUid() != -1 && !writer.credentials().capable(Capability.AUDIT_CONTROL)) {
            throw Errno.EPERM.error();
        }
        int kernelId = id == -1 ? -1 : writer.credentials().userNamespace().kernelUid(id);
        if (id != -1 && kernelId == -1) {
            throw Errno.EINVAL.error();
        }
        group.setLoginUid(kernelId);
    }

    /** EPERM unless {@code who} may schedule the process. */
    private void requireScheduler(Task who) throws ErrnoException {
        Task task = subject.task();
        if (who != null
                && who.group() != task.group()
                && !who.credentials().capableIn(task.credentials().userNamespace(), Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
    }

    static long longNumber(byte[] data) throws ErrnoException {
        try {
            return Long.parseUnsignedLong(string(data, data.length).strip());
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }

    /** A number that fits an int: decimal, or hexadecimal or octal by its prefix. */
    private static long whole(String word) {
        boolean negative = word.startsWith("-");
        String digits = negative || word.startsWith("+") ? word.substring(1) : word;
        int radix = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            radix = 8;
        }
        if (digits.startsWith("-") || digits.startsWith("+")) {
            throw new NumberFormatException(word);
        }
        return Integer.parseInt(negative ? "-" + digits : digits, radix);
    }

    private UserNamespace users() throws ErrnoException {
        return subject.task().credentials().userNamespace();
    }

    static String string(byte[] data, int length) {
        return new String(data, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** A decimal number with white space around it. */
    static int number(byte[] data) throws ErrnoException {
        try {
            return (int) whole(string(data, data.length).strip());
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }

    private VfsPath root(Task reader) throws ErrnoException {
        Task who = reader == null ? subject.task() : reader;
        return who.fs().root();
    }

    /** The task's own root; null for a zombie. */
    private VfsPath ownRoot() throws ErrnoException {
        Task task = subject.task();
        FsContext fs = task.group().zombie() ? null : task.fs();
        return fs == null ? null : fs.root();
    }

    private MountNamespace mounts() throws ErrnoException {
        return subject.task().namespaces().mounts();
    }

    private static void copy(MemoryManager mm, long start, long end, Text out) throws ErrnoException {
        int length = (int) Math.min(Math.max(0, end - start), TEXT_LIMIT);
        byte[] data = new byte[Math.min(length, 65536)];
        for (long at = start; length > 0; ) {
            int n;
            try {
                n = mm.readSome(at, data, 0, Math.min(data.length, length));
            } catch (ErrnoException e) {
                return; // the program unmapped it: nothing to show
            }
            out.add(data, 0, n);
            at += n;
            length -= n;
        }
    }

    /** The arguments; or, when the program wrote over their last NUL (setproctitle), one string that may go on behind. */
    private void commandLine(Text out) throws ErrnoException {
        MemoryManager mm = subject.memory();
        if (mm == null) {
            return;
        }
        long start = mm.layout().argStart;
        long end = mm.layout().argEnd;
        if (end <= start) {
            return;
        }
        try {
            if (mm.getByte(end - 1) != 0) {
                int room = (int) Math.min(Math.max(end, mm.layout().envEnd) - start, TEXT_LIMIT);
                String title = mm.readString(start, room);
                if (title != null) {
                    out.add(title).add('\0');
                    return;
                }
            }
        } catch (ErrnoException e) {
            return;
        }
        copy(mm, start, end, out);
    }

    private void children(Text out) throws ErrnoException {
        Task task = subject.task();
        Kernel kernel = task.kernel();
        kernel.taskSet().lock();
        try {
            if (task.group().leader() != task) {
                return; // all children belong to the process
            }
            for (ThreadGroup child : task.group().children()) {
                out.add(child.pid(subject.pids())).add(' ');
            }
        } finally {
            kernel.taskSet().unlock();
        }
    }

    /** How likely the process is to be killed for want of memory: its share in thousandths, and the wish. */
    private void oomScore(Text out) throws ErrnoException {
        long total = subject.fs().kernel().host().memoryBytes();
        long points = total == 0 ? 0 : OutOfMemory.badness(subject.task().group(), total) * 1000 / total;
        long adjusted = (1000 + points) * 2 / 3;
        out.add(Math.max(0, Math.min(2000, adjusted))).line();
    }

    private void limits(Text out) throws ErrnoException {
        Rlimits limits = subject.task().group().rlimits();
        out.add("Limit                     Soft Limit           Hard Limit           Units     \n");
        limit(out, limits, Resource.RLIMIT_CPU, "Max cpu time", "seconds");
        limit(out, limits, Resource.RLIMIT_FSIZE, "Max file size", "bytes");
        limit(out, limits, Resource.RLIMIT_DATA, "Max data size", "bytes");
        limit(out, limits, Resource.RLIMIT_STACK, "Max stack size", "bytes");
        limit(out, limits, Resource.RLIMIT_CORE, "Max core file size", "bytes");
        limit(out, limits, Resource.RLIMIT_RSS, "Max resident set", "bytes");
        limit(out, limits, Resource.RLIMIT_NPROC, "Max processes", "processes");
        limit(out, limits, Resource.RLIMIT_NOFILE, "Max open files", "files");
        limit(out, limits, Resource.RLIMIT_MEMLOCK, "Max locked memory", "bytes");
        limit(out, limits, Resource.RLIMIT_AS, "Max address space", "bytes");
        limit(out, limits, Resource.RLIMIT_LOCKS, "Max file locks", "locks");
        limit(out, limits, Resource.RLIMIT_SIGPENDING, "Max pending signals", "signals");
        limit(out, limits, Resource.RLIMIT_MSGQUEUE, "Max msgqueue size", "bytes");
        limit(out, limits, Resource.RLIMIT_NICE, "Max nice priority", null);
        limit(out, limits, Resource.RLIMIT_RTPRIO, "Max realtime priority", null);
        limit(out, limits, Resource.RLIMIT_RTTIME, "Max realtime timeout", "us");
    }

    private static void limit(Text out, Rlimits limits, int which, String name, String unit) {
        out.addLeft(name, 25).add(' ');
        out.addLeft(limit(limits.soft(which)), 20).add(' ');
        out.addLeft(limit(limits.hard(which)), 20).add(' ');
        if (unit != null) {
            out.addLeft(unit, 10);
        }
        out.line();
    }

    private static String limit(long value) {
        return value == Resource.RLIM_INFINITY ? "unlimited" : Long.toUnsignedString(value);
    }
}
