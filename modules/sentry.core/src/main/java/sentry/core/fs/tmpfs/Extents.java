package sentry.core.fs.tmpfs;

import java.util.Arrays;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryFile;

/**
 * Where a file's bytes are in the memory file: runs, sorted by file offset, holes between them. Everything is a multiple
 * of the page size.
 *
 * <p>The last run may be longer than what was asked for, so that a growing file has few runs; what lies behind
 * {@link #charged} is not counted. Thread-safe; the monitor is a leaf but for the memory file's lock.
 */
final class Extents {
    static final long PAGE = 4096;
    private static final long MAX_AHEAD = 64L << 20;

    private final MemoryFile memory;
    private final TmpFileSystem owner;
    private long[] start = new long[2];
    private long[] length = new long[2];
    private long[] place = new long[2];
    private int count;
    /** File offset up to which the last run is counted. */
    private long charged;

    private long pages;

    Extents(MemoryFile memory, TmpFileSystem owner) {
        this.memory = memory;
        this.owner = owner;
    }

    static long up(long offset) {
        return (offset + PAGE - 1) & -PAGE;
    }

    static long down(long offset) {
        return offset & -PAGE;
    }

    /** Pages counted. */
    synchronized long pages() {
        return pages;
    }

    /** The run that holds {@code offset}, or -(where it would be) - 1. */
    private int find(long offset) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (offset < start[middle]) {
                high = middle - 1;
            } else if (offset >= start[middle] + length[middle]) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -low - 1;
    }

    /** Place of the byte {@code offset} in the memory file, or -1 in a hole. */
    synchronized long placeOf(long offset) {
        int i = find(offset);
        return i < 0 ? -1 : place[i] + offset - start[i];
    }

    /** How many bytes from {@code offset} on lie in one run, or in one hole. */
    synchronized long extentAt(long offset) {
        int i = find(offset);
        if (i >= 0) {
            return start[i] + length[i] - offset;
        }
        int next = -i - 1;
        return next < count ? start[next] - offset : Long.MAX_VALUE - offset;
    }

    /** The first offset from {@code offset} on that lies in a run and is counted, or -1. */
    synchronized long nextData(long offset) {
        int i = find(offset);
        if (i >= 0) {
            return i < count - 1 || offset < charged ? offset : -1;
        }
        int next = -i - 1;
        return next < count ? start[next] : -1;
    }

    /** The first offset from {@code offset} on that lies in a hole. */
    synchronized long nextHole(long offset) {
        long at = offset;
        for (int i = find(at); i >= 0; i = find(at)) {
            at = i == count - 1 ? charged : start[i] + length[i];
            if (i == count - 1) {
                return Math.max(offset, at);
            }
        }
        return at;
    }

    /**
     * Makes the page of {@code offset} present, and as many of the {@code wanted} bytes behind it as lie in the same run.
     *
     * @return bytes from {@code offset} on that are present in one run, at most {@code wanted}
     * @throws ErrnoException ENOSPC
     */
    synchronized long ensure(long offset, long wanted) throws ErrnoException {
        int i = find(offset);
        if (i >= 0) {
            long end = start[i] + length[i];
            if (i == count - 1 && Math.min(end, offset + wanted) > charged) {
                long to = Math.min(end, up(offset + wanted));
                long granted = owner.charge((to - charged) / PAGE, (down(offset) + PAGE - charged) / PAGE);
                charged += granted * PAGE;
                pages += granted;
                end = Math.min(end, charged);
            }
            return Math.min(wanted, end - offset);
        }
        int at = -i - 1;
        long from = down(offset);
        long need = up(offset + wanted) - from;
        boolean last = at == count;
        if (!last) {
            need = Math.min(need, start[at] - from);
        } else if (count > 0) {
            trimTail();
        }
        need = owner.charge(need / PAGE, 1) * PAGE;
        long capacity = need;
        if (last && count > 0) {
            capacity = Math.max(need, Math.min(MAX_AHEAD, Long.highestOneBit(from + need)));
        }
        long run;
        try {
            run = memory.allocate(capacity);
        } catch (ErrnoException e) {
            owner.uncharge(need / PAGE);
            throw Errno.ENOSPC.error();
        }
        insert(at, from, capacity, run);
        pages += need / PAGE;
        if (last) {
            charged = from + need;
        }
        return Math.min(wanted, from + need - offset);
    }

    /** Gives back the part of the last run that is not counted: another run comes behind it. */
    private void trimTail() {
        int l = count - 1;
        long extra = start[l] + length[l] - charged;
        if (extra > 0) {
            memory.release(place[l] + length[l] - extra, extra);
            length[l] -= extra;
        }
    }

    private void insert(int at, long from, long size, long run) {
        if (count == start.length) {
            int grown = count * 2;
            start = Arrays.copyOf(start, grown);
            length = Arrays.copyOf(length, grown);
            place = Arrays.copyOf(place, grown);
        }
        System.arraycopy(start, at, start, at + 1, count - at);
        System.arraycopy(length, at, length, at + 1, count - at);
        System.arraycopy(place, at, place, at + 1, count - at);
        start[at] = from;
        length[at] = size;
        place[at] = run;
        count++;
    }

    private void delete(int at) {
        count--;
        System.arraycopy(start, at + 1, start, at, count - at);
        System.arraycopy(length, at + 1, length, at, count - at);
        System.arraycopy(place, at + 1, place, at, count - at);
    }

    /** Frees the whole pages of {@code [from, to)}; both are multiples of the page size, {@code to} may be Long.MAX_VALUE & -PAGE. */
    synchronized void free(long from, long to) {
        if (count > 0 && to > start[count - 1]) {
            trimTail();
            if (length[count - 1] == 0) {
                delete(count - 1);
            }
        }
        int i = find(from);
        if (i < 0) {
            i = -i - 1;
        }
        while (i < count && start[i] < to) {
            long s = start[i];
            long e = s + length[i];
            long a = Math.max(s, from);
            long b = Math.min(e, to);
            memory.release(place[i] + a - s, b - a);
            pages -= (b - a) / PAGE;
            owner.uncharge((b - a) / PAGE);
            if (a == s && b == e) {
                delete(i);
            } else if (a == s) {
                start[i] = b;
                place[i] += b - s;
                length[i] = e - b;
                i++;
            } else {
                length[i] = a - s;
                if (b < e) {
                    insert(i + 1, b, e - b, place[i] + b - s);
                    i++;
                }
                i++;
            }
        }
        charged = count == 0 ? 0 : start[count - 1] + length[count - 1];
    }
}
