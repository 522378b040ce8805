package sentry.core.memory;

import sentry.core.vfs.VfsPath;

/**
 * Where the parts of a program lie in its address space (Linux: the fields of mm_struct that /proc/PID/stat and prctl
 * PR_SET_MM show). Set by the loader; the heap moves under the memory manager's lock.
 */
public final class ProgramLayout {
    /** Start of the heap, and its end as brk(2) sets it. */
    public volatile long brkStart;

    public volatile long brk;
    public volatile long codeStart;
    public volatile long codeEnd;
    public volatile long dataStart;
    public volatile long dataEnd;
    /** The stack pointer that the program started with. */
    public volatile long stackStart;

    public volatile long argStart;
    public volatile long argEnd;
    public volatile long envStart;
    public volatile long envEnd;
    /** The auxiliary vector as the program got it. */
    public volatile byte[] auxv = new byte[0];
    /** Address of the vDSO; 0 when there is none. */
    public volatile long vdso;
    /** mmap(2) without an address looks for room downwards from here. 0: at the top. */
    public volatile long mmapBase;
    /** With ADDR_COMPAT_LAYOUT upwards from here instead. 0: no. */
    public volatile long upwardsFrom;

    /** The executed file, for /proc/PID/exe; null for a process without a program. */
    public volatile VfsPath exe;

    public ProgramLayout() {}

    ProgramLayout copy() {
        ProgramLayout l = new ProgramLayout();
        l.brkStart = brkStart;
        l.brk = brk;
        l.codeStart = codeStart;
        l.codeEnd = codeEnd;
        l.dataStart = dataStart;
        l.dataEnd = dataEnd;
        l.stackStart = stackStart;
        l.argStart = argStart;
        l.argEnd = argEnd;
        l.envStart = envStart;
        l.envEnd = envEnd;
        l.auxv = auxv;
        l.vdso = vdso;
        l.mmapBase = mmapBase;
        l.upwardsFrom = upwardsFrom;
        l.exe = exe;
        return l;
    }
}
