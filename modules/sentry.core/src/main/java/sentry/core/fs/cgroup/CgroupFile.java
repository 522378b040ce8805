package sentry.core.fs.cgroup;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.cgroup.Cgroup;
import sentry.core.cgroup.CgroupLimits;
import sentry.core.cgroup.Controller;
import sentry.core.fs.proc.CpuList;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryManager;
import sentry.core.signal.SignalInfo;
import sentry.core.abi.Signal;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/** One file of a group. */
final class CgroupFile extends GeneratedFile {
    private static final long PAGE = 4096;
    /** What version 1 calls no limit: the largest number of whole pages. */
    private static final long OLD_UNLIMITED = 0x7ffffffffffff000L;

    private static final long DEFAULT_PERIOD = 100_000;
    private static final long DEFAULT_SHARES = 1024;
    private static final int PIDS_LIMIT = 4194304;

    private final Cgroup group;
    private final CgroupEntry entry;

    CgroupFile(CgroupFileSystem fs, Cgroup group, CgroupEntry entry) {
        super(fs, entry.permissions());
        this.group = group;
        this.entry = entry;
    }

    CgroupEntry entry() {
        return entry;
    }

    /** Not even root changes what cannot be changed, nor the container's own limits. */
    @Override
    protected void checkOpen(Task task, int flags) throws ErrnoException {
        if (group.removed()) {
            throw Errno.ENODEV.error();
        }
        boolean limit = entry == CgroupEntry.MEMORY_MAX || entry == CgroupEntry.MEMORY_LIMIT || entry == CgroupEntry.PIDS_MAX;
        if ((flags & 3) != 0 && ((entry.permissions() & 0222) == 0 || limit && group.isRoot())) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    protected void generate(Task reader, Text out) throws ErrnoException {
        if (group.removed()) {
            throw Errno.ENODEV.error();
        }
        Kernel kernel = group.tree().kernel();
        CgroupLimits limits = kernel.cgroups().limits();
        switch (entry) {
            case CONTROLLERS -> controllers(out, false);
            case SUBTREE_CONTROL -> controllers(out, true);
            case EVENTS -> out.add("populated ").add(group.populated() ? 1 : 0).add("\nfrozen 0\n");
            case MAX_DEPTH, MAX_DESCENDANTS, MEMORY_HIGH -> out.add("max\n");
            case MEMORY_LOW, MEMORY_MIN, MEMORY_SWAP_CURRENT, MEMORY_SWAP_MAX, CLONE_CHILDREN, NOTIFY_ON_RELEASE -> out.add(
                    "0\n");
            case PROCS -> procs(reader, out, false);
            case THREADS, TASKS -> procs(reader, out, true);
            case STAT -> out.add("nr_descendants ").add(group.descendants()).add("\nnr_dying_descendants 0\n");
            case TYPE -> out.add("domain\n");
            case CPU_MAX -> limit(out, limits.cpuQuota() == 0 ? Cgroup.MAX : limits.cpuQuota())
                    .add(' ')
                    .add(period(limits))
                    .line();
            case CPU_WEIGHT -> out.add(weight(limits.cpuShares())).line();
            case CPU_STAT -> {
                long user = group.userNanos() / 1000;
                long system = group.systemNanos() / 1000;
                out.add("usage_usec ").add(user + system).add("\nuser_usec ").add(user);
                out.add("\nsystem_usec ").add(system).line();
                if (group.has(Controller.CPU)) {
                    out.add("nr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n");
                }
            }
            case CPUSET_CPUS, CPUSET_MEMS -> out.line(); // those of the parent
            case CPUSET_CPUS_EFFECTIVE, OLD_CPUS, OLD_CPUS_EFFECTIVE -> {
                CpuList.all(out, kernel.host().cpus());
                out.line();
            }
            case CPUSET_MEMS_EFFECTIVE, OLD_MEMS, OLD_MEMS_EFFECTIVE -> out.add("0\n");
            case IO_STAT -> {} // there is no block device
            case MEMORY_CURRENT, MEMORY_USAGE -> out.add(pages(group.memory())).line();
            case MEMORY_PEAK, MEMORY_MAX_USAGE -> out.add(pages(group.memoryPeak())).line();
            case MEMORY_MAX -> limit(out, group.memoryMax()).line();
            case MEMORY_LIMIT -> out.add(group.memoryMax() == Cgroup.MAX ? OLD_UNLIMITED : group.memoryMax()).line();
            case MEMORY_SOFT_LIMIT -> out.add(OLD_UNLIMITED).line();
            case MEMORY_FAILCNT -> out.add(group.memoryKills()).line();
            case MEMORY_USE_HIERARCHY -> out.add("1\n");
            case MEMORY_EVENTS -> {
                long kills = group.memoryKills();
                out.add("low 0\nhigh 0\nmax ").add(kills).add("\noom ").add(kills);
                out.add("\noom_kill ").add(kills).add("\noom_group_kill 0\n");
            }
            case MEMORY_STAT -> memoryStat(out, false);
            case OLD_MEMORY_STAT -> memoryStat(out, true);
            case PIDS_CURRENT -> out.add(group.pids()).line();
            case PIDS_PEAK -> out.add(group.pidsPeak()).line();
            case PIDS_MAX -> limit(out, group.pidsMax()).line();
            case PIDS_EVENTS -> out.add("max ").add(group.pidsRefused()).line();
            case SHARES -> out.add(limits.cpuShares() == 0 ? DEFAULT_SHARES : limits.cpuShares()).line();
            case CFS_QUOTA -> out.add(limits.cpuQuota() == 0 ? -1 : limits.cpuQuota()).line();
            case CFS_PERIOD -> out.add(period(limits)).line();
            case OLD_CPU_STAT -> out.add("nr_periods 0\nnr_throttled 0\nthrottled_time 0\n");
            case CPUACCT_USAGE -> out.add(group.userNanos() + group.systemNanos()).line();
            case CPUACCT_USAGE_USER -> out.add(group.userNanos()).line();
            case CPUACCT_USAGE_SYS -> out.add(group.systemNanos()).line();
            case CPUACCT_STAT -> out.add("user ").add(group.userNanos() / ThreadGroup.NANOS_PER_TICK).add("\nsystem ")
                    .add(group.systemNanos() / ThreadGroup.NANOS_PER_TICK).line();
            case DEVICES_LIST -> out.add("a *:* rwm\n");
            case KILL -> throw Errno.EINVAL.error();
        }
    }

    private static Text limit(Text out, long value) {
        return value == Cgroup.MAX ? out.add("max") : out.add(value);
    }

    private static long period(CgroupLimits limits) {
        return limits.cpuPeriod() == 0 ? DEFAULT_PERIOD : limits.cpuPeriod();
    }

    /** As OCI runtimes convert shares (2 to 262144) into weights (1 to 10000). */
    private static long weight(long shares) {
        return shares == 0 ? 100 : 1 + (Math.clamp(shares, 2, 262144) - 2) * 9999 / 262142;
    }

    private static long pages(long bytes) {
        return (bytes + PAGE - 1) / PAGE * PAGE;
    }

    private void controllers(Text out, boolean delegated) {
        boolean first = true;
        for (Controller c : Controller.values()) {
            if (c.unified() && group.has(c) && (!delegated || group.delegates(c))) {
                if (!first) {
                    out.add(' ');
                }
                out.add(c.text());
                first = false;
            }
        }
        if (!first || !delegated) {
            out.line();
        }
    }

    private void procs(Task reader, Text out, boolean threads) {
        PidNamespace pids = reader == null ? group.tree().kernel().tasks().rootPids() : reader.namespaces().pid();
        for (ThreadGroup g : group.members(false)) {
            if (!threads) {
                out.add(g.pid(pids)).line();
            } else {
                for (Task t : g.tasks()) {
                    out.add(t.tid(pids)).line();
                }
            }
        }
    }

    private void memoryStat(Text out, boolean old) {
        long all = pages(group.memory());
        long files = 0;
        for (ThreadGroup g : group.members(true)) {
            for (Task t : g.tasks()) {
                MemoryManager mm = t.mm();
                files += mm == null ? 0 : mm.residentFileBytes();
                break;
            }
        }
        files = Math.min(files, all);
        long anonymous = all - files;
        if (old) {
            out.add("cache ").add(files).add("\nrss ").add(anonymous).add("\nrss_huge 0\nshmem 0\nmapped_file ").add(files);
            out.add("\ndirty 0\nwriteback 0\npgpgin 0\npgpgout 0\npgfault 0\npgmajfault 0\ninactive_anon 0\nactive_anon ");
            out.add(anonymous).add("\ninactive_file 0\nactive_file ").add(files).add("\nunevictable 0\n");
            long limit = group.memoryMax() == Cgroup.MAX ? OLD_UNLIMITED : group.memoryMax();
            out.add("hierarchical_memory_limit ").add(limit).add("\ntotal_cache ").add(files);
            out.add("\ntotal_rss ").add(anonymous).add("\ntotal_inactive_file 0\ntotal_active_file ").add(files).line();
            return;
        }
        out.add("anon ").add(anonymous).add("\nfile ").add(files);
        out.add("\nkernel 0\nkernel_stack 0\npagetables 0\nsec_pagetables 0\npercpu 0\nsock 0\nvmalloc 0\nshmem 0\n");
        out.add("file_mapped ").add(files).add("\nfile_dirty 0\nfile_writeback 0\nswapcached 0\nanon_thp 0\nfile_thp 0\n");
        out.add("shmem_thp 0\ninactive_anon 0\nactive_anon ").add(anonymous).add("\ninactive_file 0\nactive_file ").add(files);
        out.add("\nunevictable 0\nslab_reclaimable 0\nslab_unreclaimable 0\nslab 0\npgfault 0\npgmajfault 0\n");
    }

    @Override
    protected void store(Task writer, byte[] data) throws ErrnoException {
        if (group.removed()) {
            throw Errno.ENODEV.error();
        }
        String word = new String(data, StandardCharsets.ISO_8859_1).strip();
        switch (entry) {
            case PROCS -> move(writer, word);
            case SUBTREE_CONTROL -> delegate(word);
            case KILL -> {
                if (!word.equals("1")) {
                    throw word.equals("0") ? Errno.ERANGE.error() : Errno.EINVAL.error();
                }
                for (ThreadGroup g : group.members(true)) {
                    g.send(SignalInfo.kernel(Signal.SIGKILL));
                }
            }
            case MEMORY_MAX -> group.setMemoryMax(bytes(word));
            case MEMORY_LIMIT -> group.setMemoryMax(word.equals("-1") ? Cgroup.MAX : bytes(word));
            case MEMORY_PEAK, MEMORY_MAX_USAGE -> group.resetMemoryPeak();
            case PIDS_MAX -> {
                long value = word.equals("max") ? Cgroup.MAX : number(word);
                if (value != Cgroup.MAX && (value < 0 || value > PIDS_LIMIT)) {
                    throw Errno.EINVAL.error();
                }
                group.setPidsMax(value);
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    /** A number of bytes, in whole pages; K, M, G may follow. */
    private static long bytes(String word) throws ErrnoException {
        if (word.equals("max")) {
            return Cgroup.MAX;
        }
        int end = word.length();
        int shift = 0;
        if (end > 1) {
            switch (word.charAt(end - 1)) {
                case 'k', 'K' -> shift = 10;
                case 'm', 'M' -> shift = 20;
                case 'g', 'G' -> shift = 30;
                case 't', 'T' -> shift = 40;
                default -> {}
            }
        }
        long n = number(shift == 0 ? word : word.substring(0, end - 1));
        if (n < 0) {
            throw Errno.EINVAL.error();
        }
        return n > Cgroup.MAX >> shift ? Cgroup.MAX : (n << shift) / PAGE * PAGE;
    }

    private static long number(String word) throws ErrnoException {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }

    /** The writer may move what it may signal, more or less: its own processes, or any with the capability. */
    private void move(Task writer, String word) throws ErrnoException {
        long number = number(word);
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup process;
        if (number == 0) {
            process = writer.group();
        } else {
            Task task = writer.namespaces().pid().task((int) number);
            if (task == null || task.group().zombie()) {
                throw Errno.ESRCH.error();
            }
            process = task.group();
        }
        group.add(process);
    }

    private void delegate(String text) throws ErrnoException {
        int add = 0;
        int drop = 0;
        for (String word : text.split("[ \n]+")) {
            if (word.isEmpty()) {
                continue;
            }
            Controller found = null;
            for (Controller c : Controller.values()) {
                if (c.unified() && c.text().equals(word.substring(1))) {
                    found = c;
                }
            }
            if (found == null || word.charAt(0) != '+' && word.charAt(0) != '-') {
                throw Errno.EINVAL.error();
            }
            add = word.charAt(0) == '+' ? add | found.bit() : add & ~found.bit();
            drop = word.charAt(0) == '-' ? drop | found.bit() : drop & ~found.bit();
        }
        group.delegate(add, drop);
    }
}
