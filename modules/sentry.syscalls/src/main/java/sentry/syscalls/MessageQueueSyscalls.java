package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.ipc.IpcLimits;
import sentry.core.ipc.IpcNamespace;
import sentry.core.ipc.MessageQueue;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** System V message queues (msgget(2), msgop(2), msgctl(2)). */
final class MessageQueueSyscalls {
    private static final int MSG_STAT = 11;
    private static final int MSG_INFO = 12;
    private static final int MSG_STAT_ANY = 13;

    private static final int MSQID_DS_SIZE = 120;

    private MessageQueueSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.MSGGET, (task, a) -> MessageQueue.get(task, a.i0(), a.i1()));
        table.full(Sys.MSGSND, MessageQueueSyscalls::msgsnd);
        table.full(Sys.MSGRCV, MessageQueueSyscalls::msgrcv);
        table.full(Sys.MSGCTL, MessageQueueSyscalls::msgctl);
    }

    private static long msgsnd(Task task, SyscallArgs a) throws ErrnoException {
        long type = task.memory().getLong(a.a1);
        if (Long.compareUnsigned(a.a2, task.namespaces().ipc().limits().message) > 0 || a.i0() < 0 || type < 1) {
            throw Errno.EINVAL.error();
        }
        byte[] text = IpcCommands.read(task, a.a1 + 8, (int) a.a2);
        MessageQueue q = task.namespaces().ipc().messages().byId(a.i0());
        q.send(task, new MessageQueue.Message(type, text), (a.i3() & MessageQueue.IPC_NOWAIT) == 0);
        return 0;
    }

    private static long msgrcv(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i4();
        if (a.i0() < 0 || a.a2 < 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & MessageQueue.MSG_COPY) != 0
                && ((flags & MessageQueue.MSG_EXCEPT) != 0 || (flags & MessageQueue.IPC_NOWAIT) == 0)) {
            throw Errno.EINVAL.error();
        }
        MessageQueue q = task.namespaces().ipc().messages().byId(a.i0());
        MessageQueue.Message m = q.receive(task, a.a2, a.a3, flags);
        int n = (int) Math.min(a.a2, m.text().length);
        task.memory().putLong(a.a1, m.type());
        task.memory().write(a.a1 + 8, m.text(), 0, n);
        return n;
    }

    private static long msgctl(Task task, SyscallArgs a) throws ErrnoException {
        int id = a.i0();
        if (id < 0 || a.i1() < 0) {
            throw Errno.EINVAL.error();
        }
        IpcNamespace ns = task.namespaces().ipc();
        switch (a.i1()) {
            case IpcCommands.IPC_INFO, MSG_INFO -> {
                IpcCommands.write(task, a.a2, info(ns, a.i1() == MSG_INFO));
                return ns.messages().highestSlot();
            }
            case IpcCommands.IPC_STAT, MSG_STAT, MSG_STAT_ANY -> {
                boolean slot = a.i1() != IpcCommands.IPC_STAT;
                MessageQueue q = slot ? ns.messages().bySlot(id) : ns.messages().byId(id);
                if (a.i1() != MSG_STAT_ANY) {
                    q.require(task.credentials(), IpcCommands.READ);
                }
                IpcCommands.write(task, a.a2, stat(task, q));
                return slot ? q.id() : 0;
            }
            case IpcCommands.IPC_SET -> {
                byte[] in = IpcCommands.read(task, a.a2, MSQID_DS_SIZE);
                MessageQueue q = ns.messages().byId(id);
                q.requireOwner(task.credentials());
                long capacity = Struct.getLong(in, 88);
                if (Long.compareUnsigned(capacity, ns.limits().queue) > 0
                        && !task.credentials().capableIn(ns.owner(), Capability.SYS_RESOURCE)) {
                    throw Errno.EPERM.error();
                }
                IpcCommands.setPermissions(task, q, in);
                q.setCapacity(capacity);
                return 0;
            }
            case IpcCommands.IPC_RMID -> {
                MessageQueue q = ns.messages().byId(id);
                q.requireOwner(task.credentials());
                q.remove(ns);
                return 0;
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    /** struct msqid64_ds. */
    private static byte[] stat(Task task, MessageQueue q) {
        MessageQueue.State s = q.state();
        byte[] b = new byte[MSQID_DS_SIZE];
        IpcCommands.putPermissions(task, b, q);
        Struct.putLong(b, 48, s.sendTime());
        Struct.putLong(b, 56, s.receiveTime());
        Struct.putLong(b, 64, q.changeTime());
        Struct.putLong(b, 72, s.bytes());
        Struct.putLong(b, 80, s.messages());
        Struct.putLong(b, 88, s.capacity());
        Struct.putInt(b, 96, IpcCommands.number(task, s.lastSender()));
        Struct.putInt(b, 100, IpcCommands.number(task, s.lastReceiver()));
        return b;
    }

    /** struct msginfo; the fields without a meaning in Linux hold its constants. */
    private static byte[] info(IpcNamespace ns, boolean used) {
        byte[] b = new byte[32];
        IpcLimits limits = ns.limits();
        Struct.putInt(b, 0, MessageQueue.MOST * MessageQueue.DEFAULT_BYTES / 1024);
        Struct.putInt(b, 4, MessageQueue.DEFAULT_BYTES);
        Struct.putInt(b, 8, limits.message);
        Struct.putInt(b, 12, limits.queue);
        Struct.putInt(b, 16, limits.queues);
        Struct.putInt(b, 20, 16);
        Struct.putInt(b, 24, MessageQueue.DEFAULT_BYTES);
        Struct.putShort(b, 28, 0xffff);
        if (used) {
            long messages = 0;
            long bytes = 0;
            for (MessageQueue q : ns.messages().list()) {
                messages += q.state().messages();
                bytes += q.state().bytes();
            }
            Struct.putInt(b, 0, ns.messages().count());
            Struct.putInt(b, 4, (int) messages);
            Struct.putInt(b, 24, (int) bytes);
        }
        return b;
    }
}
