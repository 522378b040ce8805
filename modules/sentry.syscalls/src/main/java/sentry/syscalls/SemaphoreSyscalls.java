package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.ipc.IpcNamespace;
import sentry.core.ipc.SemaphoreSet;
import sentry.core.ipc.SemaphoreUndo;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;

/** System V semaphores (semget(2), semop(2), semctl(2)). */
final class SemaphoreSyscalls {
    private static final int GETPID = 11;
    private static final int GETVAL = 12;
    private static final int GETALL = 13;
    private static final int GETNCNT = 14;
    private static final int GETZCNT = 15;
    private static final int SETVAL = 16;
    private static final int SETALL = 17;
    private static final int SEM_STAT = 18;
    private static final int SEM_INFO = 19;
    private static final int SEM_STAT_ANY = 20;

    private static final int SEM_UNDO = 0x1000;
    private static final int SEMID_DS_SIZE = 104;
    private static final int SEMBUF_SIZE = 6;

    private SemaphoreSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SEMGET, (task, a) -> SemaphoreSet.get(task, a.i0(), a.i1(), a.i2()));
        table.full(Sys.SEMOP, (task, a) -> operate(task, a, Sleeper.FOREVER, true));
        table.full(Sys.SEMTIMEDOP, SemaphoreSyscalls::semtimedop);
        table.full(Sys.SEMCTL, SemaphoreSyscalls::semctl);
    }

    private static long semtimedop(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a3 == 0) {
            return operate(task, a, Sleeper.FOREVER, true);
        }
        long seconds = task.memory().getLong(a.a3);
        long nanos = task.memory().getLong(a.a3 + 8);
        boolean valid = seconds >= 0 && nanos >= 0 && nanos < Timespec.NANOS_PER_SECOND;
        return operate(task, a, valid ? Timespec.deadline(Timespec.nanos(seconds, nanos)) : 0, valid);
    }

    private static long operate(Task task, SyscallArgs a, long deadline, boolean validTime) throws ErrnoException {
        int n = a.i2();
        if (n < 1 || a.i0() < 0) {
            throw Errno.EINVAL.error();
        }
        if (Integer.compareUnsigned(n, task.namespaces().ipc().limits().operations) > 0) {
            throw Errno.E2BIG.error();
        }
        byte[] in = IpcCommands.read(task, a.a1, n * SEMBUF_SIZE);
        if (!validTime) {
            throw Errno.EINVAL.error();
        }
        SemaphoreSet.Operation[] operations = new SemaphoreSet.Operation[n];
        boolean alters = false;
        boolean undo = false;
        int highest = 0;
        for (int i = 0; i < n; i++) {
            int at = i * SEMBUF_SIZE;
            int number = Struct.getShort(in, at) & 0xffff;
            short change = Struct.getShort(in, at + 2);
            int flags = Struct.getShort(in, at + 4) & 0xffff;
            operations[i] = new SemaphoreSet.Operation(number, change, flags);
            highest = Math.max(highest, number);
            alters |= change != 0;
            undo |= (flags & SEM_UNDO) != 0;
        }
        SemaphoreSet set = task.namespaces().ipc().semaphores().byId(a.i0());
        if (highest >= set.count()) {
            throw Errno.EFBIG.error();
        }
        set.require(task.credentials(), alters ? IpcCommands.WRITE : IpcCommands.READ);
        SemaphoreUndo list = undo ? task.semaphoreUndo() : null;
        set.operate(task, operations, list, deadline);
        return 0;
    }

    private static long semctl(Task task, SyscallArgs a) throws ErrnoException {
        int id = a.i0();
        if (id < 0) {
            throw Errno.EINVAL.error();
        }
        IpcNamespace ns = task.namespaces().ipc();
        switch (a.i2()) {
            case IpcCommands.IPC_INFO, SEM_INFO -> {
                IpcCommands.write(task, a.a3, info(ns, a.i2() == SEM_INFO));
                return ns.semaphores().highestSlot();
            }
            case IpcCommands.IPC_STAT, SEM_STAT, SEM_STAT_ANY -> {
                boolean slot = a.i2() != IpcCommands.IPC_STAT;
                SemaphoreSet s = slot ? ns.semaphores().bySlot(id) : ns.semaphores().byId(id);
                if (a.i2() != SEM_STAT_ANY) {
                    s.require(task.credentials(), IpcCommands.READ);
                }
                byte[] b = new byte[SEMID_DS_SIZE];
                IpcCommands.putPermissions(task, b, s);
                Struct.putLong(b, 48, s.operationTime());
                Struct.putLong(b, 64, s.changeTime());
                Struct.putLong(b, 80, s.count());
                IpcCommands.write(task, a.a3, b);
                return slot ? s.id() : 0;
            }
            case GETALL, GETVAL, GETPID, GETNCNT, GETZCNT, SETALL -> {
                return values(task, ns.semaphores().byId(id), a.i1(), a.i2(), a.a3);
            }
            case SETVAL -> {
                int value = (int) a.a3;
                if (value < 0 || value > SemaphoreSet.LARGEST) {
                    throw Errno.ERANGE.error();
                }
                SemaphoreSet s = ns.semaphores().byId(id);
                if (a.i1() < 0 || a.i1() >= s.count()) {
                    throw Errno.EINVAL.error();
                }
                s.require(task.credentials(), IpcCommands.WRITE);
                s.set(a.i1(), value, task.group().id());
                return 0;
            }
            case IpcCommands.IPC_SET -> {
                byte[] in = IpcCommands.read(task, a.a3, SEMID_DS_SIZE);
                IpcCommands.setPermissions(task, ns.semaphores().byId(id), in);
                return 0;
            }
            case IpcCommands.IPC_RMID -> {
                SemaphoreSet s = ns.semaphores().byId(id);
                s.requireOwner(task.credentials());
                s.remove(ns);
                return 0;
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    private static long values(Task task, SemaphoreSet s, int number, int command, long address)
            throws ErrnoException {
        s.require(task.credentials(), command == SETALL ? IpcCommands.WRITE : IpcCommands.READ);
        if (command == GETALL) {
            short[] all = s.values();
            byte[] b = new byte[2 * all.length];
            for (int i = 0; i < all.length; i++) {
                Struct.putShort(b, 2 * i, all[i]);
            }
            IpcCommands.write(task, address, b);
            return 0;
        }
        if (command == SETALL) {
            byte[] b = IpcCommands.read(task, address, 2 * s.count());
            short[] all = new short[s.count()];
            for (int i = 0; i < all.length; i++) {
                all[i] = Struct.getShort(b, 2 * i);
                if (all[i] < 0) {
                    throw Errno.ERANGE.error();
                }
            }
            s.set(all, task.group().id());
            return 0;
        }
        if (number < 0 || number >= s.count()) {
            throw Errno.EINVAL.error();
        }
        return switch (command) {
            case GETVAL -> s.value(number);
            case GETPID -> {
                Pid pid = s.pid(number);
                yield IpcCommands.number(task, pid);
            }
            default -> s.waiting(number, command == GETZCNT);
        };
    }

    /** struct seminfo. */
    private static byte[] info(IpcNamespace ns, boolean used) {
        byte[] b = new byte[40];
        Struct.putInt(b, 0, SemaphoreSet.MOST_SEMAPHORES);
        Struct.putInt(b, 4, ns.limits().sets);
        Struct.putInt(b, 8, ns.limits().semaphores);
        Struct.putInt(b, 12, SemaphoreSet.MOST_SEMAPHORES);
        Struct.putInt(b, 16, ns.limits().semaphoresInSet);
        Struct.putInt(b, 20, ns.limits().operations);
        Struct.putInt(b, 24, SemaphoreSet.MOST_OPERATIONS);
        Struct.putInt(b, 28, 20);
        Struct.putInt(b, 32, SemaphoreSet.LARGEST);
        Struct.putInt(b, 36, SemaphoreSet.LARGEST);
        if (used) {
            int semaphores = 0;
            for (SemaphoreSet s : ns.semaphores().list()) {
                semaphores += s.count();
            }
            Struct.putInt(b, 28, ns.semaphores().count());
            Struct.putInt(b, 36, semaphores);
        }
        return b;
    }
}
