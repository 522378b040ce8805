package sentry.core.memory;

import host.linux.Entropy;
import java.util.function.Predicate;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.abi.Personality;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** mmap(2) and those that change what it made. Guarded by the memory manager's write lock. */
final class Mappings {
    private static final long PAGE = MemoryFile.PAGE;
    private static final int O_ACCMODE = 3;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int MS_NOEXEC = 8;
    private static final int ALL = Vma.READ | Vma.WRITE | Vma.EXECUTE;

    /**
     * Among the flags of {@link #map}: the file's part is data of a program or library, which is written almost page by
     * page. It is copied at once, so that later changes of the file are not seen, which programs do not count on here.
     */
    static final int PROGRAM_DATA = 1 << 30;

    private final MemoryManager mm;

    Mappings(MemoryManager mm) {
        this.mm = mm;
    }

    long mmap(Task task, long address, long length, int prot, int flags, FileDescription opened, long offset)
            throws ErrnoException {
        if ((offset & PAGE - 1) != 0 || length == 0) {
            throw Errno.EINVAL.error();
        }
        long size = Pager.roundUp(length);
        if (size <= 0) {
            throw Errno.ENOMEM.error();
        }
        boolean fixed = (flags & (Mman.MAP_FIXED | Mman.MAP_FIXED_NOREPLACE)) != 0;
        long at = place(task, address, size, flags, fixed);
        if ((flags & Mman.MAP_FIXED_NOREPLACE) != 0 && !mm.vmas.isFree(at, at + size)) {
            throw Errno.EEXIST.error();
        }
        if (opened != null && (offset < 0 || offset > Long.MAX_VALUE - size)) {
            throw Errno.EOVERFLOW.error();
        }
        int type = flags & Mman.MAP_TYPE;
        if (opened == null && (flags & Mman.MAP_HUGETLB) != 0 && type != 0 && type <= Mman.MAP_SHARED_VALIDATE) {
            if (fixed && (at & HUGE - 1) != 0) {
                throw Errno.EINVAL.error();
            }
            throw Errno.ENOMEM.error(); // as with no huge pages set aside
        }
        boolean shared = isShared(flags, opened);
        int vmaFlags = (flags & Mman.MAP_NORESERVE) != 0 ? Vma.NO_RESERVE : 0;
        if ((flags & Mman.MAP_LOCKED) != 0 || mm.lockFuture) {
            checkLock(task, size);
            vmaFlags |= Vma.LOCKED;
        }
        int access = prot & ALL;
        if (readImpliesExecute(task, access)
                && !(opened != null && opened.path() != null && (opened.path().mount().flags() & MS_NOEXEC) != 0)) {
            access |= Vma.EXECUTE;
        }
        int maxProt = ALL;
        Mappable mappable = null;
        FileDescription kept = opened;
        if (opened != null) {
            int mode = opened.flags() & O_ACCMODE;
            if (shared) {
                vmaFlags |= Vma.MAY_SHARE;
                if (mode == O_RDWR) {
                    vmaFlags |= Vma.SHARED;
                } else if ((access & Vma.WRITE) != 0) {
                    throw Errno.EACCES.error();
                } else {
                    maxProt &= ~Vma.WRITE;
                }
            }
            if (mode == O_WRONLY) {
                throw Errno.EACCES.error();
            }
            if (opened.path() != null && (opened.path().mount().flags() & MS_NOEXEC) != 0) {
                if ((access & Vma.EXECUTE) != 0) {
                    throw Errno.EPERM.error();
                }
                maxProt &= ~Vma.EXECUTE;
            }
            if ((flags & Mman.MAP_GROWSDOWN) != 0) {
                throw Errno.EINVAL.error();
            }
            if (opened.mapsZeros()) {
                kept = null;
                offset = 0;
                if (shared) {
                    vmaFlags |= Vma.ANONYMOUS_SHARED;
                    mappable = new SharedAnonymous(mm.file, size);
                }
            } else {
                mappable = opened.mappable();
                if ((flags & Mman.MAP_DENYWRITE) != 0) {
                    vmaFlags |= PROGRAM_DATA; // nobody sets it but the dynamic linker
                }
            }
        } else if (shared) {
            if ((flags & Mman.MAP_GROWSDOWN) != 0) {
                throw Errno.EINVAL.error();
            }
            vmaFlags |= Vma.SHARED | Vma.MAY_SHARE | Vma.ANONYMOUS_SHARED;
            mappable = new SharedAnonymous(mm.file, size);
            offset = 0;
        } else if ((flags & Mman.MAP_GROWSDOWN) != 0) {
            vmaFlags |= Vma.GROWS_DOWN;
        } else if (type == Mman.MAP_DROPPABLE) {
            if ((vmaFlags & Vma.LOCKED) != 0) {
                throw Errno.EINVAL.error();
            }
            vmaFlags |= Vma.NO_RESERVE | Vma.WIPE_ON_FORK | Vma.DONT_DUMP;
        } else if ((flags & Mman.MAP_STACK) != 0) {
            vmaFlags |= Vma.STACK;
        }
        boolean populate = (flags & (Mman.MAP_POPULATE | Mman.MAP_NONBLOCK)) == Mman.MAP_POPULATE
                || (vmaFlags & Vma.LOCKED) != 0;
        map(task, at, at + size, access, maxProt, vmaFlags, mappable, kept, offset, null, populate);
        return at;
    }

