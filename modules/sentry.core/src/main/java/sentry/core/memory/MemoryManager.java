package sentry.core.memory;

import java.util.ArrayList;
import java.util.function.Predicate;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;
import sentry.core.abi.UserfaultAbi;
import sentry.core.kernel.Kernel;
import sentry.core.log.Log;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.Fault;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformException;
import sentry.core.task.Instruction;
import sentry.core.task.Task;
import sentry.core.vdso.Vdso;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.InodeState;

/**
 * One program address space (Linux: mm_struct). Thread-safe.
 *
 * <p>What the program asked for is in {@link #vmas}, what is behind it in {@link #runs}; {@link HostView} shows it to
 * the program, {@link Pager} fills it, {@link Mappings} changes it.
 */
public final class MemoryManager extends ProgramMemory implements MappingObserver {
    static final String HEAP = "[heap]";
    private final Platform platform;
    final HostView host = new HostView(this);
    final Pager pager = new Pager(this);
    final TouchAhead ahead = new TouchAhead(this);
    final Mappings mappings = new Mappings(this);
    private final ProgramLayout layout;
    final long minAddress;
    final long maxAddress;
    /** Whether the platform knows how a faulting access was made. */
    final boolean exactFaults;

    /** Bytes in vmas. */
    long total;
    /** The most that {@link #total} was, as far as {@link Mappings#map} saw it. */
    long peak;

    private volatile long peakResident;
    /** mlockall(MCL_FUTURE): new mappings are locked. */
    boolean lockFuture;

    /** Made by the first fork. */
    ForkHints hints;

    /** The file that this executes, which nobody may write meanwhile; null before, and after the end. */
    private InodeState executed;

    private int users = 1;
    /** What {@link #cpuNanos} was when the last task left; -1 before. */
    private volatile long finalCpuNanos = -1;
    /** What goes with the address space; null for most. Guarded by the lock. */
    private Runnable ending;

    MemoryManager(MemoryFile file, Platform platform, ProgramLayout layout) {
        super(file);
        this.platform = platform;
        this.layout = layout;
        this.minAddress = Math.max(platform.traits().minAddress(), 0x10000);
        this.maxAddress = platform.traits().maxAddress();
        this.exactFaults = platform.traits().exactFaultAccess();
    }

    /** An empty address space for a program that is being loaded; no host resource is taken before it first runs. */
    public static MemoryManager create(Kernel kernel) {
        return new MemoryManager(kernel.memory(), kernel.platform(), new ProgramLayout());
    }

    @Override
    Pager pager() {
        return pager;
    }

    /** Where the parts of the program are, for brk(2) and /proc. */
    public ProgramLayout layout() {
        return layout;
    }

    /** End (exclusive) of what a program may map. */
    public long maxAddress() {
        return maxAddress;
    }

    // Life.

    /** A copy-on-write copy for fork(2); {@code task} is the parent, on its own thread. */
    public MemoryManager fork(Task task) throws ErrnoException {
        return fork(task, task.context(), task.registers().sp());
    }

    MemoryManager fork(Task task, Context context, long sp) throws ErrnoException {
        MemoryManager child = new MemoryManager(file, platform, layout.copy());
        child.user = task;
        ArrayList<Vma> gone;
        long stamp = lock.writeLock();
        try {
            if (hints == null) {
                hints = new ForkHints();
            }
            child.hints = hints;
            if (executed != null) {
                executed.executeToo();
                child.executed = executed;
            }
            new Fork(this, child).run(context, sp);
            return child;
        } catch (PlatformException e) {
            Log.error("no address space for a child", e);
            gone = child.free();
        } finally {
            lock.unlockWrite(stamp);
        }
        child.host.close(gone);
        throw Errno.ENOMEM.error();
    }

    /** This is to execute {@code file}, from now until it ends; ETXTBSY when that is open for writing. Once. */
    public void execute(InodeState file) throws ErrnoException {
        file.beginExecuting();
        executed = file;
    }

