package sentry.core.memory;

import host.linux.Files;
import host.linux.Memory;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.UserfaultAbi;
import sentry.core.platform.Fault;
import sentry.core.task.Task;

/**
 * Puts pages behind addresses: first touch, copy-on-write, files, stack growth. Guarded by the memory manager's write
 * lock.
 */
final class Pager {
    static final int SIGBUS = 7;
    static final int SIGSEGV = 11;
    private static final int SEGV_MAPERR = 1;
    private static final int SEGV_ACCERR = 2;
    static final int BUS_ADRERR = 2;
    private static final int SI_KERNEL = 0x80;
    /** In place of a signal: {@link #reportTo} is to hear of it. */
    static final int REPORT = -1;

    private static final long PAGE = MemoryFile.PAGE;
    /** Private memory up to this size gets its run of the memory file when it is mapped. */
    static final long EAGER = 1L << 30;
    /** Larger memory gets chunks on first touch: a part of its size, within these bounds. */
    private static final long LEAST_CHUNK = 1L << 21;

    private static final long MOST_CHUNK = 1L << 26;
    /** Copy-on-write copies at most this much at once. */
    private static final long MOST_COPY = 1L << 18;
    /** Or, where there are large pages, so much. */
    private static final long LARGE_COPY = TouchAhead.BLOCK;
    /** A fault costs as much as copying some ten pages: neighbours are copied along, as aligned blocks of so much. */
    private static final long AROUND = 4 * PAGE;

    private static final long FILE_AROUND = 8 * PAGE;
    /** Private writable mappings of files up to this size are copied when they are made: data of programs. */
    static final long COPIED_AHEAD = 1L << 16;
    /** The stack grows by at least so much. */
    private static final long STACK_STEP = 1L << 16;
    /** Kept free below a stack (Linux: stack_guard_gap). */
    static final long STACK_GUARD = 256 * PAGE;
    /** The same fault so often in a row, although nothing is missing, means that the platform cannot show the page. */
    private static final int HOPELESS = 1000;

    private final MemoryManager mm;
    /** Where the last copy-on-write ended, and how much it copied: sequential faults copy more and more. */
    private long copiedTo;

    private long copied = PAGE;
    /** Start of what the last {@link #resolve} has changed. */
    private long from;
    /** What the last {@link #resolve} has put there is in memory. */
    private boolean present;

    private long lastFault = -1;
    private int repeats;

    Pager(MemoryManager mm) {
        this.mm = mm;
    }

    /** After a fault that a program wants to hear of: whom to tell; else null. */
    Userfault reportTo;
    /** What to tell: UFFD_PAGEFAULT_FLAG_ bits. */
    long reportFlags;

    /** Whether an access is to be reported (userfaultfd(2)); then {@link #reportTo} is set. */
    boolean reports(Vma v, long address, boolean write) {
        if (v == null || v.userfault == null) {
            return false;
        }
        int i = mm.runs.at(address);
        if (i < 0 ? !v.missingReported() : !write || (mm.runs.flags(i) & PageRuns.PROTECTED) == 0) {
            return false;
        }
        reportTo = v.userfault;
        reportFlags = (write ? UserfaultAbi.PAGEFAULT_FLAG_WRITE : 0) | (i < 0 ? 0 : UserfaultAbi.PAGEFAULT_FLAG_WP);
        return true;
    }

    // The program's own faults.

