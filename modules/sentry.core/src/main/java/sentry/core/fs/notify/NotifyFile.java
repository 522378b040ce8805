package sentry.core.fs.notify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Inotify;
import sentry.core.abi.PollEvents;
import sentry.core.fs.anon.AnonymousFile;
import sentry.core.task.Task;
import sentry.core.task.UserAccount;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.Inode;
import sentry.core.vfs.IoBuffer;

/** An inotify instance: watches and the queue of their events. */
public final class NotifyFile extends AnonymousFile {
    private static final int FIONREAD = 0x541b;
    /** Events that a watch has whether it asks for them or not are made here, so masks keep these bits only. */
    private static final int KEPT = Inotify.IN_ALL_EVENTS | Inotify.IN_EXCL_UNLINK;

    private record Event(int wd, int mask, int cookie, String name) {
        /** Bytes that the name takes: with a NUL, filled up to whole headers. */
        int nameSize() {
            return name == null ? 0 : name.length() + Inotify.EVENT_SIZE & -Inotify.EVENT_SIZE;
        }

        int size() {
            return Inotify.EVENT_SIZE + nameSize();
        }

        boolean repeats(Event last) {
            return last.wd == wd
                    && last.mask == mask
                    && (mask & Inotify.IN_IGNORED) == 0
                    && (name == null ? last.name == null : name.equals(last.name));
        }
    }

    private final UserAccount user;
    private final int limit = NotifyLimits.queuedEvents();
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final Map<Inode, Watch> byInode = new IdentityHashMap<>();
    private final Map<Integer, Watch> byNumber = new HashMap<>();
    private int bytes;
    private int lastNumber;
    private boolean closed;

    /**
     * @param flags O_NONBLOCK or 0
     * @throws ErrnoException EMFILE when the user has as many instances as one may
     */
    public NotifyFile(UserAccount user, int flags) throws ErrnoException {
        super("anon_inode:inotify", Fcntl.O_RDONLY | flags);
        this.user = user;
        if (user.inotifyInstances().incrementAndGet() > NotifyLimits.instances()) {
            user.inotifyInstances().decrementAndGet();
            throw Errno.EMFILE.error();
        }
    }

    /**
     * inotify_add_watch(2), or a change of the watch that there is.
     *
     * @return the watch descriptor
     */
    public int watch(Inode inode, int mask) throws ErrnoException {
        Watch made;
        synchronized (this) {
            Watch old = byInode.get(inode);
            if (old != null) {
                if ((mask & Inotify.IN_MASK_CREATE) != 0) {
                    throw Errno.EEXIST.error();
                }
                boolean more = (mask & Inotify.IN_MASK_ADD) != 0;
                old.setMask(mask & KEPT | (more ? old.mask() : 0));
                old.setOnce((mask & Inotify.IN_ONESHOT) != 0 || more && old.once());
                return old.wd();
            }
            if (user.inotifyWatches().incrementAndGet() > NotifyLimits.watches()) {
                user.inotifyWatches().decrementAndGet();
                throw Errno.ENOSPC.error();
            }
            do {
                lastNumber = lastNumber == Integer.MAX_VALUE ? 1 : lastNumber + 1;
            } while (byNumber.containsKey(lastNumber));
            made = new Watch(this, lastNumber, inode);
            made.setMask(mask & KEPT);
            made.setOnce((mask & Inotify.IN_ONESHOT) != 0);
            byInode.put(inode, made);
            byNumber.put(made.wd(), made);
        }
        FileEvents.add(made);
        return made.wd();
    }

    /** inotify_rm_watch(2). */
    public void unwatch(int wd) throws ErrnoException {
        Watch w;
        synchronized (this) {
            w = byNumber.get(wd);
        }
        if (w == null) {
            throw Errno.EINVAL.error();
        }
        FileEvents.remove(w);
        gone(w, false);
    }

