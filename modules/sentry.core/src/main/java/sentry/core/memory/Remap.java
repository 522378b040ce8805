package sentry.core.memory;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.task.Task;

/** mremap(2). Guarded by the memory manager's write lock. */
final class Remap {
    private static final long PAGE = MemoryFile.PAGE;

    private Remap() {}

    static long remap(
            MemoryManager mm, Task task, long address, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException {
        if ((flags & ~(Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED | Mman.MREMAP_DONTUNMAP)) != 0
                || (flags & Mman.MREMAP_FIXED) != 0 && (flags & Mman.MREMAP_MAYMOVE) == 0
                || (flags & Mman.MREMAP_DONTUNMAP) != 0
                        && ((flags & Mman.MREMAP_MAYMOVE) == 0 || oldLength != newLength)
                || (address & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long oldSize = Pager.roundUp(oldLength);
        long newSize = Pager.roundUp(newLength);
        if (newSize == 0 || newSize < 0 || oldSize < 0 || newSize > mm.maxAddress) {
            throw Errno.EINVAL.error();
        }
        boolean fixed = (flags & (Mman.MREMAP_FIXED | Mman.MREMAP_DONTUNMAP)) != 0;
        Vma v = mm.vmas.at(address);
        if (v == null) {
            throw Errno.EFAULT.error();
        }
        if (v.is(Vma.SEALED)) {
            throw Errno.EPERM.error();
        }
        if (fixed
                && ((newAddress & PAGE - 1) != 0
                        || newAddress < 0
                        || newAddress > mm.maxAddress - newSize
                        || address + oldSize > newAddress && newAddress + newSize > address)) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Mman.MREMAP_FIXED) != 0 && newAddress < mm.minAddress) {
            throw Errno.EPERM.error();
        }
        if (!fixed && oldSize >= newSize) {
            if (oldSize > newSize) {
                if (oldSize > mm.maxAddress - address) {
                    throw Errno.EINVAL.error();
                }
                mm.mappings.requireUnsealed(address + newSize, address + oldSize);
                mm.mappings.unmap(address + newSize, address + oldSize, true);
            }
            return address;
        }
        if (oldSize == 0 && !v.shared() && !v.is(Vma.MAY_SHARE)) {
            throw Errno.EINVAL.error(); // only shared memory can be mapped once more
        }
        if (oldSize > v.end - address) {
            if (oldSize > newSize && (flags & Mman.MREMAP_FIXED) != 0 && newSize <= v.end - address) {
                mm.mappings.unmap(address + newSize, address + oldSize, true);
                oldSize = newSize;
                v = mm.vmas.at(address);
            } else {
                throw Errno.EFAULT.error(); // one vma at a time
            }
        }
        if (v.is(Vma.SPECIAL) && (newSize != oldSize || (flags & Mman.MREMAP_DONTUNMAP) != 0)) {
            throw Errno.EFAULT.error();
        }
        if ((flags & Mman.MREMAP_DONTUNMAP) != 0 && v.is(Vma.SPECIAL)) {
            throw Errno.EINVAL.error();
        }
        if (newSize > oldSize) {
            if (v.mappable != null && v.offset + (address - v.start) > Long.MAX_VALUE - newSize) {
                throw Errno.EINVAL.error();
            }
            if (v.is(Vma.LOCKED)) {
                mm.mappings.checkLock(task, newSize - oldSize);
            }
            if (!Limits.mayGrow(task, mm, newSize - oldSize, v.prot, v.flags)) {
                throw Errno.ENOMEM.error();
            }
        }
        if ((flags & Mman.MREMAP_DONTUNMAP) != 0 && !Limits.mayGrow(task, mm, oldSize, v.prot, v.flags)) {
            throw Errno.ENOMEM.error();
        }
        if (!fixed) {
            if (oldSize == v.end - address && grow(mm, v, newSize - oldSize)) {
                return address;
            }
            if ((flags & Mman.MREMAP_MAYMOVE) == 0) {
                throw Errno.ENOMEM.error();
            }
        }
        long to;
        if ((flags & Mman.MREMAP_FIXED) != 0) {
            to = newAddress;
            mm.mappings.requireUnsealed(to, to + newSize);
            mm.mappings.unmap(to, to + newSize, true);
        } else {
            to = fixed && newAddress >= mm.minAddress && mm.vmas.isFree(newAddress, newAddress + newSize)
                    ? newAddress
                    : mm.mappings.topDown(newSize);
            if (to < 0) {
                throw Errno.ENOMEM.error();
            }
        }
        move(mm, mm.vmas.at(address), address, oldSize, to, newSize, (flags & Mman.MREMAP_DONTUNMAP) != 0);
        return to;
    }

    /** Makes the vma longer where it is, if there is room. */
    private static boolean grow(MemoryManager mm, Vma v, long more) throws ErrnoException {
        long end = v.end;
        if (more > mm.maxAddress - end || !mm.vmas.isFree(end, end + more + guard(mm, end))) {
            return false;
        }
        v.end = end + more;
        mm.total += more;
        try {
            fill(mm, v, end, v.end);
        } catch (ErrnoException e) {
            mm.mappings.unmap(end, end + more, true);
            throw e;
        }
        int i = mm.vmas.find(end);
        mm.mappings.merge(i, i + 1);
        return true;
    }

    private static long guard(MemoryManager mm, long end) {
        int i = mm.vmas.find(end);
        return i < mm.vmas.size() && mm.vmas.get(i).is(Vma.GROWS_DOWN) ? Pager.STACK_GUARD : 0;
    }

    private static void fill(MemoryManager mm, Vma v, long start, long end) throws ErrnoException {
        if (v.prot == 0) {
            return;
        }
        if (v.mappable == null && end - start <= Pager.EAGER) {
            mm.pager.provide(v, start, end);
        }
        mm.host.show(start, end, v.is(Vma.LOCKED));
    }

    private static void move(MemoryManager mm, Vma old, long from, long oldSize, long to, long newSize, boolean keep)
            throws ErrnoException {
        long moved = Math.min(oldSize, newSize);
        Vma v = old.part(from, Math.min(old.end, from + Math.max(moved, PAGE)));
        v.start = to;
        v.end = to + newSize;
        boolean registered = v.userfault != null;
        v.forgetUserfault();
        if (v.mappable != null) {
            v.mappable.addMapping(mm);
        }
        PageRuns runs = mm.runs;
        if (oldSize > 0) {
            // Pages go along; the references that the runs own go with them.
            int first = runs.split(from);
            int last = runs.split(from + moved);
            int n = last - first;
            long[] pieces = new long[3 * n];
            for (int i = 0; i < n; i++) {
                pieces[3 * i] = runs.start(first + i);
                pieces[3 * i + 1] = runs.end(first + i);
                pieces[3 * i + 2] = runs.word(first + i);
            }
            runs.remove(first, last);
            for (int i = 0; i < n; i++) {
                runs.put(pieces[3 * i] - from + to, pieces[3 * i + 1] - from + to, pieces[3 * i + 2]);
            }
            if (keep) {
                mm.host.hide(from, from + oldSize);
            } else {
                mm.mappings.unmap(from, from + oldSize, true);
            }
        }
        mm.vmas.insert(v);
        mm.total += newSize;
        if (newSize > moved && v.mappable == null && v.prot != 0 && newSize - moved <= Pager.EAGER) {
            mm.pager.provide(v, to + moved, to + newSize);
        }
        if (registered) {
            UserfaultRanges.clean(runs, v);
        }
        mm.host.show(to, to + newSize, v.is(Vma.LOCKED));
        int i = mm.vmas.find(to);
        mm.mappings.merge(i - 1, i + 1);
    }
}
