package sentry.core.memory;

import java.util.ArrayList;
import java.util.Arrays;
import sentry.core.abi.ErrnoException;
import sentry.core.log.Log;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;

/**
 * What the platform shows the program of its memory. Keeps the platform's address space in step with vmas and page
 * runs, and holds back what the program may still reach through a mapping that is about to change: pages and files are
 * let go only once the change is in force.
 *
 * <p>Guarded by the memory manager's write lock, but for {@link #space} and {@link #pending}.
 */
final class HostView {
    /** Mappings of files made at once, at most; the rest comes with the program's faults. */
    private static final int MAPS_AT_ONCE = 64;
    /** Bytes of a shared writable file that are mapped, and so filled, before the program asks for them. */
    private static final long FILLED_AHEAD = 1L << 26;

    private final MemoryManager mm;
    /** Null until the program first runs. */
    volatile AddressSpace space;
    /** Changes wait to be committed. */
    volatile boolean pending;

    private long[] leaving = new long[16];
    private int leavingCount;
    private ArrayList<Vma> leavingVmas;

    HostView(MemoryManager mm) {
        this.mm = mm;
    }

    /** Maps what is accessible in {@code [start, end)}, as vmas and runs say. */
    void show(long start, long end, boolean populate) {
        AddressSpace s = space;
        if (s == null) {
            return;
        }
        VmaList vmas = mm.vmas;
        for (int i = vmas.find(start); i < vmas.size() && vmas.get(i).start < end; i++) {
            Vma v = vmas.get(i);
            if (v.prot != 0) {
                show(s, v, Math.max(start, v.start), Math.min(end, v.end), populate);
            }
        }
    }

