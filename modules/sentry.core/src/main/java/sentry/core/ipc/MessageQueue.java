package sentry.core.ipc;

import java.util.ArrayList;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitQueue;

/** A message queue (msgget(2), msgop(2)). */
public final class MessageQueue extends IpcObject {
    /** Limits as Linux has them: msgmni, msgmax, msgmnb in /proc/sys/kernel. */
    public static final int MOST = 32000;

    public static final int LARGEST_MESSAGE = 8192;
    public static final int DEFAULT_BYTES = 16384;

    public static final int IPC_NOWAIT = 04000;
    public static final int MSG_NOERROR = 010000;
    public static final int MSG_EXCEPT = 020000;
    public static final int MSG_COPY = 040000;

    private final ArrayList<Message> messages = new ArrayList<>();
    private final WaitQueue events = new WaitQueue();
    private long bytes;
    private long capacity;
    private long sendTime;
    private long receiveTime;
    private Pid lastSender;
    private Pid lastReceiver;

    /** A message; {@code type} is positive. */
    public record Message(long type, byte[] text) {}

    /** What IPC_STAT tells, at one moment. */
    public record State(
            long bytes,
            long messages,
            long capacity,
            long sendTime,
            long receiveTime,
            Pid lastSender,
            Pid lastReceiver) {}

    private MessageQueue(int key, int mode, Task task) {
        super(task.namespaces().ipc().owner(), key, mode, task.credentials());
        capacity = task.namespaces().ipc().limits().queue;
    }

    /** msgget(2). */
    public static int get(Task task, int key, int flags) throws ErrnoException {
        return task.namespaces().ipc().messages().get(
                key, flags, task.credentials(), q -> {}, () -> new MessageQueue(key, flags, task));
    }

    public synchronized State state() {
        return new State(bytes, messages.size(), capacity, sendTime, receiveTime, lastSender, lastReceiver);
    }

    /** IPC_SET's msg_qbytes. */
    public synchronized void setCapacity(long value) {
        capacity = value;
        events.notify(PollEvents.POLLIN | PollEvents.POLLOUT);
    }

    /** IPC_RMID: who waits gets EIDRM. */
    public void remove(IpcNamespace namespace) {
        if (namespace.messages().remove(this)) {
            synchronized (this) {
                messages.clear();
                bytes = 0;
            }
            events.notify(PollEvents.POLLIN | PollEvents.POLLOUT);
        }
    }

    /** msgsnd(2). */
    public void send(Task task, Message message, boolean wait) throws ErrnoException {
        if (trySend(task, message)) {
            return;
        }
        if (!wait) {
            throw Errno.EAGAIN.error();
        }
        events.add(task.waitEntry(), PollEvents.POLLOUT);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                if (trySend(task, message)) {
                    return;
                }
                sleep(task);
            }
        } finally {
            events.remove(task.waitEntry());
        }
    }

    private static void sleep(Task task) throws ErrnoException {
        if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
            throw Errno.ERESTARTNOHAND.error();
        }
    }

    private boolean trySend(Task task, Message message) throws ErrnoException {
        require(task.credentials(), 0222);
        synchronized (this) {
            if (removed()) {
                throw Errno.EIDRM.error();
            }
            if (bytes + message.text.length > capacity || messages.size() + 1 > capacity) {
                return false;
            }
            messages.add(message);
            bytes += message.text.length;
            sendTime = now();
            lastSender = task.group().id();
        }
        events.notify(PollEvents.POLLIN);
        return true;
    }

    /**
     * msgrcv(2).
     *
     * @param limit bytes of text that the caller takes
     * @param type as in msgrcv(2); with MSG_COPY the index
     */
    public Message receive(Task task, long limit, long type, int flags) throws ErrnoException {
        Message m = tryReceive(task, limit, type, flags);
        if (m != null) {
            return m;
        }
        if ((flags & IPC_NOWAIT) != 0) {
            throw Errno.ENOMSG.error();
        }
        events.add(task.waitEntry(), PollEvents.POLLIN);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                m = tryReceive(task, limit, type, flags);
                if (m != null) {
                    return m;
                }
                sleep(task);
            }
        } finally {
            events.remove(task.waitEntry());
        }
    }

    private Message tryReceive(Task task, long limit, long type, int flags) throws ErrnoException {
        require(task.credentials(), 0444);
        Message m;
        synchronized (this) {
            if (removed()) {
                throw Errno.EIDRM.error();
            }
            int i = find(type, flags);
            if (i < 0) {
                return null;
            }
            m = messages.get(i);
            if (limit < m.text.length && (flags & MSG_NOERROR) == 0) {
                throw Errno.E2BIG.error();
            }
            if ((flags & MSG_COPY) != 0) {
                return m;
            }
            messages.remove(i);
            bytes -= m.text.length;
            receiveTime = now();
            lastReceiver = task.group().id();
        }
        events.notify(PollEvents.POLLOUT);
        return m;
    }

    private int find(long type, int flags) {
        if ((flags & MSG_COPY) != 0) {
            return type >= 0 && type < messages.size() ? (int) type : -1;
        }
        long most = type == Long.MIN_VALUE ? Long.MAX_VALUE : -type;
        int found = -1;
        for (int i = 0; i < messages.size(); i++) {
            long t = messages.get(i).type;
            if (type == 0) {
                return i;
            }
            if (type < 0) {
                if (t <= most && (found < 0 || t < messages.get(found).type)) {
                    found = i;
                }
            } else if ((t == type) != ((flags & MSG_EXCEPT) != 0)) {
                return i;
            }
        }
        return found;
    }
}
