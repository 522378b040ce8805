package sentry.core.ipc;

import java.util.ArrayList;
import sentry.core.task.Pid;

/**
 * What semop(2) with SEM_UNDO is to take back when a process ends. Shared by tasks that are made with CLONE_SYSVSEM; the
 * last one to leave brings it into force. Thread-safe; its monitor is inside that of a semaphore set, and not held when a
 * set is called.
 */
public final class SemaphoreUndo {
    private final ArrayList<Entry> entries = new ArrayList<>();
    private int users = 1;

    /** The adjustments for one set. Guarded by the set's monitor. */
    static final class Entry {
        /** Null once the set is removed. */
        volatile SemaphoreSet set;

        final short[] adjustments;

        Entry(SemaphoreSet set) {
            this.set = set;
            adjustments = new short[set.count()];
        }
    }

    public SemaphoreUndo() {}

    /** One more task uses it. */
    public synchronized SemaphoreUndo retain() {
        users++;
        return this;
    }

    /** The entry for {@code set}, whose monitor is held. */
    Entry entry(SemaphoreSet set) {
        synchronized (this) {
            entries.removeIf(e -> e.set == null);
            for (Entry e : entries) {
                if (e.set == set) {
                    return e;
                }
            }
            Entry made = new Entry(set);
            entries.add(made);
            set.addUndo(made);
            return made;
        }
    }

    /** A task of process {@code pid} leaves. */
    public void release(Pid pid) {
        ArrayList<Entry> all;
        synchronized (this) {
            if (--users > 0) {
                return;
            }
            all = new ArrayList<>(entries);
            entries.clear();
        }
        for (Entry e : all) {
            SemaphoreSet set = e.set;
            if (set != null) {
                set.undo(e, pid);
            }
        }
    }
}
