package sentry.core.memory;

import host.linux.Memory;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.UserfaultAbi;

/** What is registered with {@link Userfault}. Guarded by the memory manager's write lock. */
final class UserfaultRanges {
    private static final long PAGE = MemoryFile.PAGE;

    private UserfaultRanges() {}

    /** Registers, or with no modes forgets, the range; returns whether missing pages were registered before. */
    static boolean set(MemoryManager mm, Userfault u, long start, long end, int modes) throws ErrnoException {
        VmaList vmas = mm.vmas;
        int first = vmas.find(start);
        if (first == vmas.size() || vmas.get(first).start >= end) {
            throw Errno.EINVAL.error();
        }
        boolean missing = false;
        for (int i = first; i < vmas.size() && vmas.get(i).start < end; i++) {
            Vma v = vmas.get(i);
            if (v.userfault != null && v.userfault != u) {
                throw (modes == 0 ? Errno.EINVAL : Errno.EBUSY).error();
            }
            if (v.mappable != null || v.is(Vma.SPECIAL)) {
                throw Errno.EINVAL.error();
            }
            if (modes != 0 && (v.maxProt & Vma.WRITE) == 0) {
                throw Errno.EPERM.error();
            }
            missing |= (v.userfaultModes & UserfaultAbi.REGISTER_MODE_MISSING) != 0;
        }
        first = mm.mappings.split(start);
        int last = mm.mappings.split(end);
        for (int i = first; i < last; i++) {
            Vma v = vmas.get(i);
            if ((modes & UserfaultAbi.REGISTER_MODE_WP) == 0 && (v.userfaultModes & UserfaultAbi.REGISTER_MODE_WP) != 0) {
                protect(mm, v, v.start, v.end, false);
            }
            v.userfault = modes == 0 ? null : u;
            v.userfaultModes = modes;
            if ((modes & UserfaultAbi.REGISTER_MODE_MISSING) != 0) {
                dropUntouched(mm, v.start, v.end);
            }
        }
        mm.userfaultsKnown |= modes != 0;
        mm.mappings.merge(first - 1, last);
        return missing;
    }

    /** Memory is provided before it is touched; what nobody has touched yet is missing. */
    private static void dropUntouched(MemoryManager mm, long start, long end) {
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i == runs.size() || runs.start(i) >= end) {
                return;
            }
            at = Math.max(at, runs.start(i));
            long to = Math.min(Math.min(end, runs.end(i)), at + (1 << 28));
            if ((runs.flags(i) & PageRuns.GUARD) == 0) {
                byte[] there = new byte[(int) ((to - at) / PAGE)];
                mm.file.resident(runs.offset(i, at), to - at, there);
                for (int p = 0; p < there.length; ) {
                    int q = p;
                    while (q < there.length && (there[q] & 1) == (there[p] & 1)) {
                        q++;
                    }
                    if ((there[p] & 1) == 0) {
                        mm.host.hide(at + p * PAGE, at + q * PAGE);
                        mm.pager.drop(at + p * PAGE, at + q * PAGE);
                    }
                    p = q;
                }
            }
            at = to;
        }
    }

    /** UFFDIO_WRITEPROTECT. ENOENT where that is not registered. */
    static void protect(MemoryManager mm, Userfault u, long start, long end, boolean on) throws ErrnoException {
        VmaList vmas = mm.vmas;
        int i = vmas.find(start);
        if (i == vmas.size() || vmas.get(i).start >= end) {
            throw Errno.ENOENT.error();
        }
        for (; i < vmas.size() && vmas.get(i).start < end; i++) {
            Vma v = vmas.get(i);
            if (v.userfault != u || (v.userfaultModes & UserfaultAbi.REGISTER_MODE_WP) == 0) {
                throw Errno.ENOENT.error();
            }
            protect(mm, v, Math.max(start, v.start), Math.min(end, v.end), on);
        }
    }

    private static void protect(MemoryManager mm, Vma v, long start, long end, boolean on) {
        PageRuns runs = mm.runs;
        int from = runs.split(start);
        int to = runs.split(end);
        for (int r = from; r < to; r++) {
            int flags = runs.flags(r);
            if ((flags & PageRuns.GUARD) != 0) {
                continue;
            }
            if (on) {
                flags = flags & ~PageRuns.WRITE | PageRuns.PROTECTED;
            } else if ((flags & PageRuns.PROTECTED) != 0) {
                flags &= ~PageRuns.PROTECTED;
                flags |= v.may(Vma.WRITE) && (flags & PageRuns.COW) == 0 ? PageRuns.WRITE : 0;
            }
            runs.set(r, runs.base(r) | flags);
        }
        runs.join(from, to);
        mm.host.protect(start, end);
    }

    /** Takes the marks of protected pages off a range that is registered no more. */
    static void clean(PageRuns runs, Vma v) {
        int from = runs.split(v.start);
        int to = runs.split(v.end);
        for (int r = from; r < to; r++) {
            int flags = runs.flags(r);
            if ((flags & PageRuns.PROTECTED) != 0) {
                flags &= ~PageRuns.PROTECTED;
                flags |= v.may(Vma.WRITE) && (flags & PageRuns.COW) == 0 ? PageRuns.WRITE : 0;
                runs.set(r, runs.base(r) | flags);
            }
        }
        runs.join(from, to);
    }

    /** ENOENT unless all of the range is one registered mapping. */
    static Vma require(MemoryManager mm, Userfault u, long start, long length) throws ErrnoException {
        Vma v = mm.vmas.at(start);
        if (v == null || v.userfault != u || v.end - start < length) {
            throw Errno.ENOENT.error();
        }
        return v;
    }

    /** Puts pages where there are none; returns bytes. EEXIST when there is one at once. */
    static long fill(MemoryManager mm, Userfault u, long start, byte[] data, int length, boolean protect)
            throws ErrnoException {
        Vma v = require(mm, u, start, length);
        int next = mm.runs.find(start);
        long end = start + length;
        if (next < mm.runs.size()) {
            end = Math.min(end, mm.runs.start(next));
        }
        if (end <= start) {
            throw Errno.EEXIST.error();
        }
        long place = mm.file.allocate(end - start);
        if (data != null) {
            Memory.copy(data, 0, mm.file.address(place), (int) (end - start));
        }
        int flags = Pager.anonymousFlags(v);
        mm.runs.put(start, end, place | (protect ? flags & ~PageRuns.WRITE | PageRuns.PROTECTED : flags));
        mm.host.show(start, end, false);
        return end - start;
    }
}
