package sentry.core.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Signal;

/** Signals that are pending for a task or a process (Linux: sigpending). Guarded by the group's signal lock. */
final class SignalQueue {
    private static final class Entry {
        final SignalInfo info;
        final AtomicInteger account;
        final SignalSource source;
        Entry next;

        Entry(SignalInfo info, AtomicInteger account, SignalSource source) {
            this.info = info;
            this.account = account;
            this.source = source;
        }
    }

    private long set;
    private Entry first;
    private Entry last;

    /** Which signals are pending. */
    long set() {
        return set;
    }

    boolean has(int signo) {
        return Signal.in(signo, set);
    }

    /** Notes that the signal is pending without saying why: there is no room for more, or no need to know. */
    void addBare(int signo) {
        set |= Signal.bit(signo);
    }

    /** @param account counts queued signals of a user; was incremented by the caller, or null */
    void add(SignalInfo info, AtomicInteger account, SignalSource source) {
        set |= Signal.bit(info.signo());
        Entry e = new Entry(info, account, source);
        if (last == null) {
            first = e;
        } else {
            last.next = e;
        }
        last = e;
    }

    /** Queued signals, the oldest first, all but the first {@code skip} and at most {@code limit}. */
    List<SignalInfo> list(long skip, int limit) {
        List<SignalInfo> list = new ArrayList<>();
        for (Entry e = first; e != null && list.size() < limit; e = e.next) {
            if (skip > 0) {
                skip--;
            } else {
                list.add(e.info);
            }
        }
        return list;
    }

    /** Takes the oldest {@code signo}, which is pending. */
    SignalInfo take(int signo) {
        Entry found = null;
        boolean more = false;
        Entry previous = null;
        Entry before = null;
        for (Entry e = first; e != null; previous = e, e = e.next) {
            if (e.info.signo() == signo) {
                if (found == null) {
                    found = e;
                    before = previous;
                } else {
                    more = true;
                    break;
                }
            }
        }
        if (!more) {
            set &= ~Signal.bit(signo);
        }
        if (found == null) {
            return SignalInfo.user(signo, 0, 0);
        }
        unlink(found, before);
        return found.source == null ? found.info : found.source.taken(found.info);
    }

    /** Drops all signals in {@code signals}. */
    void flush(long signals) {
        if ((set & signals) == 0) {
            return;
        }
        set &= ~signals;
        Entry previous = null;
        for (Entry e = first; e != null; e = e.next) {
            if (Signal.in(e.info.signo(), signals)) {
                unlink(e, previous);
                if (e.source != null) {
                    e.source.taken(e.info);
                }
            } else {
                previous = e;
            }
        }
    }

    private void unlink(Entry e, Entry before) {
        if (before == null) {
            first = e.next;
        } else {
            before.next = e.next;
        }
        if (last == e) {
            last = before;
        }
        if (e.account != null) {
            e.account.decrementAndGet();
        }
    }
}
