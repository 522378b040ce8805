package sentry.core.memory;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.kernel.KernelConfig;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** madvise(2). Guarded by the memory manager's write lock, but for {@link #remove}. */
final class Advice {
    private static final long PAGE = MemoryFile.PAGE;

    /** FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE. */
    private static final int PUNCH_HOLE_KEEP_SIZE = 3;

    private Advice() {}

    static void advise(MemoryManager mm, Task task, long address, long length, int advice) throws ErrnoException {
        switch (advice) {
            case Mman.MADV_NORMAL,
                    Mman.MADV_RANDOM,
                    Mman.MADV_SEQUENTIAL,
                    Mman.MADV_WILLNEED,
                    Mman.MADV_DONTNEED,
                    Mman.MADV_FREE,
                    Mman.MADV_REMOVE,
                    Mman.MADV_DONTFORK,
                    Mman.MADV_DOFORK,
                    Mman.MADV_MERGEABLE,
                    Mman.MADV_UNMERGEABLE,
                    Mman.MADV_HUGEPAGE,
                    Mman.MADV_NOHUGEPAGE,
                    Mman.MADV_DONTDUMP,
                    Mman.MADV_DODUMP,
                    Mman.MADV_WIPEONFORK,
                    Mman.MADV_KEEPONFORK,
                    Mman.MADV_COLD,
                    Mman.MADV_PAGEOUT,
                    Mman.MADV_POPULATE_READ,
                    Mman.MADV_POPULATE_WRITE,
                    Mman.MADV_DONTNEED_LOCKED,
                    Mman.MADV_COLLAPSE,
                    Mman.MADV_GUARD_INSTALL,
                    Mman.MADV_GUARD_REMOVE -> {}
            default -> throw Errno.EINVAL.error();
        }
        if ((address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long size = Pager.roundUp(length);
        long end = address + size;
        if (length != 0 && size == 0 || size < 0 || Long.compareUnsigned(end, address) < 0) {
            throw Errno.EINVAL.error();
        }
        if (size == 0) {
            return;
        }
        boolean hole = false;
        for (long at = address; Long.compareUnsigned(at, end) < 0; ) {
            int i = mm.vmas.find(at);
            if (i == mm.vmas.size() || mm.vmas.get(i).start >= end) {
                hole = true;
                break;
            }
            Vma v = mm.vmas.get(i);
            if (v.start > at) {
                hole = true;
                if (advice == Mman.MADV_POPULATE_READ || advice == Mman.MADV_POPULATE_WRITE) {
                    break;
                }
                at = v.start;
            }
            long to = Math.min(end, v.end);
            one(mm, task, v, at, to, advice);
            at = to;
        }
        if (hole) {
            throw Errno.ENOMEM.error(); // Linux goes on to the end, and says so then
        }
    }

    /**
     * MADV_REMOVE: punches a hole into shared files. Takes the lock for each vma, and none when it goes to the file, which
     * will tell all address spaces that map it, this one included.
     */
    static void remove(MemoryManager mm, Task task, long address, long length) throws ErrnoException {
        if ((address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long end = address + Pager.roundUp(length);
        if (Pager.roundUp(length) < 0 || Long.compareUnsigned(end, address) < 0 || length != 0 && end == address) {
            throw Errno.EINVAL.error();
        }
        boolean hole = false;
        for (long at = address; at < end; ) {
            FileDescription file;
            long offset;
            long to;
            long stamp = mm.lock.writeLock();
            try {
                int i = mm.vmas.find(at);
                if (i == mm.vmas.size() || mm.vmas.get(i).start >= end) {
                    hole = true;
                    break;
                }
                Vma v = mm.vmas.get(i);
                hole |= v.start > at;
                at = Math.max(at, v.start);
                to = Math.min(end, v.end);
                if (v.is(Vma.LOCKED) || v.anonymous()) {
                    throw Errno.EINVAL.error();
                }
                if (!v.shared() || (v.maxProt & Vma.WRITE) == 0) {
                    throw Errno.EACCES.error();
                }
                offset = v.offset + (at - v.start);
                file = v.file;
                if (file == null) {
                    if (v.mappable instanceof SharedAnonymous memory) {
                        memory.clear(offset, to - at);
                        at = to;
                        continue;
                    }
                    throw Errno.EINVAL.error();
                }
                file.retain();
            } finally {
                mm.lock.unlockWrite(stamp);
            }
            try {
                file.allocate(task, PUNCH_HOLE_KEEP_SIZE, offset, to - at);
            } finally {
                file.release();
            }
            at = to;
        }
        if (hole) {
            throw Errno.ENOMEM.error();
        }
    }

    private static void one(MemoryManager mm, Task task, Vma v, long start, long end, int advice)
            throws ErrnoException {
        if (v.is(Vma.SPECIAL) && (advice == Mman.MADV_DONTNEED || advice == Mman.MADV_DONTNEED_LOCKED
                || advice == Mman.MADV_FREE || advice == Mman.MADV_WIPEONFORK)) {
            throw Errno.EINVAL.error();
        }
        if (v.is(Vma.SEALED) && discards(advice) && !mayDiscard(mm, v)) {
            throw Errno.EPERM.error();
        }
        switch (advice) {
            case Mman.MADV_DONTNEED -> {
                if (v.is(Vma.LOCKED)) {
                    throw Errno.EINVAL.error();
                }
                zap(mm, v, start, end);
            }
            case Mman.MADV_DONTNEED_LOCKED -> zap(mm, v, start, end);
            case Mman.MADV_FREE -> {
                if (!v.anonymous()) {
                    throw Errno.EINVAL.error();
                }
                if (v.is(Vma.LOCKED)) {
                    throw Errno.EINVAL.error();
                }
                free(mm, task, v, start, end);
            }
            case Mman.MADV_GUARD_INSTALL -> {
                if (v.is(Vma.LOCKED | Vma.SPECIAL)) {
                    throw Errno.EINVAL.error();
                }
                mm.pager.guard(start, end);
            }
            case Mman.MADV_GUARD_REMOVE -> {
                if (v.is(Vma.SPECIAL)) {
                    throw Errno.EINVAL.error();
                }
                mm.pager.unguard(v, start, end);
            }
            case Mman.MADV_COLLAPSE -> collapse(mm, v, start, end);
            case Mman.MADV_COLD, Mman.MADV_PAGEOUT -> {
                if (v.is(Vma.LOCKED)) {
                    throw Errno.EINVAL.error();
                }
            }
            case Mman.MADV_DONTFORK -> flag(mm, start, end, Vma.DONT_FORK, true);
            case Mman.MADV_DOFORK -> {
                if (v.is(Vma.SPECIAL)) {
                    throw Errno.EINVAL.error();
                }
                flag(mm, start, end, Vma.DONT_FORK, false);
            }
            case Mman.MADV_WIPEONFORK -> {
                if (!v.anonymous() || v.shared()) {
                    throw Errno.EINVAL.error();
                }
                flag(mm, start, end, Vma.WIPE_ON_FORK, true);
            }
            case Mman.MADV_KEEPONFORK -> flag(mm, start, end, Vma.WIPE_ON_FORK, false);
            case Mman.MADV_NORMAL -> flag(mm, start, end, Vma.RANDOM | Vma.SEQUENTIAL, false);
            case Mman.MADV_RANDOM -> {
                flag(mm, start, end, Vma.SEQUENTIAL, false);
                flag(mm, start, end, Vma.RANDOM, true);
            }
            case Mman.MADV_SEQUENTIAL -> {
                flag(mm, start, end, Vma.RANDOM, false);
                flag(mm, start, end, Vma.SEQUENTIAL, true);
            }
            case Mman.MADV_HUGEPAGE -> {
                flag(mm, start, end, Vma.NO_HUGE_PAGE, false);
                flag(mm, start, end, Vma.HUGE_PAGE, true);
            }
            case Mman.MADV_NOHUGEPAGE -> {
                flag(mm, start, end, Vma.HUGE_PAGE, false);
                flag(mm, start, end, Vma.NO_HUGE_PAGE, true);
            }
            case Mman.MADV_MERGEABLE -> {
                if (!v.shared() && !v.is(Vma.MAY_SHARE | Vma.SPECIAL)) {
                    flag(mm, start, end, Vma.MERGEABLE, true);
                }
            }
            case Mman.MADV_UNMERGEABLE -> flag(mm, start, end, Vma.MERGEABLE, false);
            case Mman.MADV_DONTDUMP -> flag(mm, start, end, Vma.DONT_DUMP, true);
            case Mman.MADV_DODUMP -> flag(mm, start, end, Vma.DONT_DUMP, false);
            case Mman.MADV_POPULATE_READ -> populate(mm, v, start, end, false);
            case Mman.MADV_POPULATE_WRITE -> populate(mm, v, start, end, true);
            default -> {} // hints: what they ask for is done already, or is the host's business
        }
    }

    /** Memory that is in use is no reason to take content away at once while it is less than such a part of all. */
    private static final int SPARE_PART = 4;

    /**
     * MADV_FREE: what is not written again before memory becomes scarce is lost. Where the host cannot be told, content
     * stays while there is plenty, and goes at once when there is not.
     */
    private static void free(MemoryManager mm, Task task, Vma v, long start, long end) throws ErrnoException {
        PageRuns runs = mm.runs;
        boolean told = true;
        for (int i = runs.find(start); told && i < runs.size() && runs.start(i) < end; i++) {
            long at = Math.max(start, runs.start(i));
            long length = Math.min(end, runs.end(i)) - at;
            long offset = runs.offset(i, at);
            if ((runs.flags(i) & PageRuns.GUARD) == 0 && mm.file.sole(offset, length) == length) {
                told = mm.file.offer(offset, length);
            }
        }
        KernelConfig.HostFacts host = task == null ? null : task.kernel().host();
        if (!told && (host == null || mm.file.residentBytes() > host.memoryBytes() / SPARE_PART)) {
            zap(mm, v, start, end);
        }
    }

    /** Takes the content away: private memory reads as zeros or as its file afterwards, shared memory stays. */
    private static void zap(MemoryManager mm, Vma v, long start, long end) throws ErrnoException {
        if (v.shared() || v.is(Vma.MAY_SHARE)) {
            return;
        }
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i == runs.size() || runs.start(i) >= end) {
                return;
            }
            at = Math.max(at, runs.start(i));
            long to = Math.min(end, runs.end(i));
            if ((runs.flags(i) & (PageRuns.FILE | PageRuns.GUARD)) != 0) {
                at = to;
                continue;
            }
            if (v.anonymous() && !v.missingReported()) {
                long own = mm.file.sole(runs.offset(i, at), to - at);
                if (own > 0) {
                    // Ours alone: the host takes the pages out of every mapping at once, and fills in zeros when touched.
                    mm.file.clear(runs.offset(i, at), own);
                    at += own;
                    continue;
                }
            }
            mm.pager.drop(at, to);
            if (v.anonymous() && v.prot != 0 && !v.missingReported() && v.end - v.start <= Pager.EAGER) {
                mm.pager.provide(v, at, to);
                mm.host.show(at, to, false);
            } else {
                mm.host.hide(at, to);
                if (!v.anonymous()) {
                    mm.host.show(at, to, false);
                }
            }
            at = to;
        }
    }

    /** Advice that takes content away, as mseal(2) lists it. */
    private static boolean discards(int advice) {
        return switch (advice) {
            case Mman.MADV_DONTNEED,
                    Mman.MADV_DONTNEED_LOCKED,
                    Mman.MADV_FREE,
                    Mman.MADV_DONTFORK,
                    Mman.MADV_WIPEONFORK,
                    Mman.MADV_GUARD_INSTALL -> true;
            default -> false;
        };
    }

    /** Of sealed memory: what the program may write anyway, and what only shows a file. */
    private static boolean mayDiscard(MemoryManager mm, Vma v) {
        if (v.may(Vma.WRITE) || v.is(Vma.MAY_SHARE)) {
            return true;
        }
        if (v.anonymous()) {
            return false;
        }
        for (int i = mm.runs.find(v.start); i < mm.runs.size() && mm.runs.start(i) < v.end; i++) {
            if ((mm.runs.flags(i) & PageRuns.FILE) == 0) {
                return false;
            }
        }
        return true;
    }

    private static final long HUGE = 1L << 21;

    /**
     * MADV_COLLAPSE. Large pages are the host's business; what the program sees of it are the errors, and that the pages
     * are there afterwards. EINVAL where there could not be a large page, and where nothing is to be collapsed.
     */
    private static void collapse(MemoryManager mm, Vma v, long start, long end) throws ErrnoException {
        boolean files = v.mappable != null && !v.is(Vma.ANONYMOUS_SHARED);
        if (files
                || v.is(Vma.NO_HUGE_PAGE)
                || v.is(Vma.SPECIAL)
                || (v.start + HUGE - 1 & -HUGE) + HUGE > v.end
                || Locking.residentBytes(mm, v.start, v.end, false) == 0) {
            throw Errno.EINVAL.error();
        }
        for (long at = start + HUGE - 1 & -HUGE; at + HUGE <= end; at += HUGE) {
            if (Locking.residentBytes(mm, at, at + HUGE, false) == 0) {
                throw Errno.EINVAL.error();
            }
            populate(mm, v, at, at + HUGE, v.may(Vma.WRITE));
        }
    }

    private static void populate(MemoryManager mm, Vma v, long start, long end, boolean write) throws ErrnoException {
        if (!v.may(write ? Vma.WRITE : Vma.READ)) {
            throw Errno.EINVAL.error();
        }
        for (long at = start; at < end; ) {
            long to = mm.pager.resolve(v, at, write, end);
            if (to == 0) {
                throw Errno.EFAULT.error();
            }
            at = Math.max(to, at + PAGE);
        }
        mm.host.show(start, end, true);
    }

    private static void flag(MemoryManager mm, long start, long end, int flag, boolean on) {
        int from = mm.mappings.split(start);
        int to = mm.mappings.split(end);
        for (int i = from; i < to; i++) {
            Vma v = mm.vmas.get(i);
            v.flags = on ? v.flags | flag : v.flags & ~flag;
        }
        mm.mappings.merge(from - 1, to);
    }
}
