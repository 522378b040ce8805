package sentry.core.memory;

/**
 * What a range of addresses takes of memory, in bytes (/proc/PID/smaps). Pages of the host's own files are the host's to
 * keep and do not count.
 */
public final class Usage {
    /** In memory. */
    public long resident;
    /** Of these, private to some program. */
    public long anonymous;
    /** Of these, seen by more than one address space. */
    public long shared;
    /** Each page divided by the number of address spaces that see it. */
    public long proportional;

    Usage() {}

    /** Adds up a range. The memory manager's read lock is held. */
    void add(MemoryManager mm, long start, long end) {
        PageRuns runs = mm.runs;
        for (int r = runs.find(start); r < runs.size() && runs.start(r) < end; r++) {
            boolean file = (runs.flags(r) & PageRuns.FILE) != 0;
            long at = runs.offset(r, Math.max(start, runs.start(r)));
            long left = Math.min(end, runs.end(r)) - Math.max(start, runs.start(r));
            while (left > 0) {
                long piece = mm.file.alike(at, left);
                // The file itself holds one reference.
                int users = Math.max(1, mm.file.references(at) - (file ? 1 : 0));
                long here = mm.file.resident(at, piece, null);
                resident += here;
                proportional += here / users;
                anonymous += file ? 0 : here;
                shared += users > 1 ? here : 0;
                at += piece;
                left -= piece;
            }
        }
    }
}
