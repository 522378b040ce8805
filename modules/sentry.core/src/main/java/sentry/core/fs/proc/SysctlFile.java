package sentry.core.fs.proc;

import host.linux.Entropy;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.mqueue.QueueLimits;
import sentry.core.fs.aio.AioContexts;
import sentry.core.fs.notify.NotifyLimits;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.ipc.MessageQueue;
import sentry.core.ipc.SemaphoreSet;
import sentry.core.ipc.ShmSegment;
import sentry.core.kernel.Kernel;
import sentry.core.memory.Overcommit;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.UtsNamespace;

/** One setting below /proc/sys. */
final class SysctlFile extends GeneratedFile {
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
            case PIPE_MAX_SIZE -> out.add(1 << 20);
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
            case MSGMAX -> out.add(MessageQueue.LARGEST_MESSAGE);
            case MSGMNB -> out.add(MessageQueue.DEFAULT_BYTES);
            case MSGMNI -> out.add(MessageQueue.MOST);
            case SEM -> out.add(SemaphoreSet.MOST_IN_SET).add('\t').add(SemaphoreSet.MOST_SEMAPHORES).add('\t')
                    .add(SemaphoreSet.MOST_OPERATIONS).add('\t').add(SemaphoreSet.MOST_SETS);
            case SHMALL, SHMMAX -> out.addUnsigned(ShmSegment.LARGEST);
            case SHMMNI -> out.add(ShmSegment.MOST);
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
            case PID_MAX, THREADS_MAX -> out.add(PidNamespace.PID_MAX);
            case RANDOMIZE_VA_SPACE -> out.add(2);
            case VERSION -> out.add(kernel.version());
            case BOOT_ID -> out.add(bootId());
            case ENTROPY_AVAIL, POOLSIZE -> out.add(256);
            case UUID -> out.add(uuid());
            case PTY_MAX -> out.add(4096);
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
        switch (setting) {
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
