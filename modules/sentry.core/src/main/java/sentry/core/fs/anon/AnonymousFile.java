package sentry.core.fs.anon;

import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/** An open file without a name, that events can be waited for on {@link #queue}. */
public abstract class AnonymousFile extends FileDescription {
    /** Who waits. Notified without locks of the file. */
    protected final WaitQueue queue;

    /**
     * @param name what /proc/PID/fd shows
     * @param flags O_ flags
     */
    protected AnonymousFile(String name, int flags) {
        this(name, flags, new WaitQueue());
    }

    AnonymousFile(String name, int flags, WaitQueue queue) {
        super(AnonymousFiles.INSTANCE.path(name), flags);
        this.queue = queue;
    }

    /** There is no position to move; Linux takes the call. */
    @Override
    public final long seek(Task task, long offset, int whence) {
        return 0;
    }

    @Override
    public final boolean pollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        queue.add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }
}
