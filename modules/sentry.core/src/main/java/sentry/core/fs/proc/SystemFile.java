package sentry.core.fs.proc;

import sentry.core.abi.Clock;
import sentry.core.abi.ErrnoException;
import sentry.core.cgroup.CgroupTree;
import sentry.core.cgroup.Controller;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.kernel.Kernel;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.time.Clocks;
import sentry.core.vfs.FilesystemType;

/** The files of proc's root that tell about the kernel as a whole. */
final class SystemFile extends GeneratedFile {
    /** One for each file. */
    enum Kind {
        CGROUPS("cgroups"),
        CMDLINE("cmdline"),
        CPUINFO("cpuinfo"),
        DEVICES("devices"),
        FILESYSTEMS("filesystems"),
        LOADAVG("loadavg"),
        MEMINFO("meminfo"),
        MODULES("modules"),
        STAT("stat"),
        SWAPS("swaps"),
        UPTIME("uptime"),
        VERSION("version"),
        DISKSTATS("diskstats"),
        EXECDOMAINS("execdomains"),
        INTERRUPTS("interrupts"),
        SOFTIRQS("softirqs"),
        MISC("misc"),
        PARTITIONS("partitions"),
        VMSTAT("vmstat"),
        TTY_DRIVERS(null),
        TTY_LDISCS(null);

        private final String fileName;

        Kind(String fileName) {
            this.fileName = fileName;
        }

        /** Whether it is in proc's root, and not in a directory. */
        boolean inRoot() {
            return fileName != null;
        }

        String fileName() {
            return fileName;
        }
    }

    private static final String[] SOFT_INTERRUPTS = {
        "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"
    };

    private static final int PAGE = 4096;

    private final Kernel kernel;
    private final Kind kind;

    SystemFile(ProcFileSystem fs, Kind kind) {
        super(fs, 0444);
        this.kernel = fs.kernel();
        this.kind = kind;
    }

