package sentry.core.memory;

import java.util.Arrays;

/**
 * A list of ints that is cheap to change anywhere: in pieces of some hundred, so that an insertion moves no more than
 * one piece, and the index of the pieces. Ordered tables keep the places of their records in it.
 *
 * <p>Reads are safe beside each other, changes beside nothing.
 */
public final class IntSequence {
    /** Ints in a piece, at most. */
    private static final int MOST = 512;
    /** What {@link #note} answers after a change of the piece. */
    public static final long NO_NOTE = -1;

    private int[][] pieces = {new int[16]};
    /** Index of each piece's first int; one more entry than pieces: the size. */
    private int[] base = {0, 0};

    private long[] notes = {NO_NOTE};
    private int count = 1;
    /** The piece looked at last. Racy among readers, and only a guess. */
    private int hint;

    public int size() {
        return base[count];
    }

    public int get(int i) {
        int p = pieceOf(i);
        return pieces[p][i - base[p]];
    }

    public void set(int i, int value) {
        int p = pieceOf(i);
        pieces[p][i - base[p]] = value;
        notes[p] = NO_NOTE;
    }

    public void insert(int i, int value) {
        int p = i == size() ? count - 1 : pieceOf(i);
        int n = base[p + 1] - base[p];
        if (n == MOST) {
            // What is added behind everything leaves full pieces, not half ones.
            split(p, i == size() ? MOST : MOST / 2);
            p = i == size() || i >= base[p + 1] ? p + 1 : p;
            n = base[p + 1] - base[p];
        }
        int[] piece = pieces[p];
        if (n == piece.length) {
            piece = pieces[p] = Arrays.copyOf(piece, Math.min(MOST, n * 2));
        }
        int at = i - base[p];
        System.arraycopy(piece, at, piece, at + 1, n - at);
        piece[at] = value;
        notes[p] = NO_NOTE;
        shift(p + 1, 1);
    }

    /** Removes {@code [from, to)}. */
    public void remove(int from, int to) {
        if (from == to) {
            return;
        }
        int first = pieceOf(from);
        int last = pieceOf(to - 1);
        int head = from - base[first];
        int tail = base[last + 1] - to;
        int[] piece = pieces[first];
        if (first == last) {
            System.arraycopy(piece, to - base[first], piece, head, tail);
            notes[first] = NO_NOTE;
            shift(first + 1, from - to);
        } else {
            int[] other = pieces[last];
            int start = to - base[last];
            System.arraycopy(other, start, other, 0, tail);
            notes[first] = notes[last] = NO_NOTE;
            for (int p = first + 1; p <= last; p++) {
                base[p] = from;
            }
            shift(last + 1, from - to);
            drop(first + 1, last);
            last = first + 1;
            if (last < count && base[last + 1] == base[last]) {
                drop(last, last + 1);
            }
        }
        tidy(first);
    }

    /** Number of pieces, each of which has one int at least unless all is empty. */
    public int pieces() {
        return count;
    }

    /** The piece that holds index {@code i}. */
    public int pieceOf(int i) {
        if (count == 1) {
            return 0;
        }
        int h = hint;
        if (h < count && base[h] <= i && i < base[h + 1]) {
            return h;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (base[middle] <= i) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        hint = low;
        return low;
    }

    /** Index of the first int of a piece; of piece {@link #pieces} it is the size. */
    public int first(int piece) {
        return base[piece];
    }

    /** What {@link #note(int, long)} has left with the piece, if it has not changed since. */
    long note(int piece) {
        return notes[piece];
    }

    void note(int piece, long value) {
        notes[piece] = value;
    }

    /** Forgets the note of the piece with index {@code i}. */
    void touch(int i) {
        notes[pieceOf(i)] = NO_NOTE;
    }

    /** The first index whose record has a key above {@code key}; keys lie in {@code keys} and ascend. */
    public int above(long[] keys, long key) {
        int p = 0;
        if (count > 1) {
            int high = count - 1; // the last piece, if none before it has such a key
            int low = 0;
            while (low < high) {
                int middle = low + high >>> 1;
                if (keys[pieces[middle][base[middle + 1] - base[middle] - 1]] <= key) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            p = low;
            hint = p;
        }
        int[] piece = pieces[p];
        int low = 0;
        int high = base[p + 1] - base[p];
        while (low < high) {
            int middle = low + high >>> 1;
            if (keys[piece[middle]] <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return base[p] + low;
    }

    private void split(int p, int at) {
        if (count == pieces.length) {
            pieces = Arrays.copyOf(pieces, count * 2);
            base = Arrays.copyOf(base, count * 2 + 1);
            notes = Arrays.copyOf(notes, count * 2);
        }
        System.arraycopy(pieces, p + 1, pieces, p + 2, count - p - 1);
        System.arraycopy(notes, p + 1, notes, p + 2, count - p - 1);
        System.arraycopy(base, p + 1, base, p + 2, count - p);
        int[] upper = new int[MOST];
        System.arraycopy(pieces[p], at, upper, 0, MOST - at);
        pieces[p + 1] = upper;
        base[p + 1] = base[p] + at;
        notes[p] = notes[p + 1] = NO_NOTE;
        count++;
    }

    /** Joins a piece with its neighbour when both are nearly empty, or it is. */
    private void tidy(int p) {
        if (count == 1) {
            return;
        }
        int lower = p == count - 1 ? p - 1 : p;
        int n = base[lower + 1] - base[lower];
        int m = base[lower + 2] - base[lower + 1];
        if (n > 0 && m > 0 && n + m > MOST / 2) {
            return;
        }
        int[] piece = pieces[lower];
        if (piece.length < n + m) {
            piece = Arrays.copyOf(piece, MOST);
        }
        System.arraycopy(pieces[lower + 1], 0, piece, n, m);
        pieces[lower] = piece;
        notes[lower] = NO_NOTE;
        base[lower + 1] = base[lower + 2];
        drop(lower + 1, lower + 2);
    }

    /** Drops empty pieces {@code [from, to)}. */
    private void drop(int from, int to) {
        int n = to - from;
        if (n <= 0) {
            return;
        }
        System.arraycopy(pieces, to, pieces, from, count - to);
        System.arraycopy(notes, to, notes, from, count - to);
        System.arraycopy(base, to + 1, base, from + 1, count - to);
        Arrays.fill(pieces, count - n, count, null);
        count -= n;
    }

    private void shift(int from, int by) {
        for (int p = from; p <= count; p++) {
            base[p] += by;
        }
    }
}