    private static int mostVmas(Task task) {
        return task == null ? Overcommit.MOST_VMAS : task.kernel().overcommit().mostVmas();
    }

    private static boolean readImpliesExecute(Task task, int access) {
        return (access & Vma.READ) != 0
                && task != null
                && (task.personality() & Personality.READ_IMPLIES_EXEC) != 0;
    }

    private static boolean isShared(int flags, FileDescription opened) throws ErrnoException {
        switch (flags & Mman.MAP_TYPE) {
            case Mman.MAP_PRIVATE -> {
                return false;
            }
            case Mman.MAP_DROPPABLE -> {
                if (opened == null) {
                    return false;
                }
            }
            case Mman.MAP_SHARED -> {
                return true;
            }
            case Mman.MAP_SHARED_VALIDATE -> {
                if (opened != null) {
                    if ((flags & ~(Mman.MAP_LEGACY_MASK | Mman.MAP_SHARED_VALIDATE)) != 0) {
                        throw Errno.EOPNOTSUPP.error();
                    }
                    return true;
                }
            }
            default -> {}
        }
        throw Errno.EINVAL.error();
    }

    long attach(Task task, long address, int prot, boolean remap, Mappable segment, String name) throws ErrnoException {
        long size = segment.size();
        long at = place(task, address, size, 0, address != 0);
        if (address != 0 && !remap && !mm.vmas.isFree(at, at + size)) {
            throw Errno.EINVAL.error();
        }
        int flags = Vma.MAY_SHARE | Vma.ANONYMOUS_SHARED;
        int most = ALL;
        if ((prot & Vma.WRITE) != 0) {
            flags |= Vma.SHARED;
        } else {
            most &= ~Vma.WRITE;
        }
        if (mm.lockFuture) {
            checkLock(task, size);
            flags |= Vma.LOCKED;
        }
        map(task, at, at + size, prot, most, flags, segment, null, 0, name, false);
        return at;
    }

    void detach(long address, Predicate<Mappable> isSegment) throws ErrnoException {
        int i = mm.vmas.find(address);
        // The segment may have been cut and moved: the first piece that lies where it did when attached there counts.
        for (; i < mm.vmas.size(); i++) {
            Vma v = mm.vmas.get(i);
            if (v.mappable != null && isSegment.test(v.mappable) && v.start - address == v.offset) {
                break;
            }
        }
        if (i == mm.vmas.size()) {
            throw Errno.EINVAL.error();
        }
        Mappable segment = mm.vmas.get(i).mappable;
        long end = address + segment.size();
        while (i < mm.vmas.size() && mm.vmas.get(i).end <= end) {
            Vma v = mm.vmas.get(i);
            if (v.mappable == segment && v.start - address == v.offset) {
                unmap(v.start, v.end, true);
            } else {
                i++;
            }
        }
    }