    void happened(Watch w, int mask, String name, int cookie) {
        boolean last = w.once();
        synchronized (this) {
            if (byNumber.get(w.wd()) != w) {
                return;
            }
            put(new Event(w.wd(), mask, cookie, name));
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        if (last) {
            FileEvents.remove(w);
            gone(w, false);
        }
    }

    /** The watch is in no list of marks any more. */
    void gone(Watch w, boolean unmounted) {
        synchronized (this) {
            if (!byNumber.remove(w.wd(), w)) {
                return;
            }
            byInode.remove(w.inode());
            user.inotifyWatches().decrementAndGet();
            if (unmounted) {
                put(new Event(w.wd(), Inotify.IN_UNMOUNT, 0, null));
            }
            put(new Event(w.wd(), Inotify.IN_IGNORED, 0, null));
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }

    private void put(Event event) {
        if (closed) {
            return;
        }
        Event last = events.peekLast();
        if (last != null && event.repeats(last)) {
            return;
        }
        Event added = event;
        if (events.size() >= limit) {
            if (last != null && (last.mask & Inotify.IN_Q_OVERFLOW) != 0) {
                return;
            }
            added = new Event(-1, Inotify.IN_Q_OVERFLOW, 0, null);
        }
        events.add(added);
        bytes += added.size();
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        long done = 0;
        for (; ; ) {
            Event e;
            synchronized (this) {
                e = events.peek();
                if (e == null) {
                    return done > 0 ? done : WOULD_BLOCK;
                }
                if (e.size() > target.remaining()) {
                    if (done > 0) {
                        return done;
                    }
                    throw Errno.EINVAL.error();
                }
                events.remove();
                bytes -= e.size();
            }
            byte[] b = encode(e);
            try {
                if (target.put(b, 0, b.length) < b.length) {
                    throw Errno.EFAULT.error();
                }
            } catch (ErrnoException fault) { // the event is lost, as in Linux
                if (done > 0) {
                    return done;
                }
                throw fault;
            }
            done += b.length;
        }
    }

    @SuppressWarnings("deprecation") // the low bytes of a raw-byte string
    private static byte[] encode(Event e) {
        byte[] b = new byte[e.size()];
        putInt(b, 0, e.wd);
        putInt(b, 4, e.mask);
        putInt(b, 8, e.cookie);
        putInt(b, 12, e.nameSize());
        if (e.name != null) {
            e.name.getBytes(0, e.name.length(), b, Inotify.EVENT_SIZE);
        }
        return b;
    }

    private static void putInt(byte[] b, int at, int value) {
        for (int i = 0; i < 4; i++) {
            b[at + i] = (byte) (value >>> 8 * i);
        }
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        if (command != FIONREAD) {
            return super.ioctl(task, command, argument);
        }
        int n;
        synchronized (this) {
            n = bytes;
        }
        task.memory().putInt(argument, n);
        return 0;
    }

    @Override
    protected void closed() {
        List<Watch> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(byNumber.values());
            byNumber.clear();
            byInode.clear();
            events.clear();
        }
        for (Watch w : left) {
            FileEvents.remove(w);
        }
        user.inotifyWatches().addAndGet(-left.size());
        user.inotifyInstances().decrementAndGet();
    }

    @Override
    public synchronized int poll(int mask) {
        return events.isEmpty() ? 0 : mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }

    @Override
    public synchronized String fdinfo() {
        StringBuilder b = new StringBuilder();
        for (Watch w : new TreeMap<>(byNumber).values()) {
            long dev = w.inode().fileSystem().dev();
            b.append("inotify wd:").append(Integer.toHexString(w.wd()));
            b.append(" ino:").append(Long.toHexString(w.inode().ino()));
            b.append(" sdev:").append(Long.toHexString(dev >>> 8 << 20 | dev & 0xff));
            int mask = w.mask() | (w.once() ? Inotify.IN_ONESHOT : 0);
            b.append(" mask:").append(Integer.toHexString(mask)).append(" ignored_mask:0 \n");
        }
        return b.toString();
    }
}
