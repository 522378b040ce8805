package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Sys;
import sentry.core.ipc.IpcNamespace;
import sentry.core.ipc.ShmSegment;
import sentry.core.memory.MemoryFile;
import sentry.core.memory.Vma;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** System V shared memory (shmget(2), shmop(2), shmctl(2)). */
final class ShmSyscalls {
    private static final int SHM_RDONLY = 010000;
    private static final int SHM_RND = 020000;
    private static final int SHM_REMAP = 040000;
    private static final int SHM_EXEC = 0100000;
    private static final int SHM_HUGETLB = 04000;
    private static final int HUGE_SHIFT = 26;

    private static final int SHM_LOCK = 11;
    private static final int SHM_UNLOCK = 12;
    private static final int SHM_STAT = 13;
    private static final int SHM_INFO = 14;
    private static final int SHM_STAT_ANY = 15;

    private static final int SHMID_DS_SIZE = 112;
    private static final int PAGE = MemoryFile.PAGE;

    private ShmSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.SHMGET, "no huge pages", ShmSyscalls::shmget);
        table.full(Sys.SHMAT, ShmSyscalls::shmat);
        table.full(Sys.SHMDT, ShmSyscalls::shmdt);
        table.full(Sys.SHMCTL, ShmSyscalls::shmctl);
    }

    private static long shmget(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        if ((flags & SHM_HUGETLB) != 0 && a.i0() == 0) {
            int log = flags >>> HUGE_SHIFT & 63;
            // As with no huge pages set aside; other sizes than 2 MiB and 1 GiB there are not.
            throw (log == 0 || log == 21 || log == 30 ? Errno.ENOMEM : Errno.EINVAL).error();
        }
        return ShmSegment.get(task, a.i0(), a.a1, flags);
    }

    private static long shmat(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        long address = a.a1;
        boolean remap = (flags & SHM_REMAP) != 0;
        if (a.i0() < 0) {
            throw Errno.EINVAL.error();
        }
        if (address != 0) {
            if ((address & PAGE - 1) != 0) {
                if ((flags & SHM_RND) == 0) {
                    throw Errno.EINVAL.error();
                }
                address &= -PAGE;
                if (address == 0 && remap) {
                    throw Errno.EINVAL.error();
                }
            }
        } else if (remap) {
            throw Errno.EINVAL.error();
        }
        int prot = Vma.READ;
        int rights = IpcCommands.READ;
        if ((flags & SHM_RDONLY) == 0) {
            prot |= Vma.WRITE;
            rights |= IpcCommands.WRITE;
        }
        if ((flags & SHM_EXEC) != 0) {
            prot |= Vma.EXECUTE;
            rights |= 0111;
        }
        ShmSegment s = task.namespaces().ipc().shm().byId(a.i0());
        s.require(task.credentials(), rights);
        if (address != 0 && address + s.size() < address) {
            throw Errno.EINVAL.error();
        }
        s.pin();
        try {
            long at = task.mm().attach(task, address, prot, remap, s, name(s));
            s.attachedBy(task);
            return at;
        } finally {
            s.unpin();
        }
    }

    private static String name(ShmSegment s) {
        String key = Integer.toHexString(s.key());
        return "/SYSV" + "00000000".substring(key.length()) + key + " (deleted)";
    }

    private static long shmdt(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.a0 & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        task.mm().detach(a.a0, m -> m instanceof ShmSegment);
        return 0;
    }

    private static long shmctl(Task task, SyscallArgs a) throws ErrnoException {
        int id = a.i0();
        if (id < 0 || a.i1() < 0) {
            throw Errno.EINVAL.error();
        }
        IpcNamespace ns = task.namespaces().ipc();
        switch (a.i1()) {
            case IpcCommands.IPC_INFO -> {
                byte[] b = new byte[72];
                Struct.putLong(b, 0, ns.limits().segment);
                Struct.putLong(b, 8, 1);
                Struct.putLong(b, 16, ns.limits().segments);
                Struct.putLong(b, 24, ns.limits().segments);
                Struct.putLong(b, 32, ns.limits().segmentPages);
                IpcCommands.write(task, a.a2, b);
                return ns.shm().highestSlot();
            }
            case SHM_INFO -> {
                byte[] b = new byte[48];
                long pages = 0;
                long resident = 0;
                for (ShmSegment s : ns.shm().list()) {
                    pages += s.size() / PAGE;
                    resident += s.resident() / PAGE;
                }
                Struct.putInt(b, 0, ns.shm().count());
                Struct.putLong(b, 8, pages);
                Struct.putLong(b, 16, resident);
                IpcCommands.write(task, a.a2, b);
                return ns.shm().highestSlot();
            }
            case IpcCommands.IPC_STAT, SHM_STAT, SHM_STAT_ANY -> {
                boolean slot = a.i1() != IpcCommands.IPC_STAT;
                ShmSegment s = slot ? ns.shm().bySlot(id) : ns.shm().byId(id);
                if (a.i1() != SHM_STAT_ANY) {
                    s.require(task.credentials(), IpcCommands.READ);
                }
                IpcCommands.write(task, a.a2, stat(task, s));
                return slot ? s.id() : 0;
            }
            case IpcCommands.IPC_SET -> {
                byte[] in = IpcCommands.read(task, a.a2, SHMID_DS_SIZE);
                IpcCommands.setPermissions(task, ns.shm().byId(id), in);
                return 0;
            }
            case IpcCommands.IPC_RMID -> {
                ShmSegment s = ns.shm().byId(id);
                s.requireOwner(task.credentials());
                s.remove();
                return 0;
            }
            case SHM_LOCK, SHM_UNLOCK -> {
                ShmSegment s = ns.shm().byId(id);
                if (!task.credentials().capable(Capability.IPC_LOCK)) {
                    if (!s.ownedBy(task.credentials())
                            || a.i1() == SHM_LOCK && task.group().rlimits().soft(Resource.RLIMIT_MEMLOCK) == 0) {
                        throw Errno.EPERM.error();
                    }
                }
                s.setLocked(a.i1() == SHM_LOCK);
                return 0;
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    /** struct shmid64_ds. */
    private static byte[] stat(Task task, ShmSegment s) {
        byte[] b = new byte[SHMID_DS_SIZE];
        IpcCommands.putPermissions(task, b, s);
        Struct.putLong(b, 48, s.bytes());
        Struct.putLong(b, 56, s.attachTime());
        Struct.putLong(b, 64, s.detachTime());
        Struct.putLong(b, 72, s.changeTime());
        Struct.putInt(b, 80, IpcCommands.number(task, s.creator()));
        Struct.putInt(b, 84, IpcCommands.number(task, s.last()));
        Struct.putLong(b, 88, s.attached());
        return b;
    }
}