    /**
     * Makes a vma in place of what is in the range.
     *
     * @param task whose limits hold; null inside the kernel
     */
    void map(
            Task task,
            long start,
            long end,
            int prot,
            int maxProt,
            int flags,
            Mappable mappable,
            FileDescription opened,
            long offset,
            String name,
            boolean populate)
            throws ErrnoException {
        long replaced = mappedIn(start, end);
        if (replaced > 0) {
            requireUnsealed(start, end);
        }
        if (!Limits.mayGrow(task, mm, end - start - replaced, prot, flags)) {
            throw Errno.ENOMEM.error();
        }
        if (mm.vmas.size() >= mostVmas(task)) {
            throw Errno.ENOMEM.error();
        }
        Vma v = new Vma(start, end, prot, maxProt, flags & ~PROGRAM_DATA);
        v.mappable = mappable;
        v.offset = offset;
        v.name = name;
        boolean whole = prot != 0 && mappable == null && end - start <= Pager.EAGER;
        boolean later = whole && !populate && mm.ahead.waits(v, end - start);
        if (replaced > 0) {
            unmap(start, end, !whole || later);
        }
        if (opened != null) {
            opened.retain();
            v.file = opened;
        }
        if (mappable != null) {
            mappable.addMapping(mm);
            // Asked once we are known there: whoever seals the file asks afterwards who maps it.
            if (v.shared() && mappable.writeSealed()) {
                if (v.may(Vma.WRITE)) {
                    mm.host.leave(v);
                    throw Errno.EPERM.error();
                }
                v.maxProt &= ~Vma.WRITE;
            }
        }
        int i = mm.vmas.find(start);
        mm.vmas.insert(i, v);
        mm.total += end - start;
        mm.peak = Math.max(mm.peak, mm.total);
        if (prot != 0) {
            boolean data = (flags & PROGRAM_DATA) != 0
                    && end - start <= Pager.COPIED_AHEAD
                    && v.may(Vma.WRITE)
                    && !v.is(Vma.MAY_SHARE);
            if (whole || data) {
                try {
                    if (whole) {
                        mm.pager.provide(v, start, end);
                    } else {
                        mm.pager.copyAhead(v);
                    }
                } catch (ErrnoException e) {
                    unmap(start, end, true);
                    throw e;
                }
            }
            if (whole && populate && v.may(Vma.WRITE)) {
                mm.file.fillLarge(mm.runs.offset(mm.runs.at(start), start), end - start);
            }
            if (!later) {
                mm.host.show(start, end, populate);
            }
        }
        merge(i - 1, i + 1);
    }

    void munmap(long address, long length) throws ErrnoException {
        long size = Pager.roundUp(length);
        if ((address & PAGE - 1) != 0
                || length == 0
                || size <= 0
                || address < 0
                || address > mm.maxAddress
                || size > mm.maxAddress - address) {
            throw Errno.EINVAL.error();
        }
        int i = mm.vmas.find(address);
        if (i < mm.vmas.size() && mm.vmas.size() >= mostVmas(mm.user)) {
            Vma v = mm.vmas.get(i);
            if (v.start < address && v.end > address + size) {
                throw Errno.ENOMEM.error();
            }
        }
        requireUnsealed(address, address + size);
        unmap(address, address + size, true);
    }

    /** EPERM when part of the range is sealed. */
    void requireUnsealed(long start, long end) throws ErrnoException {
        for (int i = mm.vmas.find(start); i < mm.vmas.size() && mm.vmas.get(i).start < end; i++) {
            if (mm.vmas.get(i).is(Vma.SEALED)) {
                throw Errno.EPERM.error();
            }
        }
    }