    private void show(AddressSpace s, Vma v, long start, long end, boolean populate) {
        PageRuns runs = mm.runs;
        int maps = 0;
        long filled = 0;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i < runs.size() && runs.start(i) <= at) {
                long to = Math.min(end, runs.end(i));
                if ((runs.flags(i) & PageRuns.GUARD) != 0) {
                    at = to;
                    continue;
                }
                s.map(at, to - at, mm.file.fd(), runs.offset(i, at), hostProt(v, runs.flags(i)), populate);
                if (populate) {
                    mm.file.populate(runs.offset(i, at), to - at);
                }
                pending = true;
                at = to;
                continue;
            }
            long gapEnd = i < runs.size() ? Math.min(end, runs.start(i)) : end;
            if (v.mappable == null || maps >= MAPS_AT_ONCE) {
                at = gapEnd;
                continue;
            }
            maps++;
            boolean write = v.shared() && v.may(Vma.WRITE);
            if (write && filled >= FILLED_AHEAD) {
                at = gapEnd;
                continue;
            }
            long length = gapEnd - at;
            if (write) {
                length = Math.min(length, FILLED_AHEAD - filled);
            }
            Mappable.Run r = run(v, at, length, write);
            if (r == null) {
                at = gapEnd;
                continue;
            }
            filled += r.length();
            if (r.fd() == mm.file.fd()) {
                continue; // now a run of our own
            }
            s.map(at, r.length(), r.fd(), r.offset(), hostProt(v, v.shared()), populate);
            pending = true;
            at += r.length();
        }
    }

    /** Asks the file of {@code v}, and takes pages of the memory file into the runs; null past the end or on failure. */
    private Mappable.Run run(Vma v, long at, long length, boolean write) {
        try {
            return mm.pager.fileRun(v, at, length, write);
        } catch (ErrnoException e) {
            return null; // the program's own access will fail again, and be told
        }
    }

    /** What the host may let the program do with a page run of {@code v}. */
    private static int hostProt(Vma v, int flags) {
        return hostProt(v, (flags & PageRuns.WRITE) != 0);
    }

    /** The processor cannot do without reading where it may write: nor can a page that waits to be copied. */
    private static int hostProt(Vma v, boolean write) {
        return !v.may(Vma.WRITE) ? v.prot : write ? v.prot | Vma.READ : v.prot & ~Vma.WRITE | Vma.READ;
    }

    /** Takes the range from the program's sight. */
    void hide(long start, long end) {
        mm.pager.changed();
        AddressSpace s = space;
        if (s != null) {
            s.unmap(start, end - start);
            pending = true;
        }
    }

    /** Gives what is mapped in the range the protection that vmas and runs say. */
    void protect(long start, long end) {
        AddressSpace s = space;
        if (s == null) {
            return;
        }
        pending = true;
        VmaList vmas = mm.vmas;
        PageRuns runs = mm.runs;
        long from = start;
        int prot = -1;
        for (int i = vmas.find(start); i < vmas.size() && vmas.get(i).start < end; i++) {
            Vma v = vmas.get(i);
            long to = Math.min(end, v.end);
            for (long at = Math.max(start, v.start); at < to; ) {
                int r = runs.find(at);
                int p;
                long pieceEnd;
                if (r < runs.size() && runs.start(r) <= at && (runs.flags(r) & PageRuns.GUARD) != 0) {
                    p = -1; // nothing is mapped
                    pieceEnd = Math.min(to, runs.end(r));
                } else if (r < runs.size() && runs.start(r) <= at) {
                    p = hostProt(v, runs.flags(r));
                    pieceEnd = Math.min(to, runs.end(r));
                } else {
                    p = v.anonymous() ? -1 : hostProt(v, v.shared());
                    pieceEnd = r < runs.size() ? Math.min(to, runs.start(r)) : to;
                }
                if (p != prot) {
                    if (prot >= 0 && at > from) {
                        s.protect(from, at - from, prot);
                    }
                    from = at;
                    prot = p;
                }
                at = pieceEnd;
            }
        }
        if (prot >= 0 && end > from) {
            s.protect(from, end - from, prot);
        }
    }

    /** The pages' reference is dropped once the program cannot reach them any more. */
    void leave(long offset, long length) {
        if (space == null) {
            mm.file.release(offset, length);
            return;
        }
        pending = true;
        if (leavingCount == leaving.length) {
            leaving = Arrays.copyOf(leaving, leavingCount * 2);
        }
        leaving[leavingCount++] = offset;
        leaving[leavingCount++] = length;
    }

    /**
     * The same for what a vma mapped: its descriptor may be named by a mapping that is still queued. And a file is told
     * only with no lock held, since it has locks of its own outside ours.
     */
    void leave(Vma v) {
        if (v.file == null && v.mappable == null) {
            return;
        }
        pending = true;
        if (leavingVmas == null) {
            leavingVmas = new ArrayList<>();
        }
        leavingVmas.add(v);
    }

    /** Brings all changes into force and lets go of what left; returns vmas for {@link #close}, or null. */
    ArrayList<Vma> commit(Context by) throws PlatformException {
        AddressSpace s = space;
        if (s != null) {
            try {
                s.commit(by);
            } catch (PlatformException e) {
                // Perhaps too many mappings for the host. They are a cache: start again with none, and faults fill it.
                Log.warn("mappings of a program lost: " + e.getMessage());
                s.unmap(mm.minAddress, mm.maxAddress - mm.minAddress);
                s.commit(by);
            }
        }
        return settled();
    }

    /** Nothing the program could reach changes any more: lets go of what left. */
    ArrayList<Vma> settled() {
        for (int i = 0; i < leavingCount; i += 2) {
            mm.file.release(leaving[i], leaving[i + 1]);
        }
        leavingCount = 0;
        if (leaving.length > 1024) {
            leaving = new long[16];
        }
        ArrayList<Vma> gone = leavingVmas;
        leavingVmas = null;
        pending = false;
        return gone;
    }

    /** Lets go of the files of vmas that are gone. Without the lock. */
    void close(ArrayList<Vma> gone) {
        if (gone == null) {
            return;
        }
        for (Vma v : gone) {
            if (v.mappable != null) {
                v.mappable.removeMapping(mm);
            }
            if (v.file != null) {
                v.file.release();
            }
        }
    }
}
