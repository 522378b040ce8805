package sentry.core.fs.aio;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryManager;

/** The contexts of an address space, by their ids. */
public final class AioContexts {
    /** Requests that all contexts together may be made for (sysctl fs.aio-max-nr). */
    public static final int MOST = 65536;

    private static final ConcurrentHashMap<MemoryManager, AioContexts> ALL = new ConcurrentHashMap<>();
    private static final AtomicLong USED = new AtomicLong();

    private final ConcurrentHashMap<Long, AioContext> contexts = new ConcurrentHashMap<>();

    private AioContexts() {}

    /** Requests that contexts were made for so far (sysctl fs.aio-nr). */
    public static long used() {
        return USED.get();
    }

    /** The context {@code id} of {@code mm}; EINVAL when there is none. */
    public static AioContext find(MemoryManager mm, long id) throws ErrnoException {
        AioContexts of = ALL.get(mm);
        AioContext c = of == null ? null : of.contexts.get(id);
        if (c == null) {
            throw Errno.EINVAL.error();
        }
        return c;
    }

    /** Makes a context; its id is the address of its page. */
    public static void add(MemoryManager mm, long id, AioContext made) {
        AioContexts of = ALL.get(mm);
        if (of == null) {
            AioContexts fresh = new AioContexts();
            of = ALL.putIfAbsent(mm, fresh);
            if (of == null) {
                of = fresh;
                mm.onEnd(() -> end(mm));
            }
        }
        of.contexts.put(id, made);
    }

    /** Takes the context out; EINVAL when it is gone already. The caller ends it. */
    public static AioContext remove(MemoryManager mm, long id) throws ErrnoException {
        AioContexts of = ALL.get(mm);
        AioContext c = of == null ? null : of.contexts.remove(id);
        if (c == null) {
            throw Errno.EINVAL.error();
        }
        return c;
    }

    private static void end(MemoryManager mm) {
        AioContexts of = ALL.remove(mm);
        List<AioContext> left = of == null ? List.of() : new ArrayList<>(of.contexts.values());
        for (AioContext c : left) {
            c.end();
        }
    }

    /** Counts {@code requests} more; EAGAIN when that is too many. */
    static void charge(long requests) throws ErrnoException {
        if (USED.addAndGet(requests) > MOST) {
            USED.addAndGet(-requests);
            throw Errno.EAGAIN.error();
        }
    }

    static void uncharge(long requests) {
        USED.addAndGet(-requests);
    }
}