    /** mseal(2). */
    void seal(long address, long length) throws ErrnoException {
        long size = Pager.roundUp(length);
        if ((address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long end = address + size;
        if (length != 0 && (size <= 0 || address < 0 || end < address)) {
            throw Errno.ENOMEM.error();
        }
        if (length == 0) {
            return;
        }
        if (!isMapped(address, end)) {
            throw Errno.ENOMEM.error();
        }
        int from = split(address);
        int to = split(end);
        for (int i = from; i < to; i++) {
            mm.vmas.get(i).flags |= Vma.SEALED;
        }
        merge(from - 1, to);
    }

    /** Removes all that is mapped in the range. */
    void unmap(long start, long end, boolean hide) {
        int from = split(start);
        int to = split(end);
        if (from == to) {
            return;
        }
        for (int i = from; i < to; i++) {
            Vma v = mm.vmas.get(i);
            mm.total -= v.end - v.start;
            mm.ahead.gone(v);
            mm.host.leave(v);
        }
        long first = mm.vmas.get(from).start;
        long last = mm.vmas.get(to - 1).end;
        mm.vmas.remove(from, to);
        if (hide) {
            mm.host.hide(first, last);
        }
        mm.pager.drop(first, last);
    }

    void mprotect(Task task, long address, long length, int prot) throws ErrnoException {
        int grows = prot & (Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP);
        int access = prot & ~(Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP);
        if (grows == (Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP) || (address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        if (length == 0) {
            return;
        }
        long size = Pager.roundUp(length);
        long end = address + size;
        if (size <= 0 || end <= address) {
            throw Errno.ENOMEM.error();
        }
        if ((access & ~(ALL | Mman.PROT_SEM)) != 0) {
            throw Errno.EINVAL.error();
        }
        access &= ALL;
        boolean execute = readImpliesExecute(task, access);
        int i = mm.vmas.find(address);
        if (i == mm.vmas.size()) {
            throw Errno.ENOMEM.error();
        }
        long start = address;
        Vma first = mm.vmas.get(i);
        if (grows == Mman.PROT_GROWSDOWN) {
            if (first.start >= end) {
                throw Errno.ENOMEM.error();
            }
            start = first.start;
            if (!first.is(Vma.GROWS_DOWN)) {
                throw Errno.EINVAL.error();
            }
        } else {
            if (first.start > start) {
                throw Errno.ENOMEM.error();
            }
            if (grows == Mman.PROT_GROWSUP) {
                throw Errno.EINVAL.error(); // no vma grows up on this architecture
            }
        }
        // Linux changes vma after vma until one refuses.
        long at = start;
        ErrnoException refusal = null;
        while (at < end) {
            i = mm.vmas.find(at);
            if (i == mm.vmas.size() || mm.vmas.get(i).start > at) {
                refusal = Errno.ENOMEM.error();
                break;
            }
            Vma v = mm.vmas.get(i);
            long to = Math.min(end, v.end);
            if (v.is(Vma.SEALED)) {
                refusal = Errno.EPERM.error();
                break;
            }
            int asked = access;
            access = execute && (v.maxProt & Vma.EXECUTE) != 0 ? asked | Vma.EXECUTE : asked;
            if ((access & ~v.maxProt) != 0) {
                refusal = Errno.EACCES.error();
                break;
            }
            if ((access & Vma.WRITE) != 0
                    && !v.may(Vma.WRITE)
                    && !Limits.mayGrow(task, mm, to - at, access, v.flags)
                    && Limits.mayGrow(task, mm, to - at, v.prot, v.flags)) {
                refusal = Errno.ENOMEM.error();
                break;
            }
            if (v.prot != access) {
                try {
                    setProt(at, to, access);
                } catch (ErrnoException e) {
                    refusal = e;
                    break;
                }
            }
            access = asked;
            at = to;
        }
        if (at > start) {
            merge(mm.vmas.find(start) - 1, mm.vmas.find(at - 1) + 1);
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    /** Changes the protection of a range within one vma. */
    private void setProt(long start, long end, int prot) throws ErrnoException {
        if (mm.vmas.size() + 2 > mostVmas(mm.user)) {
            throw Errno.ENOMEM.error();
        }
        int i = split(start);
        split(end);
        Vma v = mm.vmas.get(i);
        int old = v.prot;
        v.prot = prot;
        boolean show = old == 0;
        if (v.mappable == null && prot != 0 && old == 0 && end - start <= Pager.EAGER) {
            mm.pager.provide(v, start, end);
        }
        PageRuns runs = mm.runs;
        int from = runs.split(start);
        int to = runs.split(end);
        for (int r = from; r < to; r++) {
            if ((runs.flags(r) & PageRuns.GUARD) != 0) {
                continue;
            }
            int flags = runs.flags(r) & (PageRuns.COW | PageRuns.FILE | PageRuns.PROTECTED);
            if (prot != 0) {
                flags |= PageRuns.READ;
            }
            if (v.may(Vma.WRITE) && (v.shared() || flags == PageRuns.READ)) {
                flags |= PageRuns.WRITE;
            }
            runs.set(r, runs.base(r) | flags);
        }
        runs.join(from, to);
        if (show && mm.ahead.waits(v, end - start)) {
            mm.host.hide(start, end);
        } else if (show) {
            mm.host.show(start, end, false);
        } else {
            mm.host.protect(start, end);
        }
    }

    long brk(Task task, long address) {
        ProgramLayout l = mm.layout();
        long old = l.brk;
        if (address < l.brkStart || address > mm.maxAddress - PAGE) {
            return old;
        }
        long oldEnd = Pager.roundUp(old);
        long newEnd = Pager.roundUp(address);
        if (newEnd < oldEnd) {
            try {
                requireUnsealed(newEnd, oldEnd);
            } catch (ErrnoException e) {
                return old;
            }
            unmap(newEnd, oldEnd, true);
        } else if (newEnd > oldEnd) {
            long limit = Limits.of(task, Limits.DATA);
            if (limit != Limits.INFINITY
                    && Long.compareUnsigned(address - l.brkStart + (l.dataEnd - l.dataStart), limit) > 0) {
                return old;
            }
            int next = mm.vmas.find(oldEnd);
            // A page stays free above, and the guard gap below a stack.
            if (next < mm.vmas.size() && lowestNeeded(mm.vmas.get(next)) < newEnd + PAGE) {
                return old;
            }
            int flags = 0;
            try {
                if (mm.lockFuture) {
                    checkLock(task, newEnd - oldEnd);
                    flags = Vma.LOCKED;
                }
                int execute = readImpliesExecute(task, Vma.READ) ? Vma.EXECUTE : 0;
                map(task, oldEnd, newEnd, Vma.READ | Vma.WRITE | execute, ALL, flags, null, null, 0, MemoryManager.HEAP, false);
            } catch (ErrnoException e) {
                return old;
            }
        }
        l.brk = address;
        return address;
    }

    /** Pages of {@code file} are about to go: forgets them, and takes them from the program's sight. */
    void invalidate(Mappable file, long offset, long length) {
        long fileEnd = offset + length < offset ? Long.MAX_VALUE : offset + length;
        for (int i = 0; i < mm.vmas.size(); i++) {
            Vma v = mm.vmas.get(i);
            if (v.mappable != file) {
                continue;
            }
            long from = Math.max(v.offset, offset & -PAGE);
            long to = Math.min(v.offset + (v.end - v.start), fileEnd > Long.MAX_VALUE - PAGE ? fileEnd : Pager.roundUp(fileEnd));
            if (from >= to) {
                continue;
            }
            forget(v, v.start + (from - v.offset), v.start + (to - v.offset), sizeOf(file));
        }
    }

    private static long sizeOf(Mappable file) {
        try {
            return file.size();
        } catch (ErrnoException e) {
            return Long.MAX_VALUE; // nobody knows: copies stay
        }
    }

    /**
     * Drops what the range of {@code v} shows of its file. The program's own copies stay but for those that lie behind
     * the file's end, as in Linux.
     */
    private void forget(Vma v, long start, long end, long size) {
        long behind = size > Long.MAX_VALUE - PAGE ? Long.MAX_VALUE : Pager.roundUp(size);
        PageRuns runs = mm.runs;
        for (long at = start; at < end; ) {
            int r = runs.find(at);
            long to;
            if (r < runs.size() && runs.start(r) <= at) {
                to = Math.min(end, runs.end(r));
                if ((runs.flags(r) & PageRuns.FILE) == 0) {
                    long kept = behind - v.offset; // bytes of the mapping that the file still has
                    long own = kept >= v.end - v.start ? to : Math.max(at, v.start + Math.max(0, kept));
                    if (own >= to) {
                        at = to;
                        continue;
                    }
                    at = own;
                }
                mm.host.hide(at, to);
                mm.pager.drop(at, to);
            } else {
                to = r < runs.size() ? Math.min(end, runs.start(r)) : end;
                mm.host.hide(at, to);
            }
            at = to;
        }
    }

    // Where to put things.

    private long place(Task task, long address, long size, int flags, boolean fixed) throws ErrnoException {
        if (size > mm.maxAddress) {
            throw Errno.ENOMEM.error();
        }
        if (fixed) {
            if (address < 0 || address > mm.maxAddress - size) {
                throw Errno.ENOMEM.error();
            }
            if ((address & PAGE - 1) != 0) {
                throw Errno.EINVAL.error();
            }
            if (address < mm.minAddress) {
                throw Errno.EPERM.error();
            }
            return address;
        }
        if (address != 0) {
            long hint = Math.max(address & -PAGE, mm.minAddress);
            if (hint >= 0 && hint <= mm.maxAddress - size) {
                int i = mm.vmas.find(hint);
                if ((i == mm.vmas.size() || lowestNeeded(mm.vmas.get(i)) >= hint + size)) {
                    return hint;
                }
            }
        }
        long found = (flags & Mman.MAP_32BIT) != 0 ? bottomUp(size, 0x40000000L, 0x80000000L) : topDown(size);
        if (found < 0) {
            throw Errno.ENOMEM.error();
        }
        return found;
    }

    /** The highest free range below the mmap base, or failing that the lowest anywhere; -1 for none. */
    long topDown(long size) {
        long upwards = mm.layout().upwardsFrom;
        if (upwards != 0) {
            long at = bottomUp(size, upwards, mm.maxAddress);
            if (at >= 0) {
                return at;
            }
        }
        long base = mm.layout().mmapBase;
        if (base == 0) {
            base = mm.maxAddress - 128 * PAGE * PAGE; // 2 GiB: room for what is put above
        }
        long align = size >= HUGE ? HUGE : PAGE;
        long found = topDown(size, base, align);
        if (found < 0 && align != PAGE) {
            found = topDown(size, base, PAGE);
        }
        return found >= 0 ? found : bottomUp(size, mm.minAddress, mm.maxAddress);
    }

    /** Mappings from this size on start where the host can use large pages. */
    private static final long HUGE = 1L << 21;

    private long topDown(long size, long base, long align) {
        VmaList vmas = mm.vmas;
        long high = base;
        int i = vmas.find(base - 1);
        if (i < vmas.size()) {
            high = Math.min(high, lowestNeeded(vmas.get(i)));
        }
        for (i--; ; i--) {
            long low = i < 0 ? mm.minAddress : vmas.get(i).end;
            long at = high - size & -align;
            if (high - size >= low && at >= low) {
                return at;
            }
            if (i < 0) {
                return -1;
            }
            i = vmas.lowestWithout(size, i);
            high = Math.min(high, lowestNeeded(vmas.get(i)));
        }
    }

    private long bottomUp(long size, long from, long to) {
        VmaList vmas = mm.vmas;
        long low = Math.max(from, mm.minAddress);
        for (int i = vmas.find(low); ; i++) {
            long high = i < vmas.size() ? Math.min(to, lowestNeeded(vmas.get(i))) : to;
            if (high - low >= size) {
                return low;
            }
            if (i >= vmas.size() || vmas.get(i).end >= to) {
                return -1;
            }
            i = vmas.highestWithout(size, i);
            low = Math.max(low, vmas.get(i).end);
        }
    }

    /** What a vma needs below it is not free for others. */
    private static long lowestNeeded(Vma v) {
        return v.is(Vma.GROWS_DOWN) ? Math.max(0, v.start - Pager.STACK_GUARD) : v.start;
    }

    // Splitting and joining.

    /** Cuts the vma that contains {@code address} in two there; returns the index of the first that starts there or later. */
    int split(long address) {
        int i = mm.vmas.find(address);
        if (i < mm.vmas.size() && mm.vmas.get(i).start < address) {
            Vma v = mm.vmas.get(i);
            Vma upper = v.part(address, v.end);
            v.end = address;
            mm.vmas.insert(i + 1, upper);
            if (upper.mappable != null) {
                upper.mappable.addMapping(mm);
            }
            return i + 1;
        }
        return i;
    }

    /** Joins neighbours among vmas {@code [from, to]} that differ in nothing but their place. */
    void merge(int from, int to) {
        int i = Math.max(0, from);
        int last = Math.min(to, mm.vmas.size() - 1);
        while (i < last) {
            Vma a = mm.vmas.get(i);
            Vma b = mm.vmas.get(i + 1);
            if (!a.continuedBy(b)) {
                i++;
                continue;
            }
            a.end = b.end;
            mm.host.leave(b);
            mm.vmas.remove(i + 1, i + 2);
            last--;
        }
    }

    /** Whether all of the range is mapped. */
    boolean isMapped(long start, long end) {
        for (long at = start; Long.compareUnsigned(at, end) < 0; ) {
            int i = mm.vmas.find(at);
            if (i == mm.vmas.size() || mm.vmas.get(i).start > at) {
                return false;
            }
            at = mm.vmas.get(i).end;
        }
        return true;
    }

    void remapFilePages(Task task, long address, long length, int prot, long pageOffset, int flags)
            throws ErrnoException {
        long start = address & -PAGE;
        long size = length & -PAGE;
        if (prot != 0 || size <= 0 || start < 0 || start + size <= start || Long.compareUnsigned(pageOffset + size / PAGE, pageOffset) < 0) {
            throw Errno.EINVAL.error();
        }
        Vma v = mm.vmas.at(start);
        if (v == null || !v.shared() || v.mappable == null || start + size > v.end) {
            throw Errno.EINVAL.error();
        }
        if (pageOffset < 0 || pageOffset > (Long.MAX_VALUE - size) / PAGE) {
            throw Errno.EOVERFLOW.error();
        }
        // The file must not go with the piece that is replaced.
        Mappable mappable = v.mappable;
        FileDescription file = v.file;
        boolean populate = (flags & Mman.MAP_NONBLOCK) == 0;
        map(task, start, start + size, v.prot, v.maxProt, v.flags, mappable, file, pageOffset * PAGE, v.name, populate);
    }

    private long mappedIn(long start, long end) {
        long sum = 0;
        for (int i = mm.vmas.find(start); i < mm.vmas.size() && mm.vmas.get(i).start < end; i++) {
            sum += Math.min(end, mm.vmas.get(i).end) - Math.max(start, mm.vmas.get(i).start);
        }
        return sum;
    }

    // Locking.

    /** May {@code more} bytes be locked? */
    void checkLock(Task task, long more) throws ErrnoException {
        if (task == null || task.credentials().capable(Capability.IPC_LOCK)) {
            return;
        }
        long limit = Limits.of(task, Limits.MEMLOCK);
        if (limit == 0) {
            throw Errno.EPERM.error();
        }
        if (limit != Limits.INFINITY && Long.compareUnsigned(lockedBytes() + more, limit) > 0) {
            throw Errno.EAGAIN.error();
        }
    }

    long lockedBytes() {
        long sum = 0;
        for (int i = 0; i < mm.vmas.size(); i++) {
            Vma v = mm.vmas.get(i);
            if (v.is(Vma.LOCKED)) {
                sum += v.end - v.start;
            }
        }
        return sum;
    }

    /** A random number of pages below {@code 2^bits}, in bytes. */
    static long randomPages(int bits) {
        return (Entropy.nextLong() >>> 64 - bits) * PAGE;
    }
}