    /** Puts the page at {@code offset} of the memory file in place of the vDSO's parameters, if the program still has them. */
    public void setVdsoParameters(long offset) {
        long stamp = lock.writeLock();
        try {
            long end = layout.vdso;
            long start = end - Vdso.PARAMETERS;
            int at = vmas.find(start);
            if (end == 0 || at == vmas.size() || vmas.get(at).start != start || !"[vvar]".equals(vmas.get(at).name())) {
                return;
            }
            int from = runs.split(start);
            int to = runs.split(end);
            host.hide(start, end);
            for (int i = from; i < to; i++) {
                host.leave(runs.base(i), runs.end(i) - runs.start(i));
            }
            runs.remove(from, to);
            file.retain(offset, Vdso.PARAMETERS);
            runs.put(start, end, offset | PageRuns.READ | PageRuns.COW);
            host.show(start, end, false);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** One more task uses it (CLONE_VM). */
    public void retain() {
        long stamp = lock.writeLock();
        users++;
        lock.unlockWrite(stamp);
    }

    /** A task stops using it; the last one frees everything. {@code task} is that task, on its own thread. */
    public void release(Task task) {
        ArrayList<Vma> gone = null;
        Runnable last = null;
        long stamp = lock.writeLock();
        try {
            if (--users == 0) {
                last = ending;
                ending = null;
                if (host.space != null) {
                    finalCpuNanos = host.space.cpuNanos();
                    host.space.release(task == null ? null : task.context());
                    host.space = null;
                }
                gone = free();
            } else if (host.pending && task != null) {
                // Others may be waiting for what this task's last steps changed.
                gone = host.commit(task.context());
            }
        } catch (PlatformException e) {
            // The task's own part of the platform is gone. The changes stay queued; who runs here next brings them about.
            gone = null;
        } finally {
            lock.unlockWrite(stamp);
        }
        host.close(gone);
        if (last != null) {
            last.run();
        }
    }

    /** {@code action} is run when nobody uses the address space any more, once and without locks; it replaces an earlier one. */
    public void onEnd(Runnable action) {
        long stamp = lock.writeLock();
        ending = action;
        lock.unlockWrite(stamp);
    }

    /** Whether more than one task uses it. */
    public boolean shared() {
        return users > 1;
    }

    private ArrayList<Vma> free() {
        if (executed != null) {
            executed.endExecuting();
            executed = null;
        }
        for (int i = 0; i < vmas.size(); i++) {
            Vma v = vmas.get(i);
            host.leave(v);
        }
        vmas.remove(0, vmas.size());
        for (int i = 0; i < runs.size(); i++) {
            host.leave(runs.base(i), runs.end(i) - runs.start(i));
        }
        runs.remove(0, runs.size());
        total = 0;
        return host.settled();
    }

    /** The platform's address space with all changes in force, made on first use. Hot path. */
    public AddressSpace platformSpace(Task task) {
        AddressSpace s = host.space;
        return s != null && !host.pending ? s : settle(task);
    }

    /** CPU time of programs in this address space as the platform knows it, nanoseconds; -1: it does not. From any thread. */
    public long cpuNanos() {
        AddressSpace s = host.space;
        return s == null ? finalCpuNanos : s.cpuNanos();
    }

    /** What {@link #cpuNanos} was when the last task left; -1 before. */
    public long finalCpuNanos() {
        return finalCpuNanos;
    }

    private AddressSpace settle(Task task) {
        user = task;
        return settle(task.context());
    }

    AddressSpace settle(Context context) {
        ArrayList<Vma> gone;
        AddressSpace s;
        long stamp = lock.writeLock();
        try {
            if (host.space == null) {
                host.space = platform.newAddressSpace();
                host.show(0, Long.MAX_VALUE, false);
            }
            gone = host.commit(context);
            s = host.space;
        } catch (PlatformException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlockWrite(stamp);
        }
        host.close(gone);
        return s;
    }

    /** Resolves a memory fault; returns 0, or the signal to raise with {@code fault.code} set to the si_code. */
    public int handleFault(Task task, Fault fault) {
        Userfault told;
        long flags;
        long stamp = lock.writeLock();
        try {
            int signal = pager.fault(task, fault);
            if (signal != Pager.REPORT) {
                return signal;
            }
            told = pager.reportTo;
            flags = pager.reportFlags;
        } finally {
            lock.unlockWrite(stamp);
        }
        boolean missing = (flags & UserfaultAbi.PAGEFAULT_FLAG_WP) == 0;
        if (missing && !task.kernel().platform().traits().exactFaultAccess()) {
            flags = Instruction.stores(task, fault.address) ? UserfaultAbi.PAGEFAULT_FLAG_WRITE : 0;
        }
        if (told.faulted(task, fault.address, flags)) {
            return 0;
        }
        fault.code = Pager.BUS_ADRERR;
        return Pager.SIGBUS;
    }

    // userfaultfd(2), for Userfault.

    /** Whether an access that was to be reported still is. */
    boolean userfaults(long address, long flags) {
        long stamp = lock.writeLock();
        try {
            return pager.reports(vmas.at(address), address, (flags & UserfaultAbi.PAGEFAULT_FLAG_WRITE) != 0);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    boolean registerUserfault(Userfault u, long start, long end, int modes) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            return UserfaultRanges.set(this, u, start, end, modes);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    void protectUserfault(Userfault u, long start, long end, boolean on) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            UserfaultRanges.protect(this, u, start, end, on);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    void requireUserfault(Userfault u, long start, long length) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            UserfaultRanges.require(this, u, start, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    long fillUserfault(Userfault u, long start, byte[] data, int length, boolean protect) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            return UserfaultRanges.fill(this, u, start, data, length, protect);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    void forgetUserfault(Userfault u) {
        long stamp = lock.writeLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                Vma v = vmas.get(i);
                if (v.userfault == u) {
                    v.forgetUserfault();
                    UserfaultRanges.clean(runs, v);
                    host.protect(v.start, v.end);
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    @Override
    public void invalidate(Mappable mappable, long offset, long length) {
        long stamp = lock.writeLock();
        try {
            mappings.invalidate(mappable, offset, length);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    @Override
    public boolean mapsWritable(Mappable mappable) {
        long stamp = lock.readLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                Vma v = vmas.get(i);
                if (v.mappable == mappable && v.shared() && (v.maxProt & Vma.WRITE) != 0) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    // Changes; the arguments are as in the system calls, hostile, and so are the errors.

    /**
     * mmap(2).
     *
     * @param opened the file, or null with MAP_ANONYMOUS; the caller keeps its reference
     */
    public long mmap(Task task, long address, long length, int prot, int flags, FileDescription opened, long offset)
            throws ErrnoException {
        boolean shared = (flags & Mman.MAP_TYPE) != Mman.MAP_PRIVATE;
        if (shared ? opened == null : (prot & Mman.PROT_WRITE) != 0) {
            Overcommit.check(task, length, (flags & Mman.MAP_NORESERVE) != 0);
        }
        long stamp = lock.writeLock();
        try {
            return mappings.mmap(task, address, length, prot, flags, opened, offset);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * shmat(2): shows all of {@code segment}.
     *
     * @param address a multiple of the page size, or 0 to have one found
     * @param remap what is in the way goes; otherwise it is EINVAL
     * @param name what /proc/PID/maps says
     */
    public long attach(Task task, long address, int prot, boolean remap, Mappable segment, String name)
            throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            return mappings.attach(task, address, prot, remap, segment, name);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** shmdt(2): takes away what {@link #attach} showed at {@code address}; EINVAL when there is no segment there. */
    public void detach(long address, Predicate<Mappable> isSegment) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            mappings.detach(address, isSegment);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public void munmap(Task task, long address, long length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            mappings.munmap(address, length);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public void mprotect(Task task, long address, long length, int prot) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            mappings.mprotect(task, address, length, prot);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public void seal(long address, long length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            mappings.seal(address, length);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** brk(2): the new end of the heap, or the old one if it cannot be moved. */
    public long brk(Task task, long address) {
        if (Long.compareUnsigned(address, layout.brk) > 0) {
            try {
                Overcommit.check(task, address - layout.brk, false);
            } catch (ErrnoException e) {
                return layout.brk;
            }
        }
        long stamp = lock.writeLock();
        try {
            return mappings.brk(task, address);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    public long mremap(Task task, long address, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException {
        if (newLength > oldLength && newLength <= maxAddress) {
            Overcommit.check(task, newLength - oldLength, false);
        }
        long stamp = lock.writeLock();
        try {
            return Remap.remap(this, task, address, oldLength, newLength, flags, newAddress);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Sets or clears the mark of mlock(2) on a range; ENOMEM when part of it is not mapped. */
    public void lock(Task task, long address, long length, boolean on, boolean populate) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            Locking.range(this, task, address, length, on, populate);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** mlockall(2) with its flags; 0 is munlockall(2). */
    public void lockAll(Task task, int flags) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            Locking.all(this, task, flags);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** mincore(2): one byte for each page of the range into {@code vector}. */
    public void mincore(long address, long length, byte[] vector) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            Locking.resident(this, address, length, vector);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Bytes of the program that take up memory (VmRSS), but for pages of the host's files. */
    public long residentBytes() {
        return residentBytes(0, Long.MAX_VALUE);
    }

    /** Those in a range of addresses. */
    public long residentBytes(long start, long end) {
        long stamp = lock.readLock();
        try {
            return Locking.residentBytes(this, start, end, false);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** What a range of addresses takes of memory. */
    public Usage usage(long start, long end) {
        Usage usage = new Usage();
        long stamp = lock.readLock();
        try {
            usage.add(this, start, end);
        } finally {
            lock.unlockRead(stamp);
        }
        return usage;
    }

    /** Most bytes that were mapped at once (VmPeak). */
    public long peakBytes() {
        return Math.max(peak, total);
    }

    /**
     * The most memory that {@link #residentBytes} has told so far, after a look at how much it is now (VmHWM; for
     * getrusage(2)). What came and went unseen is not in it.
     */
    public long peakResidentBytes() {
        long now = residentBytes();
        if (now > peakResident) {
            peakResident = now;
        }
        return peakResident;
    }

    /** Forgets the peak of memory (/proc/PID/clear_refs). */
    public void resetPeakResident() {
        peakResident = 0;
    }

    /** Which pages of a range are there, for /proc/PID/pagemap: bits of one long a page. */
    public void pagemap(long address, long[] target, int count) {
        long stamp = lock.readLock();
        try {
            Locking.pagemap(this, address, target, count);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Those that are a mapped file's own: of tmpfs, or shared anonymous memory. */
    public long residentFileBytes() {
        long stamp = lock.readLock();
        try {
            return Locking.residentBytes(this, 0, Long.MAX_VALUE, true);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Those that belong to mapped files that {@code wanted} accepts; shared anonymous memory has no file. */
    public long residentFileBytes(Predicate<FileDescription> wanted) {
        long sum = 0;
        long stamp = lock.readLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                Vma v = vmas.get(i);
                if (v.file != null && wanted.test(v.file)) {
                    sum += Locking.residentBytes(this, v.start, v.end, true);
                }
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return sum;
    }

    /** msync(2). Files whose memory is the program's need no copying; others are written by the host. */
    public void msync(Task task, long address, long length, int flags) throws ErrnoException {
        ArrayList<FileDescription> files = new ArrayList<>();
        ErrnoException hole = null;
        long stamp = lock.readLock();
        try {
            hole = Locking.filesToSync(this, address, length, flags, files);
        } finally {
            lock.unlockRead(stamp);
        }
        try {
            for (FileDescription f : files) {
                f.sync(false);
            }
        } finally {
            for (FileDescription f : files) {
                f.release();
            }
        }
        if (hole != null) {
            throw hole;
        }
    }

    public void madvise(Task task, long address, long length, int advice) throws ErrnoException {
        if (advice == Mman.MADV_REMOVE) {
            Advice.remove(this, task, address, length);
            return;
        }
        long stamp = lock.writeLock();
        try {
            Advice.advise(this, task, address, length, advice);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** mbind(2): what memory of the range is to come from; EFAULT where something is not mapped. */
    public void setPolicy(long start, long end, MemoryPolicy policy) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            if (!mappings.isMapped(start, end)) {
                throw Errno.EFAULT.error();
            }
            int from = mappings.split(start);
            int to = mappings.split(end);
            for (int i = from; i < to; i++) {
                vmas.get(i).policy = policy;
            }
            mappings.merge(from - 1, to);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** What {@link #setPolicy} has set, or null; EFAULT where nothing is mapped. */
    public MemoryPolicy policyAt(long address) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            Vma v = vmas.at(address);
            if (v == null) {
                throw Errno.EFAULT.error();
            }
            return v.policy;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /**
     * Whether set_mempolicy_home_node(2) may name a node for the range: ENOENT when nothing there has a policy, EOPNOTSUPP
     * when one is not of the kind that has a home.
     */
    public void checkHomeNode(long start, long end) throws ErrnoException {
        boolean found = false;
        long stamp = lock.readLock();
        try {
            for (int i = vmas.find(start); i < vmas.size() && vmas.get(i).start < end; i++) {
                MemoryPolicy p = vmas.get(i).policy;
                if (p != null && p.mode() != MemoryPolicy.BIND && p.mode() != MemoryPolicy.PREFERRED_MANY) {
                    throw Errno.EOPNOTSUPP.error();
                }
                found |= p != null;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        if (!found) {
            throw Errno.ENOENT.error();
        }
    }

    /** remap_file_pages(2): shows another part of a shared mapping's file; flags and arguments as there. */
    public void remapFilePages(Task task, long start, long length, int prot, long pageOffset, int flags)
            throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            mappings.remapFilePages(task, start, length, prot, pageOffset, flags);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    // Questions.

    /** Bytes of private writable memory but for stacks (Linux: data_vm). */
    long dataBytes() {
        long sum = 0;
        for (int i = 0; i < vmas.size(); i++) {
            Vma v = vmas.get(i);
            if (v.may(Vma.WRITE) && !v.shared() && !v.is(Vma.GROWS_DOWN)) {
                sum += v.end - v.start;
            }
        }
        return sum;
    }

    /** Bytes that count for {@link Overcommit}. */
    long committedBytes() {
        long sum = 0;
        long stamp = lock.readLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                Vma v = vmas.get(i);
                if (!v.is(Vma.NO_RESERVE)
                        && (v.may(Vma.WRITE) && !v.shared() || v.is(Vma.ANONYMOUS_SHARED))) {
                    sum += v.end - v.start;
                }
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return sum;
    }

    /** Bytes mapped (VmSize). */
    public long totalBytes() {
        return total;
    }

    /** What the word at {@code address} is in all address spaces that share it; EFAULT where nothing is mapped. */
    public void futexKey(long address, boolean isPrivate, FutexKey key) throws ErrnoException {
        if (!isPrivate) {
            long stamp = lock.readLock();
            try {
                Vma v = vmas.at(address);
                if (v == null) {
                    throw Errno.EFAULT.error();
                }
                if (v.is(Vma.SHARED | Vma.MAY_SHARE) && v.mappable != null) {
                    key.object = v.mappable.identity();
                    key.offset = v.offset + (address - v.start);
                    return;
                }
            } finally {
                lock.unlockRead(stamp);
            }
        }
        key.object = this;
        key.offset = address;
    }

    /** Looks at the vmas in ascending order, under the read lock: {@code visitor} must not call back or block. */
    public void forEach(VmaVisitor visitor) {
        long stamp = lock.readLock();
        try {
            for (int i = 0; i < vmas.size(); i++) {
                visitor.visit(vmas.get(i));
            }
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Sees one vma after another. */
    @FunctionalInterface
    public interface VmaVisitor {
        void visit(Vma vma);
    }
}