    /** Resolves a fault; returns 0 or a signal, with the fault's code set. */
    int fault(Task task, Fault f) {
        if (f.signal != SIGSEGV && f.signal != SIGBUS || f.access == 0 || f.code == SI_KERNEL) {
            return f.signal;
        }
        long address = f.address;
        Vma v = mm.vmas.at(address);
        if (v == null) {
            v = growStack(task, address);
            if (v == null) {
                f.code = SEGV_MAPERR;
                return SIGSEGV;
            }
        }
        int guard = mm.runs.at(address);
        if (guard >= 0 && (mm.runs.flags(guard) & PageRuns.GUARD) != 0) {
            f.code = SEGV_MAPERR;
            return SIGSEGV;
        }
        boolean write = (f.access & Fault.WRITE) != 0;
        if (write ? !v.may(Vma.WRITE) : v.prot == 0 || (f.access & Fault.EXECUTE) != 0 && !v.may(Vma.EXECUTE)) {
            f.code = SEGV_ACCERR;
            return SIGSEGV;
        }
        if (v.userfault != null) {
            int i = mm.runs.at(address);
            if (i >= 0 && !write && !mm.exactFaults && (mm.runs.flags(i) & PageRuns.PROTECTED) != 0) {
                // Perhaps only the mapping was missing; when it comes again it is a write.
                write = address == lastFault;
                if (!write) {
                    lastFault = address;
                    repeats = 0;
                    mm.host.show(address & -PAGE, (address & -PAGE) + PAGE, false);
                    return 0;
                }
            }
            if (reports(v, address, write)) {
                lastFault = -1;
                return REPORT;
            }
        }
        if (address == lastFault) {
            if (++repeats > HOPELESS) {
                repeats = 0;
                f.code = f.signal == SIGBUS ? BUS_ADRERR : SEGV_MAPERR;
                return f.signal;
            }
        } else {
            lastFault = address;
            repeats = 0;
        }
        // A platform that guesses says "read" at first. Pages are mapped ahead, readable: a fault where the program may
        // write is a write.
        if (!mm.exactFaults && v.may(Vma.WRITE)) {
            write = true;
        }
        long page = address & -PAGE;
        try {
            if (v.mappable == null) {
                int i = mm.runs.at(page);
                if (i < 0 && mm.file.largePages()) {
                    firstTouch(v, page, page + PAGE);
                    i = mm.runs.at(page);
                }
                if (i >= 0 && (!write || (mm.runs.flags(i) & PageRuns.WRITE) != 0)) {
                    mm.ahead.show(v, i, page);
                    return 0;
                }
            }
            long end = resolve(v, page, write, page + PAGE);
            if (end == 0) {
                f.code = BUS_ADRERR;
                return SIGBUS;
            }
            // A copy is there, and mapping it all at once costs a third of what faults would.
            mm.host.show(from, end, present && !mm.file.anonymous());
            return 0;
        } catch (ErrnoException e) {
            f.code = BUS_ADRERR;
            return SIGBUS;
        }
    }

    /**
     * Makes the page at {@code page} usable, and perhaps more behind it. The access was checked against the vma.
     *
     * @param wanted end of the range that the caller is going to use
     * @return end of the range to show the program, which starts at {@link #from}; 0 past the end of a file, for a guard
     *     page, and for one that is {@linkplain #reports reported}
     */
    long resolve(Vma v, long page, boolean write, long wanted) throws ErrnoException {
        from = page;
        present = false;
        int i = mm.runs.at(page);
        if (i >= 0 && (mm.runs.flags(i) & PageRuns.GUARD) != 0) {
            return 0;
        }
        if (reports(v, page, write)) {
            return 0;
        }
        if (v.mappable == null) {
            if (i < 0) {
                return firstTouch(v, page, wanted);
            }
            return write && (mm.runs.flags(i) & PageRuns.WRITE) == 0
                    ? copyOnWrite(v, i, page, wanted)
                    : Math.min(v.end, mm.runs.end(i));
        }
        if (i >= 0 && (!write || (mm.runs.flags(i) & PageRuns.WRITE) != 0)) {
            return Math.min(v.end, mm.runs.end(i));
        }
        if (write && !v.shared()) {
            return i < 0 ? copyFromFile(v, page, wanted) : copyOnWrite(v, i, page, wanted);
        }
        Mappable.Run r = fileRun(v, page, v.end - page, v.shared() && v.may(Vma.WRITE));
        return r == null ? 0 : Math.min(v.end, page + r.length());
    }

    /** The run of the file behind {@code at}; if it is of the memory file it is among the page runs afterwards. */
    Mappable.Run fileRun(Vma v, long at, long length, boolean write) throws ErrnoException {
        Mappable.Run r = v.mappable.run(v.offset + (at - v.start), length, write);
        if (r != null && r.fd() == mm.file.fd()) {
            long end = at + Math.min(length, r.length());
            int next = mm.runs.find(at);
            if (next < mm.runs.size()) {
                end = Math.min(end, mm.runs.start(next));
            }
            mm.file.retain(r.offset(), end - at);
            mm.runs.put(at, end, r.offset() | fileFlags(v, write));
        }
        return r;
    }

