package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.ipc.IpcObject;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.task.UserNamespace;

/** What shmctl(2), semctl(2) and msgctl(2) have in common: commands, and struct ipc64_perm. */
final class IpcCommands {
    static final int IPC_RMID = 0;
    static final int IPC_SET = 1;
    static final int IPC_STAT = 2;
    static final int IPC_INFO = 3;

    static final int READ = 0444;
    static final int WRITE = 0222;

    /** Bytes of struct ipc64_perm; the fields are key, uid, gid, cuid, cgid, mode, and seq as a short. */
    static final int PERM_SIZE = 48;

    private IpcCommands() {}

    static void putPermissions(Task task, byte[] out, IpcObject o) {
        UserNamespace users = task.credentials().userNamespace();
        Struct.putInt(out, 0, o.key());
        Struct.putInt(out, 4, users.uid(o.uid()));
        Struct.putInt(out, 8, users.gid(o.gid()));
        Struct.putInt(out, 12, users.uid(o.creatorUid()));
        Struct.putInt(out, 16, users.gid(o.creatorGid()));
        Struct.putInt(out, 20, o.mode());
        Struct.putShort(out, 24, o.sequence());
    }

    /** IPC_SET: takes owner and permissions from a copy of the program's structure. */
    static void setPermissions(Task task, IpcObject o, byte[] in) throws ErrnoException {
        o.requireOwner(task.credentials());
        UserNamespace users = task.credentials().userNamespace();
        o.setOwner(
                users.kernelUid(Struct.getInt(in, 4)), users.kernelGid(Struct.getInt(in, 8)), Struct.getInt(in, 20));
    }

    static byte[] read(Task task, long address, int size) throws ErrnoException {
        byte[] b = new byte[size];
        task.memory().read(address, b, 0, size);
        return b;
    }

    static void write(Task task, long address, byte[] b) throws ErrnoException {
        task.memory().write(address, b, 0, b.length);
    }

    static int number(Task task, Pid pid) {
        return pid == null ? 0 : pid.in(task.namespaces().pid());
    }

    /** EIDRM for what was removed since it was found. */
    static void alive(IpcObject o) throws ErrnoException {
        if (o.removed()) {
            throw Errno.EIDRM.error();
        }
    }
}
