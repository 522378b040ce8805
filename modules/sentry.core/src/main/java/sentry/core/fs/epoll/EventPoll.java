package sentry.core.fs.epoll;

import java.util.ArrayList;
import java.util.HashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.fs.anon.AnonymousFile;
import sentry.core.vfs.CloseListener;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitEntry;

/** An epoll instance. */
public final class EventPoll extends AnonymousFile implements CloseListener {
    /** How deep epolls may watch epolls. */
    private static final int MAX_NESTING = 5;

    /** Takes the events of {@link #harvest}. */
    @FunctionalInterface
    public interface Sink {
        /** @return false when the event could not be delivered; it stays ready then */
        boolean event(int events, long data);
    }

    private record Key(FileDescription file, int fd) {}

    private final HashMap<Key, Interest> interests = new HashMap<>();

    // The ready list: what may have something to report, in the order in which it came to be so.
    private final Object readyLock = new Object();
    private Interest firstReady;
    private Interest lastReady;

    /** Guards changes that make epolls watch epolls, so that no two threads close a circle. */
    private static final Object NESTING = new Object();

    public EventPoll() {
        super("anon_inode:[eventpoll]", Fcntl.O_RDWR);
    }

    // epoll_ctl(2).

    public void add(FileDescription file, int fd, int events, long data) throws ErrnoException {
        if (file instanceof EventPoll inner) {
            if ((events & EpollEvent.EPOLLEXCLUSIVE) != 0) {
                throw Errno.EINVAL.error();
            }
            synchronized (NESTING) {
                if (inner == this || inner.reaches(this, 0) || inner.depth(0) + 1 > MAX_NESTING) {
                    throw Errno.ELOOP.error();
                }
                insert(file, fd, events, data);
            }
            return;
        }
        insert(file, fd, events, data);
    }

    private void insert(FileDescription file, int fd, int events, long data) throws ErrnoException {
        Interest i;
        synchronized (this) {
            Key key = new Key(file, fd);
            if (interests.containsKey(key)) {
                throw Errno.EEXIST.error();
            }
            i = new Interest(this, file, fd, events | Interest.ALWAYS, data);
            interests.put(key, i);
            file.addCloseListener(this);
            file.addWaiter(i, Interest.mask(events));
        }
        if (file.poll(Interest.mask(events)) != 0) {
            happened(i);
        }
    }

    public void modify(FileDescription file, int fd, int events, long data) throws ErrnoException {
        Interest i;
        synchronized (this) {
            i = interests.get(new Key(file, fd));
            if (i == null) {
                throw Errno.ENOENT.error();
            }
            if ((i.events & EpollEvent.EPOLLEXCLUSIVE) != 0 || (events & EpollEvent.EPOLLEXCLUSIVE) != 0) {
                throw Errno.EINVAL.error();
            }
            file.removeWaiter(i);
            i.events = events | Interest.ALWAYS;
            i.data = data;
            file.addWaiter(i, Interest.mask(events));
        }
        if (file.poll(Interest.mask(events)) != 0) {
            happened(i);
        }
    }

    public synchronized void delete(FileDescription file, int fd) throws ErrnoException {
        Interest i = interests.remove(new Key(file, fd));
        if (i == null) {
            throw Errno.ENOENT.error();
        }
        forget(i);
        file.removeCloseListener(this);
    }

    private void forget(Interest i) {
        i.file.removeWaiter(i);
        i.events = 0;
    }

    /** The last descriptor of a watched file is gone. */
    @Override
    public synchronized void fileClosed(FileDescription file) {
        interests.values().removeIf(i -> {
            if (i.file != file) {
                return false;
            }
            forget(i);
            return true;
        });
    }

    @Override
    protected synchronized void closed() {
        for (Interest i : interests.values()) {
            forget(i);
            i.file.removeCloseListener(this);
        }
        interests.clear();
    }

    private boolean reaches(EventPoll target, int level) {
        if (level > MAX_NESTING) {
            return true;
        }
        for (EventPoll inner : inner()) {
            if (inner == target || inner.reaches(target, level + 1)) {
                return true;
            }
        }
        return false;
    }

    private int depth(int level) {
        int deepest = 0;
        if (level <= MAX_NESTING) {
            for (EventPoll inner : inner()) {
                deepest = Math.max(deepest, inner.depth(level + 1));
            }
        }
        return deepest + 1;
    }

