package sentry.core.futex;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Futex;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;

/**
 * The list of futexes that a task holds (get_robust_list(2)): at its end each is marked FUTEX_OWNER_DIED and one waiter
 * is woken. The list is the program's and may be anything.
 */
final class RobustList {
    private RobustList() {}

    static void release(Futexes futexes, Task task, MemoryManager mm) {
        try {
            walk(futexes, task, mm, task.robustList());
        } catch (ErrnoException e) {
            // The list leads nowhere: what it has not named stays as it is.
        }
    }

    private static void walk(Futexes futexes, Task task, MemoryManager mm, long head) throws ErrnoException {
        long entry = mm.getLong(head);
        long offset = mm.getLong(head + 8);
        long pending = mm.getLong(head + 16);
        for (int i = 0; i < Futex.ROBUST_LIST_LIMIT && (entry & ~1L) != head; i++) {
            long here = entry;
            boolean last = false;
            try {
                entry = mm.getLong(here & ~1L);
            } catch (ErrnoException e) {
                last = true;
            }
            if ((here & ~1L) != (pending & ~1L)) {
                dead(futexes, task, mm, (here & ~1L) + offset, (here & 1) != 0, false);
            }
            if (last) {
                break;
            }
        }
        if ((pending & ~1L) != 0) {
            dead(futexes, task, mm, (pending & ~1L) + offset, (pending & 1) != 0, true);
        }
    }

    private static void dead(Futexes futexes, Task task, MemoryManager mm, long word, boolean pi, boolean pending)
            throws ErrnoException {
        int tid = task.tid(task.namespaces().pid());
        int value = mm.getIntVolatile(word);
        for (;;) {
            if (pending && !pi && value == 0) {
                futexes.wake(mm, word, false, 1, Futex.FUTEX_BITSET_MATCH_ANY);
                return;
            }
            if ((value & Futex.FUTEX_TID_MASK) != tid) {
                return;
            }
            int marked = value & Futex.FUTEX_WAITERS | Futex.FUTEX_OWNER_DIED;
            int seen = mm.compareAndExchangeInt(word, value, marked);
            if (seen == value) {
                break;
            }
            value = seen;
        }
        if (pi) {
            futexes.owned().ownerDied(mm, word);
        } else if ((value & Futex.FUTEX_WAITERS) != 0) {
            futexes.wake(mm, word, false, 1, Futex.FUTEX_BITSET_MATCH_ANY);
        }
    }
}