    @Override
    protected void generate(Task reader, Text out) throws ErrnoException {
        switch (kind) {
            case CGROUPS -> cgroups(out);
            case CMDLINE -> out.line(); // nobody gave this kernel parameters
            case CPUINFO -> out.add(kernel.host().cpuinfo());
            case DEVICES -> out.add("Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n"
                    + "136 pts\n\nBlock devices:\n");
            case FILESYSTEMS -> filesystems(out);
            case LOADAVG -> loadavg(reader, out);
            case MEMINFO -> meminfo(out);
            case DISKSTATS, MISC -> {} // there are no block devices, and no modules' devices
            case EXECDOMAINS -> out.add("0-0\tLinux           \t[kernel]\n");
            case INTERRUPTS -> processors(out, "           ");
            case SOFTIRQS -> {
                processors(out, "                    ");
                for (String name : SOFT_INTERRUPTS) {
                    out.addRight(name + ":", 12);
                    for (int i = 0; i < kernel.host().cpus(); i++) {
                        out.add(' ').addRight(0, 10);
                    }
                    out.line();
                }
            }
            case PARTITIONS -> out.add("major minor  #blocks  name\n\n");
            case VMSTAT -> vmstat(out);
            case TTY_DRIVERS -> out.add("/dev/tty             /dev/tty        5       0 system:/dev/tty\n")
                    .add("/dev/ptmx            /dev/ptmx       5       2 system\n")
                    .add("pty_slave            /dev/pts      136 0-1048575 pty:slave\n")
                    .add("pty_master           /dev/ptm      128 0-1048575 pty:master\n");
            case TTY_LDISCS -> out.add("n_tty       0\n");
            case MODULES -> {} // there are none
            case STAT -> stat(out);
            case SWAPS -> out.add("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
            case UPTIME -> uptime(out);
            case VERSION -> out.add("Linux version ")
                    .add(kernel.release())
                    .add(" (runsc@sentry) (javac ")
                    .add(System.getProperty("java.version"))
                    .add(") ")
                    .add(kernel.version())
                    .line();
        }
    }

    private void processors(Text out, String indent) {
        out.add(indent);
        for (int i = 0; i < kernel.host().cpus(); i++) {
            out.addLeft("CPU" + i, 11);
        }
        out.line();
    }

    private void vmstat(Text out) {
        long total = kernel.host().memoryBytes();
        long used = Math.min(total, kernel.memory().residentBytes());
        long faults = 0;
        for (ThreadGroup group : kernel.tasks().rootPids().processes()) {
            faults += group.counts().faults();
        }
        out.add("nr_free_pages ").add((total - used) / PAGE);
        out.add("\nnr_zone_inactive_anon 0\nnr_zone_active_anon ").add(used / PAGE);
        out.add("\nnr_inactive_anon 0\nnr_active_anon ").add(used / PAGE);
        out.add("\nnr_inactive_file 0\nnr_active_file 0\nnr_unevictable 0\nnr_slab_reclaimable 0\nnr_slab_unreclaimable 0\n");
        out.add("nr_anon_pages ").add(used / PAGE).add("\nnr_mapped 0\nnr_file_pages 0\nnr_dirty 0\nnr_writeback 0\n");
        out.add("nr_shmem 0\nnr_page_table_pages 0\nnr_kernel_stack 0\nnr_dirtied 0\nnr_written 0\n");
        out.add("pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgalloc_normal 0\npgfree 0\npgactivate 0\npgdeactivate 0\n");
        out.add("pgfault ").add(faults).add("\npgmajfault 0\npgscan_kswapd 0\npgscan_direct 0\npgsteal_kswapd 0\n");
        out.add("pgsteal_direct 0\noom_kill ").add(kernel.cgroups().unified().root().memoryKills()).line();
    }

    private void cgroups(Text out) {
        out.add("#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
        for (Controller c : Controller.values()) {
            CgroupTree old = kernel.cgroups().oldWith(c);
            CgroupTree tree = old == null ? kernel.cgroups().unified() : old;
            out.add(c.oldText()).add('\t').add(tree.id()).add('\t').add(1 + tree.root().descendants()).add("\t1\n");
        }
    }

    private void filesystems(Text out) {
        for (FilesystemType type : kernel.filesystemTypes().all()) {
            if (type.userMountable()) {
                out.add("nodev\t").add(type.name()).line();
            }
        }
    }

    private void loadavg(Task reader, Text out) {
        PidNamespace pids = reader == null ? kernel.tasks().rootPids() : reader.namespaces().pid();
        int running = 0;
        int all = 0;
        for (ThreadGroup group : kernel.tasks().rootPids().processes()) {
            for (Task t : group.tasks()) {
                all++;
                if (t.stateLetter() == 'R') {
                    running++;
                }
            }
        }
        CpuUsage usage = CpuUsage.of(kernel);
        for (int i = 0; i < 3; i++) {
            long hundredths = Math.round(usage.load(i) * 100);
            out.add(hundredths / 100).add('.').addZeros(hundredths % 100, 2).add(' ');
        }
        out.add(running).add('/').add(all).add(' ').add(pids.lastPid()).line();
    }

    private void meminfo(Text out) {
        long total = kernel.host().memoryBytes();
        long used = Math.min(total, kernel.memory().residentBytes());
        kilobytes(out, "MemTotal:", total);
        kilobytes(out, "MemFree:", total - used);
        kilobytes(out, "MemAvailable:", total - used);
        kilobytes(out, "Buffers:", 0);
        kilobytes(out, "Cached:", 0);
        kilobytes(out, "SwapCached:", 0);
        // All memory is program memory: the kernel has none that could be told apart, and no swap.
        kilobytes(out, "Active:", used);
        kilobytes(out, "Inactive:", 0);
        kilobytes(out, "Active(anon):", used);
        kilobytes(out, "Inactive(anon):", 0);
        kilobytes(out, "Active(file):", 0);
        kilobytes(out, "Inactive(file):", 0);
        kilobytes(out, "Unevictable:", 0);
        kilobytes(out, "Mlocked:", 0);
        kilobytes(out, "SwapTotal:", 0);
        kilobytes(out, "SwapFree:", 0);
        kilobytes(out, "Dirty:", 0);
        kilobytes(out, "Writeback:", 0);
        kilobytes(out, "AnonPages:", used);
        kilobytes(out, "Mapped:", 0);
        kilobytes(out, "Shmem:", 0);
        kilobytes(out, "Slab:", 0);
        kilobytes(out, "SReclaimable:", 0);
        kilobytes(out, "SUnreclaim:", 0);
        kilobytes(out, "CommitLimit:", kernel.overcommit().limit());
        kilobytes(out, "Committed_AS:", kernel.overcommit().committed());
        out.add("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n");
        out.add("HugePages_Surp:        0\n");
        kilobytes(out, "Hugepagesize:", 2 << 20);
    }

    private static void kilobytes(Text out, String name, long bytes) {
        out.addLeft(name, 16).addRight(bytes >> 10, 8).add(" kB\n");
    }

    private void stat(Text out) {
        int cpus = kernel.host().cpus();
        CpuUsage usage = CpuUsage.of(kernel);
        long user = usage.user() / ThreadGroup.NANOS_PER_TICK;
        long system = usage.system() / ThreadGroup.NANOS_PER_TICK;
        long idle = usage.idle(cpus) / ThreadGroup.NANOS_PER_TICK;
        cpu(out, "cpu ", user, system, idle);
        // Which CPU did what is the host's affair; each has an equal share of the sum.
        for (int i = 0; i < cpus; i++) {
            cpu(out, "cpu" + i, user / cpus, system / cpus, idle / cpus);
        }
        long switches = 0;
        int running = 0;
        for (ThreadGroup group : kernel.tasks().rootPids().processes()) {
            for (Task t : group.tasks()) {
                switches += t.voluntarySwitches();
                if (t.stateLetter() == 'R') {
                    running++;
                }
            }
        }
        out.add("intr 0\nctxt ").add(switches);
        out.add("\nbtime ").add(kernel.bootMillis() / 1000);
        out.add("\nprocesses ").add(kernel.tasks().rootPids().lastPid());
        out.add("\nprocs_running ").add(running).add("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
    }

    private static void cpu(Text out, String name, long user, long system, long idle) {
        out.add(name).add(' ').add(user).add(" 0 ").add(system).add(' ').add(idle).add(" 0 0 0 0 0 0\n");
    }

    private void uptime(Text out) {
        long up = System.nanoTime() - kernel.bootNanos();
        Task reader = Kernel.current();
        if (reader != null) {
            up += Clocks.offset(reader, Clock.CLOCK_BOOTTIME);
        }
        seconds(out, up).add(' ');
        seconds(out, CpuUsage.of(kernel).idle(kernel.host().cpus())).line();
    }

    private static Text seconds(Text out, long nanos) {
        long hundredths = nanos / 10_000_000;
        return out.add(hundredths / 100).add('.').addZeros(hundredths % 100, 2);
    }
}
