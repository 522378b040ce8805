package sentry.core.memory;

import java.util.Arrays;
import sentry.core.abi.ErrnoException;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;

/**
 * Makes a child's address space (fork(2)): the same vmas and pages, copied by whoever writes first. What parent and child
 * are sure to write soon the child gets copies of at once, since a fault costs as much as copying ten pages: the top of
 * the stack, small data, and what was written after earlier forks.
 *
 * <p>The parent's write lock is held; nobody else knows the child.
 */
final class Fork {
    private static final long PAGE = MemoryFile.PAGE;
    /** Bytes below the stack pointer that the first steps will write. */
    private static final long STACK_BELOW = 2 * PAGE;
    /** Writable mappings up to this size are copied as a whole: data of libraries, thread-local memory. */
    private static final long SMALL = 8 * PAGE;
    /** Most that is copied for being small. */
    private static final long MOST_SMALL = 40 * PAGE;

    private final MemoryManager parent;
    private final MemoryManager child;
    /** Starts and ends of what was copied. */
    private long[] copied = new long[32];

    private int copies;

    Fork(MemoryManager parent, MemoryManager child) {
        this.parent = parent;
        this.child = child;
    }

    void run(Context context, long sp) throws PlatformException {
        share();
        boolean stopped = parent.shared() && parent.host.space != null;
        if (stopped) {
            // Other threads go on writing. They must stop at their next write before the first page is copied, or the
            // child would have a later write of theirs without an earlier one.
            for (int i = 0; i < parent.vmas.size(); i++) {
                Vma v = parent.vmas.get(i);
                if (v.toProtect) {
                    parent.host.protect(v.start, v.end);
                }
            }
            parent.host.space.commit(context);
        }
        try {
            copyAhead(sp);
        } catch (ErrnoException e) {
            // No memory for copies ahead of time. Whoever writes will try again, and hear of it.
        }
        VmaList vmas = parent.vmas;
        for (int i = 0; i < vmas.size(); i++) {
            Vma v = vmas.get(i);
            if (v.toProtect) {
                v.toProtect = false;
                if (!stopped) {
                    parent.host.protect(v.start, v.end);
                }
            }
        }
        for (int i = 0; i < copies && stopped; i += 2) {
            parent.host.protect(copied[i], copied[i + 1]); // the parent may have its own back
        }
        if (parent.host.space == null) {
            return;
        }
        child.host.space = parent.host.space.fork(context);
        for (int i = 0; i < vmas.size(); i++) {
            Vma v = vmas.get(i);
            if (v.is(Vma.DONT_FORK) || v.is(Vma.WIPE_ON_FORK)) {
                child.host.hide(v.start, v.end);
            }
        }
        for (int i = 0; i < copies; i += 2) {
            child.host.show(copied[i], copied[i + 1], false);
        }
    }

    /** Gives the child the same vmas and pages, and makes both copy before they write. */
    private void share() {
        PageRuns runs = parent.runs;
        for (int i = 0; i < parent.vmas.size(); i++) {
            Vma v = parent.vmas.get(i);
            if (v.is(Vma.DONT_FORK)) {
                continue;
            }
            Vma copy = v.part(v.start, v.end);
            copy.flags &= ~Vma.LOCKED;
            copy.forgetUserfault();
            child.vmas.insert(child.vmas.size(), copy);
            child.total += v.end - v.start;
            if (copy.mappable != null) {
                copy.mappable.addMapping(child);
            }
            if (v.is(Vma.WIPE_ON_FORK)) {
                continue;
            }
            // A run may go on in the next vma, where other rules hold.
            int from = runs.split(v.start);
            int to = runs.split(v.end);
            for (int r = from; r < to; r++) {
                parent.file.retain(runs.base(r), runs.end(r) - runs.start(r));
                if (!v.shared() && (runs.word(r) & PageRuns.FILE) == 0) {
                    v.toProtect |= (runs.word(r) & PageRuns.WRITE) != 0;
                    runs.set(r, runs.word(r) & ~PageRuns.WRITE | PageRuns.COW);
                }
                child.runs.append(runs.start(r), runs.end(r), runs.word(r) & ~PageRuns.PROTECTED);
            }
        }
        // What earlier forks cut belongs together again: copies go as far as a run.
        runs.join(0, runs.size());
        child.runs.join(0, child.runs.size());
    }

    private void copyAhead(long sp) throws ErrnoException {
        long page = sp & -PAGE;
        copy(page - STACK_BELOW, page + PAGE);
        long[] hints = new long[ForkHints.SIZE];
        parent.hints.copyTo(hints);
        for (long hint : hints) {
            if (hint != 0) {
                copy(hint, hint + PAGE);
            }
        }
        long small = 0;
        for (int i = 0; i < parent.vmas.size() && small < MOST_SMALL; i++) {
            Vma v = parent.vmas.get(i);
            if (v.toProtect && v.end - v.start <= SMALL) {
                copy(v.start, v.end);
                small += v.end - v.start;
            }
        }
    }

    /** Gives the child copies of what it shares with the parent in the range, and the parent its pages back. */
    private void copy(long start, long end) throws ErrnoException {
        PageRuns runs = parent.runs;
        for (long at = start; at < end; ) {
            int i = runs.find(at);
            if (i == runs.size() || runs.start(i) >= end) {
                return;
            }
            at = Math.max(at, runs.start(i));
            int theirs = child.runs.at(at);
            Vma v = parent.vmas.at(at);
            if (theirs < 0
                    || v == null
                    || !v.may(Vma.WRITE)
                    || (runs.flags(i) & (PageRuns.FILE | PageRuns.COW)) != PageRuns.COW
                    || (child.runs.flags(theirs) & PageRuns.COW) == 0) {
                at = Math.min(runs.end(i), theirs < 0 ? Long.MAX_VALUE : child.runs.end(theirs));
                continue;
            }
            long to = Math.min(Math.min(end, v.end), Math.min(runs.end(i), child.runs.end(theirs)));
            long length = to - at;
            long source = runs.offset(i, at);
            long copy = parent.file.copyOf(source, length);
            child.pager.replace(at, to, copy | Pager.anonymousFlags(v));
            note(at, to);
            if (parent.file.sole(source, length) == length) {
                int from = runs.split(at);
                runs.split(to);
                runs.set(from, source | Pager.anonymousFlags(v));
            }
            at = to;
        }
    }

    private void note(long start, long end) {
        if (copies == copied.length) {
            copied = Arrays.copyOf(copied, copies * 2);
        }
        copied[copies++] = start;
        copied[copies++] = end;
    }
}
