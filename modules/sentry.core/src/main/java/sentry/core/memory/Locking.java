package sentry.core.memory;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/**
 * mlock(2) and its like, mincore(2), msync(2). Locking is kept account of and makes pages present; whether the host pages
 * them out is the host's business.
 */
final class Locking {
    private static final long PAGE = MemoryFile.PAGE;

    private Locking() {}

    static void range(MemoryManager mm, Task task, long address, long length, boolean on, boolean populate)
            throws ErrnoException {
        long start = address & -PAGE;
        long size = Pager.roundUp(length + (address & PAGE - 1));
        long end = start + size;
        if (Long.compareUnsigned(end, start) < 0) {
            throw Errno.EINVAL.error();
        }
        if (size < 0 || start < 0 || end < 0) {
            throw Errno.ENOMEM.error(); // no program's address
        }
        if (size == 0) {
            return;
        }
        if (on) {
            long already = 0;
            for (int i = mm.vmas.find(start); i < mm.vmas.size() && mm.vmas.get(i).start < end; i++) {
                Vma v = mm.vmas.get(i);
                if (v.is(Vma.LOCKED)) {
                    already += Math.min(end, v.end) - Math.max(start, v.start);
                }
            }
            try {
                mm.mappings.checkLock(task, size - already);
            } catch (ErrnoException e) {
                throw e.errno() == Errno.EAGAIN ? Errno.ENOMEM.error() : e;
            }
        }
        long at = start;
        while (at < end) {
            int i = mm.vmas.find(at);
            if (i == mm.vmas.size() || mm.vmas.get(i).start > at) {
                break;
            }
            at = Math.min(end, mm.vmas.get(i).end);
        }
        mark(mm, start, at, on);
        if (at < end) {
            throw Errno.ENOMEM.error();
        }
        if (on && populate) {
            mm.host.show(start, end, true);
            for (int i = mm.runs.find(start); i < mm.runs.size() && mm.runs.start(i) < end; i++) {
                if ((mm.runs.flags(i) & PageRuns.GUARD) != 0) {
                    throw Errno.ENOMEM.error(); // locked it is, but not there
                }
            }
        }
    }

    static void all(MemoryManager mm, Task task, int flags) throws ErrnoException {
        if ((flags & Mman.MCL_CURRENT) != 0) {
            mm.mappings.checkLock(task, mm.total - mm.mappings.lockedBytes());
        }
        mm.lockFuture = (flags & Mman.MCL_FUTURE) != 0;
        if (flags == 0 || (flags & Mman.MCL_CURRENT) != 0) {
            mark(mm, 0, Long.MAX_VALUE & -PAGE, flags != 0);
        }
    }

    private static void mark(MemoryManager mm, long start, long end, boolean on) {
        if (start >= end) {
            return;
        }
        int from = mm.mappings.split(start);
        int to = mm.mappings.split(end);
        for (int i = from; i < to; i++) {
            Vma v = mm.vmas.get(i);
            if (!v.is(Vma.SPECIAL)) {
                v.flags = on ? v.flags | Vma.LOCKED : v.flags & ~Vma.LOCKED;
            }
        }
        mm.mappings.merge(from - 1, to);
    }

    /** The read lock is held. */
    static void resident(MemoryManager mm, long address, long length, byte[] vector) throws ErrnoException {
        long end = address + length;
        for (long at = address; at < end; ) {
            int i = mm.vmas.find(at);
            if (i == mm.vmas.size() || mm.vmas.get(i).start > at) {
                throw Errno.ENOMEM.error();
            }
            Vma v = mm.vmas.get(i);
            for (long to = Math.min(end, v.end); at < to; ) {
                int r = mm.runs.find(at);
                boolean here = r < mm.runs.size() && mm.runs.start(r) <= at;
                long piece = here ? mm.runs.end(r) : r < mm.runs.size() ? mm.runs.start(r) : to;
                piece = Math.min(to, piece);
                int first = (int) ((at - address) / PAGE);
                int n = (int) ((piece - at) / PAGE);
                if (here) {
                    byte[] part = new byte[n];
                    mm.file.resident(mm.runs.offset(r, at), piece - at, part);
                    System.arraycopy(part, 0, vector, first, n);
                } else {
                    // A file of the host: its pages are the host's to keep. Linux answers so to those who may not know.
                    java.util.Arrays.fill(vector, first, first + n, (byte) (v.anonymous() ? 0 : 1));
                }
                at = piece;
            }
        }
    }

    private static final long PM_PRESENT = 1L << 63;
    private static final long PM_FILE = 1L << 61;
    private static final long PM_EXCLUSIVE = 1L << 56;

    /** Without page frame numbers, which only the host knows. The read lock is held. */
    static void pagemap(MemoryManager mm, long address, long[] target, int count) {
        byte[] here = new byte[1];
        java.util.Arrays.fill(target, 0, count, 0);
        for (int i = 0; i < count; i++) {
            long page = address + i * PAGE;
            int r = mm.runs.find(page);
            if (r == mm.runs.size()) {
                return;
            }
            if (mm.runs.start(r) > page) {
                i += (int) Math.min(count - i, (mm.runs.start(r) - page) / PAGE) - 1; // nothing up to there
                continue;
            }
            long offset = mm.runs.offset(r, page);
            mm.file.resident(offset, PAGE, here);
            if ((here[0] & 1) != 0) {
                boolean file = (mm.runs.flags(r) & PageRuns.FILE) != 0;
                boolean sole = mm.file.references(offset) - (file ? 1 : 0) <= 1;
                target[i] = PM_PRESENT | (file ? PM_FILE : 0) | (sole ? PM_EXCLUSIVE : 0);
            }
        }
    }

    /**
     * Bytes of the range that are in the memory file and in the host's memory; with {@code files}, only those that belong
     * to a mapped file. The host's own files are the host's to keep and do not count. The read lock is held.
     */
    static long residentBytes(MemoryManager mm, long start, long end, boolean files) {
        long sum = 0;
        try (Residency host = new Residency()) {
            for (int r = mm.runs.find(start); r < mm.runs.size() && mm.runs.start(r) < end; r++) {
                if (files && (mm.runs.flags(r) & PageRuns.FILE) == 0) {
                    continue;
                }
                long from = Math.max(start, mm.runs.start(r));
                long length = Math.min(end, mm.runs.end(r)) - from;
                sum += host.bytes(mm.file.address(mm.runs.offset(r, from)), length, null);
            }
        }
        return sum;
    }

    /** Adds a reference to each file of the host that is mapped shared in the range; returns what msync then fails with. */
    static ErrnoException filesToSync(
            MemoryManager mm, long address, long length, int flags, List<FileDescription> files) throws ErrnoException {
        long size = Pager.roundUp(length);
        long end = address + size;
        if ((address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        if (size < 0 || end < address) {
            throw Errno.ENOMEM.error();
        }
        ErrnoException hole = null;
        for (long at = address; at < end; ) {
            int i = mm.vmas.find(at);
            if (i == mm.vmas.size()) {
                return Errno.ENOMEM.error();
            }
            Vma v = mm.vmas.get(i);
            if (v.start > at) {
                hole = Errno.ENOMEM.error();
                if (v.start >= end) {
                    break;
                }
            }
            if ((flags & Mman.MS_INVALIDATE) != 0 && v.is(Vma.LOCKED)) {
                throw Errno.EBUSY.error();
            }
            if ((flags & Mman.MS_SYNC) != 0 && v.shared() && v.file != null && v.file.retain()) {
                files.add(v.file);
            }
            at = v.end;
        }
        return hole;
    }
}
