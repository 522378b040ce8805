package sentry.core.fs.proc;

import host.linux.Entropy;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.mqueue.QueueLimits;
import sentry.core.fs.aio.AioContexts;
import sentry.core.fs.notify.NotifyLimits;
import sentry.core.fs.pipe.Pipe;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.ipc.IpcLimits;
import sentry.core.kernel.Kernel;
import sentry.core.memory.Overcommit;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UtsNamespace;
import sentry.core.tty.Tty;
import sentry.core.vfs.FdTable;

/** One setting below /proc/sys. */
final class SysctlFile extends GeneratedFile {
    /** Objects of each kind of System V IPC at most. */
    private static final int IPCMNI = 32768;

    private static final int LEAST_PID_MAX = 301;

    /** Length of a host name without its NUL. */
    private static final int NAME_LIMIT = 64;

    /** Chosen once for each kernel, when it is first read. */
    private static String bootId;

    private final Kernel kernel;
    private final Sysctl setting;

    SysctlFile(ProcFileSystem fs, Sysctl setting) {
        super(fs, setting.permissions());
        this.kernel = fs.kernel();
        this.setting = setting;
    }

    /** Not even root opens a read-only setting for writing (Linux: proc_sys_permission). */
    @Override
    protected void checkOpen(Task task, int flags) throws ErrnoException {
        if ((flags & 3) != 0 && (setting.permissions() & 0222) == 0) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    protected void generate(Task reader, Text out) throws ErrnoException {
        UtsNamespace uts = reader == null ? null : reader.namespaces().uts();
        switch (setting) {
            case FILE_MAX -> out.add(Long.MAX_VALUE);
            case NR_OPEN -> out.add(1 << 20);
            case FILE_NR -> out.add(openFiles()).add("\t0\t").add(Long.MAX_VALUE);
            case PIPE_MAX_SIZE -> out.add(Pipe.mostCapacity());
            case OVERFLOWUID, OVERFLOWGID, OVERFLOWUID_KERNEL, OVERFLOWGID_KERNEL -> out.add(65534);
            case CAP_LAST_CAP -> out.add(Capability.CHECKPOINT_RESTORE);
            case CORE_PATTERN -> out.add("core");
            case DOMAINNAME -> out.add(uts == null ? "" : uts.domainname());
            case HOSTNAME -> out.add(uts == null ? "" : uts.hostname());
            case MQUEUE_MSG_DEFAULT -> out.add(queueLimits(reader).defaultMessages);
            case MQUEUE_MSG_MAX -> out.add(queueLimits(reader).messages);
            case MQUEUE_MSGSIZE_DEFAULT -> out.add(queueLimits(reader).defaultSize);
            case MQUEUE_MSGSIZE_MAX -> out.add(queueLimits(reader).size);
            case MQUEUE_QUEUES_MAX -> out.add(queueLimits(reader).queues);
            case MSGMAX -> out.add(ipc(reader).message);
            case MSGMNB -> out.add(ipc(reader).queue);
            case MSGMNI -> out.add(ipc(reader).queues);
            case SEM -> out.add(ipc(reader).semaphoresInSet).add('\t').add(ipc(reader).semaphores).add('\t')
                    .add(ipc(reader).operations).add('\t').add(ipc(reader).sets);
            case SHMALL -> out.addUnsigned(ipc(reader).segmentPages);
            case SHMMAX -> out.addUnsigned(ipc(reader).segment);
            case SHMMNI -> out.add(ipc(reader).segments);
            case PROTECTED_HARDLINKS -> out.add(1);
            case PROTECTED_FIFOS, PROTECTED_REGULAR, PROTECTED_SYMLINKS -> out.add(0);
            case AIO_MAX_NR -> out.add(AioContexts.MOST);
            case AIO_NR -> out.add(AioContexts.used());
            case MAX_QUEUED_EVENTS -> out.add(NotifyLimits.queuedEvents());
            case MAX_USER_INSTANCES -> out.add(NotifyLimits.instances());
            case MAX_USER_WATCHES -> out.add(NotifyLimits.watches());
            case DMESG_RESTRICT, TAINTED -> out.add(0);
            case NS_LAST_PID -> out.add(reader == null ? 0 : reader.namespaces().pidForChildren().lastPid());
            case SCHED_RR_TIMESLICE_MS -> out.add(100);
            case SCHED_RT_PERIOD_US -> out.add(1_000_000);
            case SCHED_RT_RUNTIME_US -> out.add(950_000);
            case UNPRIVILEGED_USERNS_CLONE -> out.add(1);
            // How many there are is not limited, but how deep they nest.
            case MAX_CGROUP_NAMESPACES,
                    MAX_IPC_NAMESPACES,
                    MAX_MNT_NAMESPACES,
                    MAX_NET_NAMESPACES,
                    MAX_PID_NAMESPACES,
                    MAX_TIME_NAMESPACES,
                    MAX_USER_NAMESPACES,
                    MAX_UTS_NAMESPACES -> out.add(Integer.MAX_VALUE);
            case NGROUPS_MAX -> out.add(65536);
            case OSRELEASE -> out.add(kernel.release());
            case OSTYPE -> out.add("Linux");
            case PID_MAX -> out.add(pids(reader).most());
            case THREADS_MAX -> out.add(PidNamespace.PID_MAX);
            case RANDOMIZE_VA_SPACE -> out.add(2);
            case VERSION -> out.add(kernel.version());
            case BOOT_ID -> out.add(bootId());
            case ENTROPY_AVAIL, POOLSIZE -> out.add(256);
            case UUID -> out.add(uuid());
            case PTY_MAX -> out.add(4096);
            case PTY_NR -> out.add(Tty.count());
            case MAX_MAP_COUNT -> out.add(kernel.overcommit().mostVmas());
            case DROP_CACHES -> {}
            case UNPRIVILEGED_USERFAULTFD -> out.add(kernel.overcommit().userfaultsForAll() ? 1 : 0);
            case MMAP_MIN_ADDR -> out.add(kernel.platform().traits().minAddress());
            case NR_HUGEPAGES -> out.add(0);
            case OVERCOMMIT_KBYTES -> out.add(kernel.overcommit().kilobytes());
            case OVERCOMMIT_MEMORY -> out.add(kernel.overcommit().mode());
            case OVERCOMMIT_RATIO -> out.add(kernel.overcommit().ratio());
        }
        out.line();
    }

    @Override
    protected void store(Task writer, byte[] data) throws ErrnoException {
        IpcLimits ipc = ipc(writer);
        switch (setting) {
            case MSGMAX -> {
                ipc.message = number(data, Integer.MAX_VALUE);
                return;
            }
            case MSGMNB -> {
                ipc.queue = number(data, Integer.MAX_VALUE);
                return;
            }
            case MSGMNI -> {
                ipc.queues = number(data, IPCMNI);
                return;
            }
            case SHMMNI -> {
                ipc.segments = number(data, IPCMNI);
                return;
            }
            case SHMMAX -> {
                ipc.segment = TaskFile.longNumber(data);
                return;
            }
            case SHMALL -> {
                ipc.segmentPages = TaskFile.longNumber(data);
                return;
            }
            case SEM -> {
                setSemaphores(ipc, data);
                return;
            }
            case PID_MAX -> {
                pids(writer).setMost(number(data, LEAST_PID_MAX, PidNamespace.PID_MAX));
                return;
            }
            case PIPE_MAX_SIZE -> {
                Pipe.setMostCapacity(number(data, 1, 1 << 30));
                return;
            }
            case MQUEUE_MSG_DEFAULT -> {
                queueLimits(writer).defaultMessages = number(data, 1, QueueLimits.HARD_MESSAGES);
                return;
            }
            case MQUEUE_MSG_MAX -> {
                queueLimits(writer).messages = number(data, 1, QueueLimits.HARD_MESSAGES);
                return;
            }
            case MQUEUE_MSGSIZE_DEFAULT -> {
                queueLimits(writer).defaultSize = number(data, QueueLimits.LEAST_SIZE, QueueLimits.HARD_SIZE);
                return;
            }
            case MQUEUE_MSGSIZE_MAX -> {
                queueLimits(writer).size = number(data, QueueLimits.LEAST_SIZE, QueueLimits.HARD_SIZE);
                return;
            }
            case MQUEUE_QUEUES_MAX -> {
                queueLimits(writer).queues = TaskFile.number(data);
                return;
            }
            case UNPRIVILEGED_USERFAULTFD -> {
                kernel.overcommit().setUserfaultsForAll(number(data, 1) == 1);
                return;
            }
            case DROP_CACHES -> {
                number(data, 1, 4); // what is kept here is not kept for speed alone: there is nothing to drop
                return;
            }
            case MAX_MAP_COUNT -> {
                kernel.overcommit().setMostVmas(number(data, Integer.MAX_VALUE));
                return;
            }
            case OVERCOMMIT_KBYTES -> {
                kernel.overcommit().setKilobytes(number(data, Integer.MAX_VALUE));
                return;
            }
            case OVERCOMMIT_MEMORY -> {
                kernel.overcommit().setMode(number(data, Overcommit.NEVER));
                return;
            }
            case OVERCOMMIT_RATIO -> {
                kernel.overcommit().setRatio(TaskFile.number(data));
                return;
            }
            case MAX_QUEUED_EVENTS -> {
                NotifyLimits.setQueuedEvents(number(data, Integer.MAX_VALUE));
                return;
            }
            case MAX_USER_INSTANCES -> {
                NotifyLimits.setInstances(number(data, Integer.MAX_VALUE));
                return;
            }
            case MAX_USER_WATCHES -> {
                NotifyLimits.setWatches(number(data, Integer.MAX_VALUE));
                return;
            }
            case NS_LAST_PID -> {
                PidNamespace pids = writer.namespaces().pidForChildren();
                if (!writer.credentials().capableIn(pids.owner(), Capability.SYS_ADMIN)
                        && !writer.credentials().capableIn(pids.owner(), Capability.CHECKPOINT_RESTORE)) {
                    throw Errno.EPERM.error();
                }
                int last = number(data, PidNamespace.PID_MAX - 1);
                kernel.taskSet().lock();
                try {
                    pids.setLastPid(last);
                } finally {
                    kernel.taskSet().unlock();
                }
                return;
            }
            default -> {}
        }
        if (setting != Sysctl.HOSTNAME && setting != Sysctl.DOMAINNAME) {
            throw Errno.EACCES.error();
        }
        if (!writer.credentials().capableIn(writer.namespaces().uts().owner(), Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        int length = 0;
        while (length < data.length && length < NAME_LIMIT && data[length] != 0 && data[length] != '\n') {
            length++;
        }
        String name = TaskFile.string(data, length);
        UtsNamespace uts = writer.namespaces().uts();
        if (setting == Sysctl.HOSTNAME) {
            uts.setHostname(name);
        } else {
            uts.setDomainname(name);
        }
    }

    private IpcLimits ipc(Task task) {
        return (task == null ? kernel.initialIpc() : task.namespaces().ipc()).limits();
    }

    private PidNamespace pids(Task task) {
        return task == null ? kernel.tasks().rootPids() : task.namespaces().pid();
    }

    /** Four numbers; those that are missing stay. ERANGE for too many sets. */
    private static void setSemaphores(IpcLimits limits, byte[] data) throws ErrnoException {
        String[] words = TaskFile.string(data, data.length).strip().split("[ \t\n]+");
        int[] values = {limits.semaphoresInSet, limits.semaphores, limits.operations, limits.sets};
        for (int i = 0; i < Math.min(words.length, values.length); i++) {
            values[i] = number(words[i].getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), Integer.MAX_VALUE);
        }
        if (values[3] > IPCMNI) {
            throw Errno.ERANGE.error();
        }
        limits.semaphoresInSet = values[0];
        limits.semaphores = values[1];
        limits.operations = values[2];
        limits.sets = values[3];
    }

    /** Open files of all processes; those that several have are counted for each. */
    private long openFiles() {
        long n = 0;
        for (ThreadGroup g : kernel.tasks().rootPids().processes()) {
            for (Task t : g.tasks()) {
                FdTable fds = t.fds();
                n += fds == null ? 0 : fds.open().length;
                break;
            }
        }
        return n;
    }

    @Override
    protected boolean readInOneGo() {
        return !setting.text();
    }

    private QueueLimits queueLimits(Task task) {
        return (task == null ? kernel.initialIpc() : task.namespaces().ipc()).queues().limits();
    }

    /** A number between 0 and {@code most}; EINVAL for others. */
    private static int number(byte[] data, int most) throws ErrnoException {
        return number(data, 0, most);
    }

    private static int number(byte[] data, int least, int most) throws ErrnoException {
        int value = TaskFile.number(data);
        if (value < least || value > most) {
            throw Errno.EINVAL.error();
        }
        return value;
    }

    private static synchronized String bootId() {
        if (bootId == null) {
            bootId = uuid();
        }
        return bootId;
    }

    /** A random UUID (RFC 4122, version 4). */
    private static String uuid() {
        long high = Entropy.nextLong() & ~0xf000L | 0x4000L;
        long low = Entropy.nextLong() & ~(3L << 62) | 1L << 63;
        String h = hex(high);
        String l = hex(low);
        return h.substring(0, 8) + '-' + h.substring(8, 12) + '-' + h.substring(12) + '-' + l.substring(0, 4) + '-'
                + l.substring(4);
    }

    private static String hex(long value) {
        String s = Long.toHexString(value);
        return "0".repeat(16 - s.length()) + s;
    }
}