    private static int fileFlags(Vma v, boolean write) {
        return PageRuns.FILE | (v.prot != 0 ? PageRuns.READ : 0) | (write ? PageRuns.WRITE : 0);
    }

    static int anonymousFlags(Vma v) {
        return (v.prot != 0 ? PageRuns.READ : 0) | (v.may(Vma.WRITE) ? PageRuns.WRITE : 0);
    }

    /** The next fault is no repetition of the last, even at the same address: what is there has changed meanwhile. */
    void changed() {
        lastFault = -1;
    }

    /** Gives private anonymous memory that was too large to be provided for at once a chunk. */
    private long firstTouch(Vma v, long page, long wanted) throws ErrnoException {
        long chunk = Long.highestOneBit(Math.clamp((v.end - v.start) >> 6, LEAST_CHUNK, MOST_CHUNK));
        long start = Math.max(v.start, page & -chunk);
        long end = Math.min(v.end, Math.max(wanted, (page & -chunk) + chunk));
        provide(v, start, end);
        from = start;
        repeats = 0;
        return end;
    }

    /** Puts zeroed memory behind all of {@code [start, end)} of private anonymous {@code v} that has none. */
    void provide(Vma v, long start, long end) throws ErrnoException {
        if (v.missingReported()) {
            return; // a program provides for it
        }
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i < runs.size() && runs.start(i) <= at) {
                at = runs.end(i);
                continue;
            }
            long to = i < runs.size() ? Math.min(end, runs.start(i)) : end;
            long length = to - at;
            long offset = -1;
            if (i > 0 && runs.end(i - 1) == at && (runs.flags(i - 1) & PageRuns.FILE) == 0) {
                long next = runs.offset(i - 1, at);
                if (mm.file.extend(next, length)) {
                    offset = next;
                }
            }
            if (offset < 0) {
                if (v.name == MemoryManager.HEAP) {
                    offset = mm.file.allocateGrowing(length, at);
                } else if (v.is(Vma.NO_HUGE_PAGE) || v.is(Vma.STACK)) {
                    offset = mm.file.allocateSparse(length);
                } else {
                    offset = mm.file.allocate(length);
                }
            }
            runs.put(at, to, offset | anonymousFlags(v));
            at = to;
        }
    }

    /** Guard pages made at once; where the memory file has no room for them it says so. */
    private static final long MOST_GUARD = 1L << 40;

    /** Makes all of the range guard pages; what was there is gone. */
    void guard(long start, long end) throws ErrnoException {
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i < runs.size() && runs.start(i) <= at && (runs.flags(i) & PageRuns.GUARD) != 0) {
                at = runs.end(i);
                continue;
            }
            long to = end;
            for (; i < runs.size() && runs.start(i) < end; i++) {
                if ((runs.flags(i) & PageRuns.GUARD) != 0) {
                    to = runs.start(i);
                    break;
                }
            }
            to = Math.min(to, at + MOST_GUARD);
            long place = mm.file.allocateSparse(to - at);
            mm.host.hide(at, to);
            drop(at, to);
            runs.put(at, to, place | PageRuns.GUARD);
            at = to;
        }
    }

    /** Makes the guard pages of the range ordinary ones, which nobody has touched. */
    void unguard(Vma v, long start, long end) throws ErrnoException {
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i == runs.size() || runs.start(i) >= end) {
                return;
            }
            at = Math.max(at, runs.start(i));
            long to = Math.min(end, runs.end(i));
            if ((runs.flags(i) & PageRuns.GUARD) != 0) {
                drop(at, to);
                if (v.anonymous() && v.prot != 0 && v.end - v.start <= EAGER) {
                    provide(v, at, to);
                }
                mm.host.show(at, to, false);
            }
            at = to;
        }
    }

    /** Takes the memory in {@code [start, end)} away; it is released when the program cannot reach it any more. */
    void drop(long start, long end) {
        PageRuns runs = mm.runs;
        int from = runs.split(start);
        int to = runs.split(end);
        for (int i = from; i < to; i++) {
            mm.host.leave(runs.base(i), runs.end(i) - runs.start(i));
        }
        runs.remove(from, to);
    }

    private long copyOnWrite(Vma v, int i, long page, long wanted) throws ErrnoException {
        PageRuns runs = mm.runs;
        int flags = runs.flags(i);
        long runEnd = Math.min(v.end, runs.end(i));
        if ((flags & PageRuns.FILE) == 0) {
            // The others may be gone by now.
            long runStart = Math.max(v.start, runs.start(i));
            long own = mm.file.sole(runs.offset(i, runStart), runEnd - runStart);
            if (runStart + own > page) {
                return own(v, runStart, runStart + own, page);
            }
            own = mm.file.sole(runs.offset(i, page), runEnd - page);
            if (own > 0) {
                return own(v, page, page + own, page);
            }
        }
        long around = around();
        long end = Math.min(copyEnd(page, wanted, around), runEnd);
        if (end - page == MOST_COPY && page + LARGE_COPY <= runEnd && mm.file.largePages() && !mm.file.scarce()) {
            end = page + LARGE_COPY; // at the price of half as many small pages
        }
        copiedTo = end;
        long start = Math.max(page & -around, Math.max(v.start, runs.start(i)));
        long length = end - start;
        long source = runs.offset(i, start);
        long copy = mm.file.copyOf(source, length);
        replace(start, end, copy | anonymousFlags(v));
        from = start;
        present = true;
        if (mm.hints != null && (flags & PageRuns.FILE) == 0) {
            mm.hints.add(page);
        }
        return end;
    }

    /**
     * How much to copy around a page. Each copy splits a run, and each run is a mapping of the host, of which there are
     * 65,530 at most: the more there are, the larger the pieces.
     */
    private long around() {
        int size = mm.runs.size();
        return size < 4096 ? AROUND : size < 8192 ? 4 * AROUND : size < 16384 ? 16 * AROUND : 128 * AROUND;
    }

    /** Makes pages that nobody else has writable again. */
    private long own(Vma v, long start, long end, long page) {
        PageRuns runs = mm.runs;
        int from = runs.split(start);
        int to = runs.split(end);
        for (int i = from; i < to; i++) {
            runs.set(i, runs.base(i) | anonymousFlags(v));
        }
        runs.join(from, to);
        mm.host.protect(start, end);
        repeats = 0;
        return page; // shown already
    }

    private long copyFromFile(Vma v, long page, long wanted) throws ErrnoException {
        long left = roundUp(v.mappable.size()) - (v.offset + (page - v.start));
        if (left <= 0) {
            return 0;
        }
        int next = mm.runs.find(page);
        long end = Math.min(v.end, Math.min(copyEnd(page, wanted, FILE_AROUND), page + left));
        if (next < mm.runs.size()) {
            end = Math.min(end, mm.runs.start(next));
        }
        copiedTo = end;
        long start = Math.max(v.start, page & -FILE_AROUND);
        if (next > 0) {
            start = Math.max(start, mm.runs.end(next - 1));
        }
        fill(v, start, end);
        from = start;
        present = true;
        return end;
    }

    /** Copies data of programs ahead: almost every page of it will be written. As far as the file goes. */
    void copyAhead(Vma v) throws ErrnoException {
        long end = Math.min(v.end, v.start + roundUp(v.mappable.size()) - v.offset);
        if (end > v.start) {
            fill(v, v.start, end);
        }
    }

    /** Puts copies of the file's pages into {@code [start, end)}, where there is nothing yet. */
    private void fill(Vma v, long start, long end) throws ErrnoException {
        long at = v.offset + (start - v.start);
        long length = end - start;
        long copy = mm.file.allocate(length);
        long target = mm.file.address(copy);
        try {
            for (long done = 0; done < length; ) {
                Mappable.Run r = v.mappable.run(at + done, length - done, false);
                if (r == null) {
                    break;
                }
                long n = Math.min(r.length(), length - done);
                if (r.fd() == mm.file.fd()) {
                    Memory.copy(mm.file.address(r.offset()), target + done, n);
                } else {
                    read(r.fd(), r.offset(), target + done, n);
                }
                done += n;
            }
        } catch (ErrnoException e) {
            mm.file.release(copy, length);
            throw e;
        }
        mm.runs.put(start, end, copy | anonymousFlags(v));
        repeats = 0;
    }

    /** Reads a file of the host into fresh memory as far as it goes: the last page's rest stays zero. */
    private static void read(int fd, long offset, long target, long length) throws ErrnoException {
        for (long done = 0; done < length; ) {
            long n = Files.pread(fd, target + done, length - done, offset + done);
            if (n == 0) {
                return;
            }
            done += Errno.check(n);
        }
    }

    /** How far to copy from {@code page} on: to the end of its block, to what is wanted, or farther in a sequence. */
    private long copyEnd(long page, long wanted, long around) {
        copied = page == copiedTo ? Math.min(MOST_COPY, copied * 2) : around;
        long block = (page & -around) + around;
        return Math.max(block, page + Math.min(MOST_COPY, Math.max(page == copiedTo ? copied : PAGE, wanted - page)));
    }

    /** Puts a new run in place of what is behind {@code [start, end)}. */
    void replace(long start, long end, long word) {
        drop(start, end);
        mm.runs.put(start, end, word);
        repeats = 0;
    }

    // Access by the kernel.

    /**
     * Makes {@code address} accessible for the kernel, as far as the memory file can; returns false where the program
     * itself would get a signal. File pages outside the memory file stay as they are for reading.
     */
    boolean faultIn(Task task, long address, boolean write, long wanted) throws ErrnoException {
        reportTo = null;
        Vma v = mm.vmas.at(address);
        if (v == null) {
            v = growStack(task, address);
        }
        if (v == null || (write ? !v.may(Vma.WRITE) : v.prot == 0)) {
            return false;
        }
        long page = address & -PAGE;
        int i = mm.runs.at(page);
        if (i >= 0 && (mm.runs.flags(i) & (write ? PageRuns.WRITE : PageRuns.READ)) != 0) {
            return true;
        }
        long end = resolve(v, page, write, Math.min(v.end, roundUp(wanted)));
        if (end == 0) {
            return false;
        }
        mm.host.show(from, end, false);
        return true;
    }

    /** Puts a copy of its own behind a page of private memory, for a tracer to write; false past the end of a file. */
    boolean makePrivate(Vma v, long page) throws ErrnoException {
        long end = resolve(v, page, true, page + PAGE);
        if (end == 0) {
            return false;
        }
        mm.host.show(from, end, false);
        int i = mm.runs.at(page);
        return i >= 0 && (mm.runs.flags(i) & PageRuns.FILE) == 0;
    }

    /** The stack that may grow down to {@code address}, grown; or null. */
    private Vma growStack(Task task, long address) {
        int i = mm.vmas.find(address);
        if (i == mm.vmas.size()) {
            return null;
        }
        Vma v = mm.vmas.get(i);
        if (!v.is(Vma.GROWS_DOWN) || address < mm.minAddress) {
            return null;
        }
        long page = address & -PAGE;
        long floor = i == 0 ? mm.minAddress : mm.vmas.get(i - 1).end;
        if (i > 0 && mm.vmas.get(i - 1).prot != 0 && !mm.vmas.get(i - 1).is(Vma.GROWS_DOWN)) {
            floor += STACK_GUARD;
        }
        long limit = Limits.of(task, Limits.STACK);
        if (limit >= 0 && limit < v.end - mm.minAddress) {
            floor = Math.max(floor, roundUp(v.end - (limit & -PAGE)));
        }
        if (page < floor) {
            return null;
        }
        long start = Math.max(floor, page & -STACK_STEP);
        if (!Limits.mayGrow(task, mm, v.start - start, v.prot, v.flags)) {
            return null;
        }
        long old = v.start;
        if (v.mappable != null) {
            return null;
        }
        v.start = start;
        mm.total += old - start;
        try {
            provide(v, start, old);
        } catch (ErrnoException e) {
            v.start = old;
            mm.total -= old - start;
            return null;
        }
        mm.host.show(start, old, false);
        return v;
    }

    static long roundUp(long value) {
        return value + PAGE - 1 & -PAGE;
    }

    static ErrnoException fault() {
        return Errno.EFAULT.error();
    }
}
