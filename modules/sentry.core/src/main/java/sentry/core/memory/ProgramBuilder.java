package sentry.core.memory;

import host.linux.Entropy;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Personality;
import sentry.core.task.Task;
import sentry.core.task.TimeNamespace;
import sentry.core.vdso.Vdso;
import sentry.core.vfs.FileDescription;

/**
 * What the loader does to the address space of a program that does not run yet. Not thread-safe: nobody else knows the
 * address space. Limits are those of the task that executes the program.
 */
public final class ProgramBuilder {
    private static final long PAGE = MemoryFile.PAGE;
    private static final String STACK = "[stack]";
    private static final int ALL = Vma.READ | Vma.WRITE | Vma.EXECUTE;
    /** Mapped below what the stack holds at first. */
    private static final long STACK_ROOM = 32 * PAGE;
    /** The stack begins within so many pages of the top (a power of two). */
    private static final int STACK_RANDOM_BITS = 22;

    private static final int MMAP_RANDOM_BITS = 28;
    /** Kept for the stack below its top, whatever its limit, and never more than five sixths. */
    private static final long LEAST_GAP = 128L << 20;

    private final MemoryManager mm;
    private final Task task;
    private long stackTop;

    public ProgramBuilder(MemoryManager mm, Task task) {
        this.mm = mm;
        this.task = task;
    }

    public ProgramLayout layout() {
        return mm.layout();
    }

    public UserMemory memory() {
        return mm;
    }

    public long maxAddress() {
        return mm.maxAddress;
    }

    /** Chooses where the stack ends and where mmap(2) begins. */
    public void chooseAddresses() {
        long top = mm.maxAddress;
        // A platform may keep more for itself than Linux does; the random parts shrink with a small address space.
        boolean small = top < 1L << 46;
        stackTop = top - (small ? 0 : randomPages(STACK_RANDOM_BITS));
        long limit = Limits.of(task, Limits.STACK);
        long pad = (1L << STACK_RANDOM_BITS) * PAGE + Pager.STACK_GUARD;
        long gap = limit < 0 || limit > top / 6 * 5 - pad ? top / 6 * 5 : limit + pad;
        gap = Math.min(Math.max(gap, LEAST_GAP), top / 6 * 5);
        long random = small ? 0 : randomPages(MMAP_RANDOM_BITS);
        mm.layout().mmapBase = top - gap - random & -PAGE;
        mm.layout().upwardsFrom = has(Personality.ADDR_COMPAT_LAYOUT) ? top / 3 + random + PAGE - 1 & -PAGE : 0;
    }

    private boolean has(int personality) {
        return task != null && (task.personality() & personality) != 0;
    }

    /** A random number of pages below {@code 2^bits}, in bytes; 0 with ADDR_NO_RANDOMIZE. */
    public long randomPages(int bits) {
        return has(Personality.ADDR_NO_RANDOMIZE) ? 0 : Mappings.randomPages(bits);
    }

    /** A random number below {@code 2^bits}; 0 with ADDR_NO_RANDOMIZE. */
    public int randomBytes(int bits) {
        return has(Personality.ADDR_NO_RANDOMIZE) ? 0 : (int) (Entropy.nextLong() >>> 64 - bits);
    }

    /** A free range, downwards from where mmap(2) begins; ENOMEM. */
    public long findRoom(long size, long alignment) throws ErrnoException {
        long at = mm.mappings.topDown(size + alignment - PAGE);
        if (at < 0) {
            throw Errno.ENOMEM.error();
        }
        return at + alignment - 1 & -alignment;
    }

    /** Maps a part of a file privately, in place of what is there. */
    public void mapFile(long start, long end, int prot, FileDescription file, long offset) throws ErrnoException {
        check(start, end);
        mm.mappings.map(task, start, end, prot, ALL, Mappings.PROGRAM_DATA, file.mappable(), file, offset, null, false);
    }

    public void mapAnonymous(long start, long end, int prot) throws ErrnoException {
        check(start, end);
        mm.mappings.map(task, start, end, prot, ALL, 0, null, null, 0, null, false);
    }

    private void check(long start, long end) throws ErrnoException {
        if (start < mm.minAddress) {
            throw Errno.EPERM.error();
        }
        if (end > mm.maxAddress || start >= end) {
            throw Errno.ENOMEM.error();
        }
    }

    /** Maps the vDSO where there is room, with the clocks of {@code time}. */
    public void mapVdso(Vdso vdso, TimeNamespace time) throws ErrnoException {
        long at = findRoom(Vdso.SIZE, PAGE);
        long image = at + Vdso.PARAMETERS;
        long end = at + Vdso.SIZE;
        // Nobody may write the pages that all share: a program that asks for write access to the code gets a copy.
        long clocks = vdso.parameters(time);
        long text = vdso.offset() + Vdso.PARAMETERS;
        mm.file.retain(clocks, Vdso.PARAMETERS);
        mm.runs.put(at, image, clocks | PageRuns.READ | PageRuns.COW);
        mm.file.retain(text, end - image);
        mm.runs.put(image, end, text | PageRuns.READ | PageRuns.COW);
        Vma parameters = new Vma(at, image, Vma.READ, Vma.READ, Vma.SPECIAL | Vma.DONT_DUMP);
        parameters.name = "[vvar]";
        Vma code = new Vma(image, end, Vma.READ | Vma.EXECUTE, ALL, Vma.SPECIAL);
        code.name = "[vdso]";
        mm.vmas.insert(parameters);
        mm.vmas.insert(code);
        mm.total += Vdso.SIZE;
        mm.layout().vdso = image;
    }

    /** Zeroes memory as far as the program may write there. */
    public void zero(long start, long end) throws ErrnoException {
        mm.fill(start, end - start, (byte) 0);
    }

    /** The heap starts at {@code address}, and is empty. */
    public void placeHeap(long address) {
        mm.layout().brkStart = address;
        mm.layout().brk = address;
    }

    /** Maps a stack with room for {@code size} bytes and more; returns its end. */
    public long mapStack(long size, boolean executable) throws ErrnoException {
        long start = stackTop - Pager.roundUp(size) - STACK_ROOM;
        long limit = Limits.of(task, Limits.STACK);
        if (limit >= 0 && limit < stackTop - start) {
            start = Math.min(stackTop - Pager.roundUp(size), stackTop - Math.max(PAGE, limit & -PAGE));
        }
        int prot = Vma.READ | Vma.WRITE | (executable ? Vma.EXECUTE : 0);
        mm.mappings.map(task, start, stackTop, prot, ALL, Vma.GROWS_DOWN, null, null, 0, STACK, false);
        return stackTop;
    }
}
