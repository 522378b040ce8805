package gofer.p9.fs;

/** Files that nobody has open but whose host descriptors are kept, the one idle longest first. Thread-safe. */
final class IdleFiles {
    /** Most files that keep descriptors. */
    private static final int LIMIT = 512;

    private GoferRegular oldest;
    private GoferRegular newest;
    private int count;

    synchronized void add(GoferRegular file) {
        if (file.idle) {
            return;
        }
        file.idle = true;
        file.olderIdle = newest;
        file.newerIdle = null;
        if (newest == null) {
            oldest = file;
        } else {
            newest.newerIdle = file;
        }
        newest = file;
        count++;
    }

    synchronized void remove(GoferRegular file) {
        if (!file.idle) {
            return;
        }
        file.idle = false;
        if (file.olderIdle == null) {
            oldest = file.newerIdle;
        } else {
            file.olderIdle.newerIdle = file.newerIdle;
        }
        if (file.newerIdle == null) {
            newest = file.olderIdle;
        } else {
            file.newerIdle.olderIdle = file.olderIdle;
        }
        file.olderIdle = null;
        file.newerIdle = null;
        count--;
    }

    private synchronized GoferRegular oldestBeyond(int limit) {
        GoferRegular file = count > limit ? oldest : null;
        if (file != null) {
            remove(file);
        }
        return file;
    }

    /** Closes what is too much. Called without a file's lock. */
    void trim() {
        closeBeyond(LIMIT);
    }

    /** Closes all, when the process has no descriptor left. May be called with one file's lock held. */
    void closeAll() {
        closeBeyond(0);
    }

    private void closeBeyond(int limit) {
        for (GoferRegular file = oldestBeyond(limit); file != null; file = oldestBeyond(limit)) {
            file.closeIdle();
        }
    }
}
