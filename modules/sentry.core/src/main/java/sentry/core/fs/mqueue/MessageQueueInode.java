package sentry.core.fs.mqueue;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.PollEvents;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UserAccount;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileTime;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitQueue;

/**
 * A message queue: its file, its messages and who waits for them. A message goes straight to a receiver that waits, and
 * the message of a sender that waits takes the place that becomes free at once. Guarded by its monitor.
 */
public final class MessageQueueInode extends QueueInode {
    /** What a queue's file seems to hold (Linux: FILENT_SIZE). */
    private static final int SIZE = 80;

    private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM;

    /** A message on its way. */
    public record Message(int priority, byte[] text) {}

    /** A receiver that waits, and what it was given; or a sender, whose message is taken when this is null. */
    private static final class Waiting {
        Message message;
    }

    private final long maxMessages;
    private final long maxSize;
    private final UserAccount account;
    private final long charge;

    /** By priority, in order of arrival. Numbers are few as a rule. */
    private final TreeMap<Integer, ArrayDeque<byte[]>> messages = new TreeMap<>();

    private long count;
    private long bytes;
    private final ArrayDeque<Waiting> receivers = new ArrayDeque<>();
    private final ArrayDeque<Waiting> senders = new ArrayDeque<>();
    /** Those who sleep in {@link #send} and {@link #receive}. */
    private final WaitQueue sleepers = new WaitQueue();
    /** Those who poll. */
    private final WaitQueue events = new WaitQueue();

    private QueueNotification notification;
    private int opens;
    private boolean freed;

    /** @param charge bytes that were charged to {@code account}, given back with the queue */
    MessageQueueInode(
            MqueueFileSystem fs,
            int mode,
            int uid,
            int gid,
            long maxMessages,
            long maxSize,
            UserAccount account,
            long charge) {
        super(fs, FileMode.S_IFREG | mode & FileMode.PERMISSIONS, uid, gid);
        this.maxMessages = maxMessages;
        this.maxSize = maxSize;
        this.account = account;
        this.charge = charge;
    }

    /** mq_msgsize. */
    public long maxSize() {
        return maxSize;
    }

    /** mq_maxmsg. */
    public long maxMessages() {
        return maxMessages;
    }

    /** mq_curmsgs. */
    public synchronized long count() {
        return count;
    }

    @Override
    long size() {
        return SIZE;
    }

    @Override
    int nlink() {
        return linked() ? 1 : 0;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        synchronized (this) {
            if (freed) {
                throw Errno.ENOENT.error();
            }
            opens++;
        }
        return new MessageQueueFile(this, path, flags);
    }

    void closed() {
        synchronized (this) {
            opens--;
        }
        freeWhenUnused();
    }

    /** Its name is gone; it lives on while somebody has it open. */
    @Override
    void unlinked() {
        super.unlinked();
        freeWhenUnused();
    }

    private void freeWhenUnused() {
        synchronized (this) {
            if (freed || opens > 0 || linked()) {
                return;
            }
            freed = true;
            messages.clear();
        }
        account.messageQueueBytes().addAndGet(-charge);
        queues().removed();
    }

    // Messages.

    /**
     * mq_timedsend(2).
     *
     * @param wait whether to wait for room; {@code deadline} says until when, in System.nanoTime() nanoseconds
     */
    public void send(Task task, Message message, boolean wait, long deadline) throws ErrnoException {
        Waiting me = null;
        boolean handedOver = false;
        QueueNotification told = null;
        synchronized (this) {
            if (count < maxMessages) {
                Waiting receiver = receivers.poll();
                handedOver = receiver != null;
                if (handedOver) {
                    receiver.message = message;
                    modified();
                } else {
                    add(message);
                    if (count == 1) {
                        told = notification;
                        notification = null;
                    }
                }
            } else if (wait) {
                me = new Waiting();
                me.message = message;
                senders.add(me);
            } else {
                throw Errno.EAGAIN.error();
            }
        }
        if (me != null) {
            sleep(task, me, senders, false, deadline);
        } else if (handedOver) {
            sleepers.notify(READABLE);
        } else {
            if (told != null) {
                tell(told, task);
            }
            events.notify(READABLE);
        }
    }

