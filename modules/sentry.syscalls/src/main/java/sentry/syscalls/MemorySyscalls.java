package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Mman;
import sentry.core.abi.Resource;
import sentry.core.abi.Sys;
import sentry.core.fs.tmpfs.TmpRegular;
import sentry.core.memory.Mappable;
import sentry.core.memory.MemoryFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.Permissions;

/** Calls on the program's memory (mmap(2) and relatives). */
final class MemorySyscalls {
    private static final int PAGE = MemoryFile.PAGE;

    private MemorySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.MMAP, "no MAP_HUGETLB, no MAP_SYNC", MemorySyscalls::mmap);
        table.full(Sys.MUNMAP, MemorySyscalls::munmap);
        table.full(Sys.MPROTECT, MemorySyscalls::mprotect);
        table.partial(Sys.PKEY_MPROTECT, "no keys, as on a processor without them", MemorySyscalls::pkeyMprotect);
        table.partial(Sys.PKEY_ALLOC, "none is ever free, as on a processor without keys", MemorySyscalls::pkeyAlloc);
        table.error(Sys.PKEY_FREE, Errno.EINVAL, "no protection keys");
        table.full(Sys.BRK, MemorySyscalls::brk);
        table.full(Sys.MREMAP, MemorySyscalls::mremap);
        table.full(Sys.MADVISE, MemorySyscalls::madvise);
        table.full(Sys.MSYNC, MemorySyscalls::msync);
        table.full(Sys.MINCORE, MemorySyscalls::mincore);
        table.full(Sys.MLOCK, MemorySyscalls::mlock);
        table.full(Sys.MLOCK2, MemorySyscalls::mlock2);
        table.full(Sys.MUNLOCK, MemorySyscalls::munlock);
        table.full(Sys.MLOCKALL, MemorySyscalls::mlockall);
        table.partial(Sys.REMAP_FILE_PAGES, "as Linux does it by now: a vma for each piece", MemorySyscalls::remapFilePages);
        table.full(Sys.MSEAL, MemorySyscalls::mseal);
        table.partial(Sys.CACHESTAT, "all of a file of the host counts as cached, and nothing as dirty", MemorySyscalls::cachestat);
        table.error(Sys.MEMFD_SECRET, Errno.ENOSYS, "as in a kernel that was not told to have it");
        table.full(Sys.MUNLOCKALL, MemorySyscalls::munlockall);
    }

    private static long mmap(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i3();
        if ((a.a5 & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Mman.MAP_ANONYMOUS) != 0) {
            if ((flags & Mman.MAP_HUGETLB) != 0) {
                int log = flags >>> Mman.MAP_HUGE_SHIFT & 63;
                if (log != 0 && log != 21 && log != 30) {
                    throw Errno.EINVAL.error(); // there are pages of 2 MiB and 1 GiB only
                }
            }
            return task.mm().mmap(task, a.a0, a.a1, a.i2(), flags, null, 0);
        }
        FileDescription file = task.fds().take(a.i4());
        try {
            if ((file.flags() & Fcntl.O_PATH) != 0) {
                throw Errno.EBADF.error();
            }
            if ((flags & Mman.MAP_HUGETLB) != 0) {
                throw Errno.EINVAL.error();
            }
            return task.mm().mmap(task, a.a0, a.a1, a.i2(), flags, file, a.a5);
        } finally {
            file.release();
        }
    }

    private static long munmap(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().munmap(task, a.a0, a.a1);
        return 0;
    }

    private static long mprotect(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().mprotect(task, a.a0, a.a1, a.i2());
        return 0;
    }

    private static long pkeyMprotect(Task task, SyscallArgs a) throws ErrnoException {
        if (a.i3() != -1 && (a.a1 != 0 || (a.a0 & PAGE - 1) != 0)) {
            throw Errno.EINVAL.error();
        }
        return mprotect(task, a);
    }

    private static long pkeyAlloc(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a0 != 0 || (a.a1 & ~3) != 0) {
            throw Errno.EINVAL.error();
        }
        throw Errno.EINVAL.error(); // what a processor without keys answers
    }

    private static long remapFilePages(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().remapFilePages(task, a.a0, a.a1, a.i2(), a.a3, a.i4());
        return 0;
    }

    private static long brk(Task task, SyscallArgs a) {
        return task.mm().brk(task, a.a0);
    }

    private static long mremap(Task task, SyscallArgs a) throws ErrnoException {
        return task.mm().mremap(task, a.a0, a.a1, a.a2, a.i3(), a.a4);
    }

    private static long madvise(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().madvise(task, a.a0, a.a1, a.i2());
        return 0;
    }

    private static long msync(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        if ((flags & ~(Mman.MS_ASYNC | Mman.MS_INVALIDATE | Mman.MS_SYNC)) != 0
                || (flags & Mman.MS_ASYNC) != 0 && (flags & Mman.MS_SYNC) != 0) {
            throw Errno.EINVAL.error();
        }
        task.mm().msync(task, a.a0, a.a1, flags);
        return 0;
    }

    private static long mseal(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a2 != 0) {
            throw Errno.EINVAL.error();
        }
        task.mm().seal(a.a0, a.a1);
        return 0;
    }

    /** struct cachestat: pages in the cache, dirty, under write-back, evicted, evicted of late. */
    private static final int CACHESTAT_SIZE = 40;

    private static long cachestat(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = task.fds().take(a.i0());
        long pages;
        try {
            if (file instanceof PathFile) {
                throw Errno.EBADF.error();
            }
            long offset = task.memory().getLong(a.a1);
            long length = task.memory().getLong(a.a1 + 8);
            boolean writes = (file.flags() & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
            if (!writes
                    && !Permissions.owns(task.credentials(), file.inode())
                    && !Permissions.allows(task.credentials(), file.inode(), Permissions.WRITE)) {
                throw Errno.EPERM.error();
            }
            if (a.i3() != 0) {
                throw Errno.EINVAL.error();
            }
            pages = cached(file, offset, length);
        } finally {
            file.release();
        }
        byte[] b = new byte[CACHESTAT_SIZE];
        Struct.putLong(b, 0, pages);
        task.memory().write(a.a2, b, 0, CACHESTAT_SIZE);
        return 0;
    }

    /** How many pages of the range (a length of 0: to the end) are in memory. */
    private static long cached(FileDescription file, long offset, long length) throws ErrnoException {
        if (!FileMode.isRegular(file.inode().mode()) || offset < 0) {
            return 0;
        }
        Mappable content;
        try {
            content = file.mappable();
        } catch (ErrnoException e) {
            return 0; // a generated file: nothing of it is kept
        }
        long from = offset & -PAGE;
        long last = length == 0 || offset + length < offset ? Long.MAX_VALUE : offset + length;
        long to = Math.min(last, content.size()) + PAGE - 1 & -PAGE;
        if (from >= to) {
            return 0;
        }
        return content instanceof TmpRegular kept ? kept.pagesIn(from, to) : (to - from) / PAGE;
    }

    private static long mincore(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.a0 & PAGE - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        long end = a.a0 + a.a1;
        if (a.a0 < 0 || a.a1 < 0 || end < 0 || end > task.mm().maxAddress()) {
            throw Errno.ENOMEM.error();
        }
        long vector = a.a2;
        long pages = (a.a1 + PAGE - 1) / PAGE;
        if (vector < 0 || vector > task.mm().maxAddress() - pages) {
            throw Errno.EFAULT.error();
        }
        for (long at = a.a0; at < end; ) {
            int n = (int) Math.min(PAGE, (end - at + PAGE - 1) / PAGE);
            byte[] part = new byte[n];
            task.mm().mincore(at, (long) n * PAGE, part);
            task.memory().write(vector, part, 0, n);
            vector += n;
            at += (long) n * PAGE;
        }
        return 0;
    }

    private static long mlock(Task task, SyscallArgs a) throws ErrnoException {
        requireLock(task);
        task.mm().lock(task, a.a0, a.a1, true, true);
        return 0;
    }

    private static long mlock2(Task task, SyscallArgs a) throws ErrnoException {
        if ((a.i2() & ~Mman.MLOCK_ONFAULT) != 0) {
            throw Errno.EINVAL.error();
        }
        requireLock(task);
        task.mm().lock(task, a.a0, a.a1, true, a.i2() == 0);
        return 0;
    }

    private static long munlock(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().lock(task, a.a0, a.a1, false, false);
        return 0;
    }

    private static long mlockall(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i0();
        if (flags == 0
                || (flags & ~(Mman.MCL_CURRENT | Mman.MCL_FUTURE | Mman.MCL_ONFAULT)) != 0
                || flags == Mman.MCL_ONFAULT) {
            throw Errno.EINVAL.error();
        }
        requireLock(task);
        try {
            task.mm().lockAll(task, flags);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EAGAIN ? Errno.ENOMEM.error() : e;
        }
        return 0;
    }

    private static long munlockall(Task task, SyscallArgs a) throws ErrnoException {
        task.mm().lockAll(task, 0);
        return 0;
    }

    private static void requireLock(Task task) throws ErrnoException {
        if (task.group().rlimits().soft(Resource.RLIMIT_MEMLOCK) == 0
                && !task.credentials().capable(Capability.IPC_LOCK)) {
            throw Errno.EPERM.error();
        }
    }
}
