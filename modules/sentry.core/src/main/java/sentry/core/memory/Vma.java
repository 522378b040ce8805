package sentry.core.memory;

import sentry.core.abi.UserfaultAbi;
import sentry.core.platform.AddressSpace;
import sentry.core.vfs.FileDescription;

/**
 * A range of program addresses with the same attributes (Linux: vm_area_struct). Fields are guarded by the lock of the
 * memory manager that it belongs to.
 */
public final class Vma {
    public static final int READ = AddressSpace.READ;
    public static final int WRITE = AddressSpace.WRITE;
    public static final int EXECUTE = AddressSpace.EXECUTE;

    /** Writes reach the file, and other mappings of it. */
    public static final int SHARED = 1;
    /** Grows towards lower addresses when touched below. */
    public static final int GROWS_DOWN = 2;

    public static final int NO_RESERVE = 4;
    /** mlock(2); bookkeeping only. */
    public static final int LOCKED = 8;
    /** MADV_DONTFORK: a child does not get it. */
    public static final int DONT_FORK = 16;
    /** MADV_WIPEONFORK: a child gets it empty. */
    public static final int WIPE_ON_FORK = 32;
    /** The kernel's own (vDSO): mremap and the like leave it alone. */
    public static final int SPECIAL = 64;
    /** The file's host memory is in the memory file or another file, with no name for /proc: anonymous shared memory. */
    public static final int ANONYMOUS_SHARED = 128;
    /** MADV_DONTDUMP. */
    public static final int DONT_DUMP = 256;
    /** Made by mmap(2) with MAP_SHARED, even if the file is not writable. */
    public static final int MAY_SHARE = 512;

    /** MADV_RANDOM. */
    public static final int RANDOM = 1024;
    /** MADV_SEQUENTIAL. */
    public static final int SEQUENTIAL = 2048;
    /** MADV_HUGEPAGE. */
    public static final int HUGE_PAGE = 4096;
    /** MADV_NOHUGEPAGE. */
    public static final int NO_HUGE_PAGE = 8192;
    /** MADV_MERGEABLE. */
    public static final int MERGEABLE = 16384;
    /** MAP_STACK: most of it will not be touched. */
    public static final int STACK = 1 << 16;
    /** mseal(2): neither the mapping nor, where it is not writable, its content changes. */
    public static final int SEALED = 1 << 17;
    /** Only in what {@link #flags()} gives: missing pages are reported (userfaultfd(2)). */
    public static final int REPORTS_MISSING = 1 << 18;
    /** Only there, too: writes to protected pages are reported. */
    public static final int REPORTS_WRITES = 1 << 19;

    long start;
    long end;
    int prot;
    /** What mprotect(2) may turn prot into. */
    int maxProt;

    int flags;
    /** What is mapped; null for private anonymous memory. */
    Mappable mappable;
    /** The open file, with a reference of its own; null for anonymous memory. */
    FileDescription file;
    /** Offset in {@link #mappable} that {@link #start} shows. */
    long offset;
    /** mbind(2); null for the task's own. */
    MemoryPolicy policy;
    /** What {@link TouchAhead} has shown last; an end of 0 when nothing counts. */
    long shownStart;

    long shownEnd;
    boolean shownLarge;
    /** How often that was not filled. */
    byte misses;
    /** Scratch for fork: pages have become copy-on-write. */
    boolean toProtect;
    /** Whoever is told of faults here; null for the kernel itself. */
    Userfault userfault;
    /** UFFDIO_REGISTER_MODE_ bits. */
    int userfaultModes;
    /** For /proc/PID/maps where no file gives one: "[heap]", "[stack]", "[vdso]"; or null. */
    String name;

    Vma(long start, long end, int prot, int maxProt, int flags) {
        this.start = start;
        this.end = end;
        this.prot = prot;
        this.maxProt = maxProt;
        this.flags = flags;
    }

    /** A copy that covers {@code [from, to)} of this one, with its own reference to the file. */
    Vma part(long from, long to) {
        Vma v = new Vma(from, to, prot, maxProt, flags);
        v.mappable = mappable;
        v.file = file;
        v.offset = offset + (from - start);
        v.name = name;
        v.policy = policy;
        v.userfault = userfault;
        v.userfaultModes = userfaultModes;
        if (file != null) {
            file.retain();
        }
        return v;
    }

    /** Whether a page that is not there is a program's business (userfaultfd(2)). */
    boolean missingReported() {
        return (userfaultModes & UserfaultAbi.REGISTER_MODE_MISSING) != 0;
    }

    /** Is registered with nobody any more. */
    void forgetUserfault() {
        userfault = null;
        userfaultModes = 0;
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }

    boolean shared() {
        return (flags & SHARED) != 0;
    }

    boolean anonymous() {
        return mappable == null;
    }

    boolean may(int access) {
        return (prot & access) == access;
    }

    /** Whether {@code next}, which starts where this ends, is the same but for its place. */
    boolean continuedBy(Vma next) {
        return end == next.start
                && prot == next.prot
                && maxProt == next.maxProt
                && flags == next.flags
                && file == next.file
                && mappable == next.mappable
                && name == next.name
                && userfault == next.userfault
                && userfaultModes == next.userfaultModes
                && (policy == next.policy || policy != null && policy.equals(next.policy))
                && (mappable == null || offset + (end - start) == next.offset);
    }

    // For /proc.

    public long start() {
        return start;
    }

    public long end() {
        return end;
    }

    public int prot() {
        return prot;
    }

    /** What mprotect(2) may turn {@link #prot} into. */
    public int maxProt() {
        return maxProt;
    }

    public int flags() {
        return flags
                | (missingReported() ? REPORTS_MISSING : 0)
                | ((userfaultModes & UserfaultAbi.REGISTER_MODE_WP) != 0 ? REPORTS_WRITES : 0);
    }

    public long offset() {
        return mappable == null ? 0 : offset;
    }

    /** The mapped file, or null. */
    public FileDescription file() {
        return file;
    }

    /** A name such as "[heap]", or null. */
    public String name() {
        return name;
    }
}
