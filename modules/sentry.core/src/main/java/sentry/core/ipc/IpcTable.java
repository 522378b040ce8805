package sentry.core.ipc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Credentials;

/**
 * The objects of one type in a namespace, by number and by key. An id is a slot plus {@link #SLOTS} times a sequence number
 * that makes ids differ when a slot is used again. Thread-safe.
 */
public final class IpcTable<T extends IpcObject> {
    /** Slots that an id can name (Linux: IPCMNI). */
    static final int SLOTS = 32768;

    public static final int IPC_PRIVATE = 0;
    public static final int IPC_CREAT = 01000;
    public static final int IPC_EXCL = 02000;

    private final IntSupplier limit;
    private final ArrayList<T> slots = new ArrayList<>();
    private int count;
    private int lastSlot = -1;
    private int sequence;

    IpcTable(IntSupplier limit) {
        this.limit = limit;
    }

    /** Makes what {@link #get} did not find. */
    @FunctionalInterface
    public interface Maker<T> {
        T make() throws ErrnoException;
    }

    /** Says whether an existing object is what the caller wants. */
    @FunctionalInterface
    public interface Check<T> {
        void check(T found) throws ErrnoException;
    }

    /** shmget(2), semget(2), msgget(2): finds by key or makes; the object's id. */
    public synchronized int get(int key, int flags, Credentials who, Check<T> check, Maker<T> maker)
            throws ErrnoException {
        if (key != IPC_PRIVATE) {
            for (T t : slots) {
                if (t != null && t.key == key) {
                    if ((flags & IPC_CREAT) != 0 && (flags & IPC_EXCL) != 0) {
                        throw Errno.EEXIST.error();
                    }
                    check.check(t);
                    t.require(who, flags);
                    return t.id();
                }
            }
            if ((flags & IPC_CREAT) == 0) {
                throw Errno.ENOENT.error();
            }
        }
        T made = maker.make();
        if (count >= limit.getAsInt()) {
            throw Errno.ENOSPC.error();
        }
        add(made);
        return made.id();
    }

    private void add(T made) {
        int slot = 0;
        while (slot < slots.size() && slots.get(slot) != null) {
            slot++;
        }
        if (slot == slots.size()) {
            slots.add(made);
        } else {
            slots.set(slot, made);
        }
        if (slot <= lastSlot) {
            sequence = (sequence + 1) % (Integer.MAX_VALUE / SLOTS);
        }
        lastSlot = slot;
        count++;
        made.setId(sequence * SLOTS + slot);
    }

    /** The object with this id; EINVAL when there is none. */
    public synchronized T byId(int id) throws ErrnoException {
        T t = id < 0 ? null : slot(id % SLOTS);
        if (t == null || t.id() != id) {
            throw Errno.EINVAL.error();
        }
        return t;
    }

    /** The object in a slot; EINVAL when there is none. */
    public synchronized T bySlot(int slot) throws ErrnoException {
        T t = slot < 0 ? null : slot(slot % SLOTS);
        if (t == null) {
            throw Errno.EINVAL.error();
        }
        return t;
    }

    private T slot(int slot) {
        return slot < slots.size() ? slots.get(slot) : null;
    }

    /** Takes an object out: nobody finds it any more. False when it was out already. */
    public synchronized boolean remove(T t) {
        if (t.removed()) {
            return false;
        }
        t.setRemoved();
        slots.set(t.id() % SLOTS, null);
        count--;
        return true;
    }

    /** Takes the key away: the object can be found by its id only. */
    synchronized void forgetKey(T t) {
        t.key = IPC_PRIVATE;
    }

    /** How many there are. */
    public synchronized int count() {
        return count;
    }

    /** The highest slot in use, 0 when none is: what the INFO commands answer. */
    public synchronized int highestSlot() {
        for (int i = slots.size() - 1; i > 0; i--) {
            if (slots.get(i) != null) {
                return i;
            }
        }
        return 0;
    }

    /** All of them by slot. */
    public synchronized List<T> list() {
        ArrayList<T> list = new ArrayList<>(count);
        for (T t : slots) {
            if (t != null) {
                list.add(t);
            }
        }
        return list;
    }
}
