package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;

/**
 * A setting below /proc/sys that describes how this kernel always behaves, or Linux's default of what does not matter here.
 * As in a container nobody can change it, although it has a mode that looks so.
 */
final class FixedSetting extends GeneratedFile {
    /** Directory, name, text. */
    private static final String[][] ALL = {
        {"dev/tty", "ldisc_autoload", "0"},
        {"dev/tty", "legacy_tiocsti", "1"},
        {"fs", "dentry-state", "0\t0\t45\t0\t0\t0"},
        {"fs", "dir-notify-enable", "1"},
        {"fs", "inode-nr", "0\t0"},
        {"fs", "inode-state", "0\t0\t0\t0\t0\t0\t0"},
        {"fs", "lease-break-time", "45"},
        {"fs", "leases-enable", "1"},
        {"fs", "mount-max", "100000"},
        {"fs", "pipe-user-pages-hard", "0"},
        {"fs", "pipe-user-pages-soft", "0"},
        {"fs", "suid_dumpable", "0"},
        {"fs/epoll", "max_user_watches", "2147483647"},
        {"kernel", "arch", "x86_64"},
        {"kernel", "auto_msgmni", "0"},
        {"kernel", "core_pipe_limit", "0"},
        {"kernel", "core_uses_pid", "0"},
        {"kernel", "ctrl-alt-del", "0"},
        {"kernel", "io_uring_disabled", "2"},
        {"kernel", "kptr_restrict", "2"},
        {"kernel", "msg_next_id", "-1"},
        {"kernel", "numa_balancing", "0"},
        {"kernel", "panic", "0"},
        {"kernel", "panic_on_oops", "0"},
        {"kernel", "perf_event_paranoid", "3"},
        {"kernel", "print-fatal-signals", "0"},
        {"kernel", "printk", "4\t4\t1\t7"},
        {"kernel", "sched_autogroup_enabled", "0"},
        {"kernel", "sem_next_id", "-1"},
        {"kernel", "shm_next_id", "-1"},
        {"kernel", "shm_rmid_forced", "0"},
        {"kernel", "sysctl_writes_strict", "1"},
        {"kernel", "timer_migration", "1"},
        {"kernel", "unprivileged_bpf_disabled", "2"},
        {"kernel/pty", "reserve", "1024"},
        {"kernel/random", "urandom_min_reseed_secs", "60"},
        {"kernel/random", "write_wakeup_threshold", "256"},
        {"kernel/seccomp", "actions_avail", "kill_process kill_thread trap errno user_notif trace log allow"},
        {"kernel/seccomp", "actions_logged", "kill_process kill_thread trap errno user_notif trace log"},
        {"vm", "admin_reserve_kbytes", "0"},
        {"vm", "dirty_background_bytes", "0"},
        {"vm", "dirty_background_ratio", "10"},
        {"vm", "dirty_bytes", "0"},
        {"vm", "dirty_expire_centisecs", "3000"},
        {"vm", "dirty_ratio", "20"},
        {"vm", "dirty_writeback_centisecs", "500"},
        {"vm", "hugetlb_shm_group", "0"},
        {"vm", "laptop_mode", "0"},
        {"vm", "legacy_va_layout", "0"},
        {"vm", "memfd_noexec", "0"},
        {"vm", "min_free_kbytes", "0"},
        {"vm", "nr_overcommit_hugepages", "0"},
        {"vm", "oom_dump_tasks", "0"},
        {"vm", "oom_kill_allocating_task", "0"},
        {"vm", "page-cluster", "0"},
        {"vm", "panic_on_oom", "0"},
        {"vm", "stat_interval", "1"},
        {"vm", "swappiness", "60"},
        {"vm", "unprivileged_userfaultfd", "0"},
        {"vm", "user_reserve_kbytes", "0"},
        {"vm", "vfs_cache_pressure", "100"},
        {"vm", "zone_reclaim_mode", "0"},
    };

    private final String text;

    private FixedSetting(ProcFileSystem fs, String text) {
        super(fs, 0644);
        this.text = text;
    }

    /** Puts them below {@code root}; what is there already stays. */
    static void addTo(ProcFileSystem fs, PseudoDirectory root) throws ErrnoException {
        for (String[] setting : ALL) {
            PseudoDirectory in = root;
            for (String name : setting[0].split("/")) {
                in = in.lookup(name) instanceof PseudoDirectory d ? d : in.directory(name);
            }
            if (in.lookup(setting[1]) == null) {
                in.add(setting[1], new FixedSetting(fs, setting[2]));
            }
        }
    }

    @Override
    protected void checkOpen(Task task, int flags) throws ErrnoException {
        if ((flags & 3) != 0) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    protected void generate(Task reader, Text out) {
        out.add(text).line();
    }
}
