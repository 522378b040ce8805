package sentry.core.fs.aio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.fs.anon.EventFile;
import sentry.core.wait.WaitQueue;

/** A context: requests that are under way, and what became of those that are not. */
public final class AioContext {
    private static final int PAGE = 4096;
    private static final int RING_HEADER = 32;
    private static final int EVENT = 32;

    /** What became of a request (struct io_event). */
    public record Event(long data, long object, long result) {}

    private final int requests;
    private final int capacity;
    private final WaitQueue queue = new WaitQueue();
    private final ArrayDeque<Event> completed = new ArrayDeque<>();
    /** Polls that have not come true, by the address of their iocb. */
    private final Map<Long, AioPoll> polls = new HashMap<>();
    /** Requests that were taken and whose events were not fetched. */
    private int outstanding;
    private boolean dead;

    /**
     * @param requests how many the program wants to have under way
     * @throws ErrnoException EAGAIN when there are too many in all
     */
    public AioContext(int requests) throws ErrnoException {
        AioContexts.charge(requests);
        this.requests = requests;
        // Linux takes more than it is asked for: what fits into the pages of its ring.
        long wanted = Math.max(requests, 4L * Runtime.getRuntime().availableProcessors()) * 2 + 2;
        long pages = (RING_HEADER + wanted * EVENT + PAGE - 1) / PAGE;
        this.capacity = (int) Math.min(Integer.MAX_VALUE, (pages * PAGE - RING_HEADER) / EVENT - 1);
    }

    /** Most requests of one submission. */
    public int capacity() {
        return capacity;
    }

    public WaitQueue queue() {
        return queue;
    }

    /** Makes room for a request; EAGAIN when there is none. */
    public synchronized void begin() throws ErrnoException {
        if (outstanding >= capacity) {
            throw Errno.EAGAIN.error();
        }
        outstanding++;
    }

    /** A request that {@link #begin} made room for was refused. */
    public synchronized void abandon() {
        outstanding--;
    }

    /** A request is done. {@code told} is the eventfd that shall know, or null. */
    public void complete(Event event, EventFile told) {
        synchronized (this) {
            completed.add(event);
        }
        if (told != null) {
            told.signal();
        }
        queue.notify(PollEvents.POLLIN);
    }

    /** The next event, or null. EINVAL when the context is gone. */
    public synchronized Event next() throws ErrnoException {
        Event e = completed.poll();
        if (e != null) {
            outstanding--;
        } else if (dead) {
            throw Errno.EINVAL.error();
        }
        return e;
    }

    synchronized boolean add(AioPoll poll) {
        return !dead && polls.put(poll.object(), poll) == null;
    }

    /** Whether the poll was there still: whoever takes it out completes it. */
    synchronized boolean take(AioPoll poll) {
        return polls.remove(poll.object(), poll);
    }

    /** io_cancel(2): a request that is not under way any more is EINVAL. */
    public void cancel(long object) throws ErrnoException {
        AioPoll poll;
        synchronized (this) {
            poll = polls.get(object);
        }
        if (poll == null || !take(poll)) {
            throw Errno.EINVAL.error();
        }
        poll.leave();
        poll.complete(0);
    }

    /** io_destroy(2), and the end of the address space. */
    public void end() {
        List<AioPoll> left;
        synchronized (this) {
            dead = true;
            left = new ArrayList<>(polls.values());
            polls.clear();
        }
        for (AioPoll p : left) {
            p.leave();
            p.complete(0);
        }
        AioContexts.uncharge(requests);
        queue.notify(PollEvents.POLLIN);
    }
}
