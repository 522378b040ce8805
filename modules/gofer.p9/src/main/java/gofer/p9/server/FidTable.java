package gofer.p9.server;

/** Fids by number: open addressing, because boxing every fid of every request would be garbage. */
final class FidTable {
    /** Most fids of one connection. Descriptors run out earlier unless fids share them. */
    static final int LIMIT = 1 << 17;

    private int[] keys = new int[64];
    private Fid[] fids = new Fid[64];
    private int size;

    Fid get(int number) {
        int mask = keys.length - 1;
        for (int i = hash(number) & mask; fids[i] != null; i = i + 1 & mask) {
            if (keys[i] == number) {
                return fids[i];
            }
        }
        return null;
    }

    boolean full() {
        return size >= LIMIT;
    }

    int size() {
        return size;
    }

    /** Adds a number that is not there yet. */
    void put(int number, Fid fid) {
        if (size * 2 >= keys.length) {
            grow();
        }
        insert(number, fid);
        size++;
    }

    Fid remove(int number) {
        int mask = keys.length - 1;
        int i = hash(number) & mask;
        while (fids[i] != null && keys[i] != number) {
            i = i + 1 & mask;
        }
        Fid found = fids[i];
        if (found == null) {
            return null;
        }
        // Close the gap: move back each follower whose place is not between the gap and itself.
        int gap = i;
        for (int j = i + 1 & mask; fids[j] != null; j = j + 1 & mask) {
            int home = hash(keys[j]) & mask;
            if ((j - home & mask) >= (j - gap & mask)) {
                keys[gap] = keys[j];
                fids[gap] = fids[j];
                gap = j;
            }
        }
        fids[gap] = null;
        size--;
        return found;
    }

    void closeAll() {
        for (int i = 0; i < fids.length; i++) {
            if (fids[i] != null) {
                fids[i].close();
                fids[i] = null;
            }
        }
        size = 0;
    }

    private void grow() {
        int[] oldKeys = keys;
        Fid[] oldFids = fids;
        keys = new int[oldKeys.length * 2];
        fids = new Fid[oldKeys.length * 2];
        for (int i = 0; i < oldFids.length; i++) {
            if (oldFids[i] != null) {
                insert(oldKeys[i], oldFids[i]);
            }
        }
    }

    private void insert(int number, Fid fid) {
        int mask = keys.length - 1;
        int i = hash(number) & mask;
        while (fids[i] != null) {
            i = i + 1 & mask;
        }
        keys[i] = number;
        fids[i] = fid;
    }

    private static int hash(int number) {
        int h = number * 0x9e3779b9;
        return h ^ h >>> 15;
    }
}