    private synchronized ArrayList<EventPoll> inner() {
        ArrayList<EventPoll> found = new ArrayList<>();
        for (Interest i : interests.values()) {
            if (i.file instanceof EventPoll e) {
                found.add(e);
            }
        }
        return found;
    }

    // Events.

    /** Something happened to a watched file. With the file's queue locked, or with no lock. */
    void happened(Interest i) {
        if (i.silenced()) {
            return;
        }
        synchronized (readyLock) {
            if (i.ready) {
                return;
            }
            append(i);
        }
        queue.notifyExclusive(PollEvents.POLLIN | PollEvents.POLLRDNORM, 1);
    }

    private void append(Interest i) {
        i.ready = true;
        i.nextReady = null;
        if (lastReady == null) {
            firstReady = i;
        } else {
            lastReady.nextReady = i;
        }
        lastReady = i;
    }

    /**
     * Reports up to {@code limit} events.
     *
     * @return how many were taken
     */
    public int harvest(int limit, Sink sink) {
        int taken = 0;
        synchronized (this) {
            Interest i;
            Interest lastTaken;
            synchronized (readyLock) {
                i = firstReady;
                lastTaken = lastReady;
                firstReady = null;
                lastReady = null;
            }
            // What stays ready goes behind all others, so that a small limit starves nobody.
            Interest firstAgain = null;
            Interest lastAgain = null;
            boolean failed = false;
            while (i != null && taken < limit && !failed) {
                Interest next;
                synchronized (readyLock) {
                    next = i.nextReady;
                    i.nextReady = null;
                    i.ready = false;
                }
                boolean keep = false;
                int events = i.events;
                int wanted = Interest.mask(events);
                int found = i.silenced() ? 0 : i.file.poll(wanted) & wanted;
                if (found != 0) {
                    if (!sink.event(found, i.data)) {
                        failed = true;
                        keep = true;
                    } else {
                        taken++;
                        if ((events & EpollEvent.EPOLLONESHOT) != 0) {
                            i.events = events & EpollEvent.HOW;
                        } else {
                            keep = (events & EpollEvent.EPOLLET) == 0;
                        }
                    }
                }
                if (keep) {
                    synchronized (readyLock) {
                        if (!i.ready) { // else it was added while we looked
                            i.ready = true;
                            if (lastAgain == null) {
                                firstAgain = i;
                            } else {
                                lastAgain.nextReady = i;
                            }
                            lastAgain = i;
                        }
                    }
                }
                i = next;
            }
            synchronized (readyLock) {
                if (i != null) { // not looked at: in front, as it was
                    lastTaken.nextReady = firstReady;
                    firstReady = i;
                    if (lastReady == null) {
                        lastReady = lastTaken;
                    }
                }
                if (firstAgain != null) {
                    if (lastReady == null) {
                        firstReady = firstAgain;
                    } else {
                        lastReady.nextReady = firstAgain;
                    }
                    lastReady = lastAgain;
                }
            }
        }
        return taken;
    }

    /** A waiter leaves; if there is more to report, another one shall look. */
    public void passOn() {
        synchronized (readyLock) {
            if (firstReady == null) {
                return;
            }
        }
        queue.notifyExclusive(PollEvents.POLLIN | PollEvents.POLLRDNORM, 1);
    }

    /** Registers a task that waits in epoll_wait(2). One of them is woken by each event. */
    public void addExclusiveWaiter(WaitEntry entry) {
        queue.add(entry, PollEvents.POLLIN, true);
    }

    @Override
    public int poll(int mask) {
        ArrayList<Interest> candidates = new ArrayList<>();
        synchronized (readyLock) {
            for (Interest i = firstReady; i != null; i = i.nextReady) {
                candidates.add(i);
            }
        }
        for (Interest i : candidates) {
            int wanted = Interest.mask(i.events);
            if (!i.silenced() && (i.file.poll(wanted) & wanted) != 0) {
                return mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM);
            }
        }
        return 0;
    }

    @Override
    public synchronized String fdinfo() {
        StringBuilder b = new StringBuilder();
        for (Interest i : interests.values()) {
            b.append("tfd: ").append(i.fd).append(" events: ").append(Integer.toHexString(i.events));
            b.append(" data: ").append(Long.toHexString(i.data)).append('\n');
        }
        return b.toString();
    }
}