    /** mq_timedreceive(2): the oldest message of the highest priority. */
    public Message receive(Task task, boolean wait, long deadline) throws ErrnoException {
        Waiting me = null;
        Message taken = null;
        boolean refilled = false;
        synchronized (this) {
            if (count > 0) {
                taken = take();
                Waiting sender = senders.poll();
                refilled = sender != null;
                if (refilled) {
                    // In place of the one taken: nobody is told, for the queue was never empty.
                    add(sender.message);
                    sender.message = null;
                }
            } else if (wait) {
                me = new Waiting();
                receivers.add(me);
            } else {
                throw Errno.EAGAIN.error();
            }
        }
        if (me != null) {
            return sleep(task, me, receivers, true, deadline);
        }
        if (refilled) {
            sleepers.notify(READABLE);
        }
        events.notify(refilled ? READABLE : WRITABLE);
        return taken;
    }

    /** Sleeps until somebody has served {@code me}: filled its message in, or taken it. */
    private Message sleep(Task task, Waiting me, ArrayDeque<Waiting> among, boolean filled, long deadline)
            throws ErrnoException {
        sleepers.add(task.waitEntry(), READABLE);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                if (served(me, filled)) {
                    return me.message;
                }
                Sleeper.Wake wake = task.sleep(deadline);
                if (wake == Sleeper.Wake.READY) {
                    continue;
                }
                synchronized (this) {
                    if (served(me, filled)) {
                        return me.message;
                    }
                    among.remove(me);
                }
                throw (wake == Sleeper.Wake.TIMED_OUT ? Errno.ETIMEDOUT : Errno.ERESTARTSYS).error();
            }
        } finally {
            sleepers.remove(task.waitEntry());
        }
    }

    private synchronized boolean served(Waiting w, boolean filled) {
        return filled == (w.message != null);
    }

    /** Puts a message into the queue. The monitor is held, and there is room. */
    private void add(Message m) {
        messages.computeIfAbsent(m.priority, p -> new ArrayDeque<>()).add(m.text);
        count++;
        bytes += m.text.length;
        modified();
    }

    /** The monitor is held, and there is a message. */
    private Message take() {
        Map.Entry<Integer, ArrayDeque<byte[]>> first = messages.lastEntry();
        byte[] text = first.getValue().poll();
        if (first.getValue().isEmpty()) {
            messages.remove(first.getKey());
        }
        count--;
        bytes -= text.length;
        modified();
        return new Message(first.getKey(), text);
    }

    // Notification.

    /** mq_notify(2) with a wish: EBUSY when somebody else has one. */
    public synchronized void notifyOnce(QueueNotification wish) throws ErrnoException {
        if (notification != null) {
            throw Errno.EBUSY.error();
        }
        notification = wish;
        modified();
    }

    /** mq_notify(2) without one, and the closing of a descriptor: {@code process} is not to be told any more. */
    public synchronized void forget(ThreadGroup process) {
        if (notification != null && notification.owner() == process) {
            notification = null;
            modified();
        }
    }

    /** Without the monitor: a signal has locks of its own, outside ours. */
    private static void tell(QueueNotification n, Task sender) {
        Task leader = n.owner().leader();
        if (n.kind() == Clock.SIGEV_SIGNAL && n.signo() != 0 && leader != null) {
            int pid = sender.group().id().in(leader.namespaces().pid());
            int uid = n.credentials().userNamespace().uid(sender.credentials().uid());
            n.owner().signals().send(
                    new SignalInfo(n.signo(), SignalInfo.SI_MESGQ, pid, uid, 0, n.value(), 0, 0), null, false);
        }
    }

    // The file.

    int poll(int mask) {
        int ready = 0;
        synchronized (this) {
            if (count > 0) {
                ready |= READABLE;
            }
            if (count < maxMessages) {
                ready |= WRITABLE;
            }
        }
        return ready & mask;
    }

    WaitQueue events() {
        return events;
    }

    /** What a read of the file tells {@code reader} (mq_overview(7)). */
    synchronized String text(Task reader) {
        StringBuilder b = new StringBuilder(SIZE);
        QueueNotification n = notification;
        field(b, "QSIZE:", bytes, 10).append(' ');
        field(b, "NOTIFY:", n == null ? 0 : n.kind(), 5).append(' ');
        field(b, "SIGNO:", n == null || n.kind() != Clock.SIGEV_SIGNAL ? 0 : n.signo(), 5).append(' ');
        int pid = n == null || reader == null ? 0 : n.owner().id().in(reader.namespaces().pid());
        return field(b, "NOTIFY_PID:", pid, 6).append('\n').toString();
    }

    private static StringBuilder field(StringBuilder b, String name, long value, int width) {
        String number = Long.toString(value);
        b.append(name).append(number);
        for (int i = number.length(); i < width; i++) {
            b.append(' ');
        }
        return b;
    }

    private void modified() {
        stamp(FileTime.now());
    }
}
