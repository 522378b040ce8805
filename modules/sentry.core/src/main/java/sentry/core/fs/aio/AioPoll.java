package sentry.core.fs.aio;

import sentry.core.fs.anon.EventFile;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitEntry;

/** IOCB_CMD_POLL: a request that is done when its file is ready. It has a reference to the file, and to its eventfd. */
public final class AioPoll extends WaitEntry {
    /** All of poll(2)'s events: a wake-up tells more than was asked for, as Linux reports it. */
    private static final int ANY = 0xffff;

    private final AioContext context;
    private final FileDescription file;
    private final EventFile told;
    private final int events;
    private final long data;
    private final long object;

    /**
     * @param events with POLLERR and POLLHUP
     * @param object address of the iocb
     */
    public AioPoll(AioContext context, FileDescription file, EventFile told, int events, long data, long object) {
        super(null);
        this.context = context;
        this.file = file;
        this.told = told;
        this.events = events;
        this.data = data;
        this.object = object;
    }

    long object() {
        return object;
    }

    /** Begins to wait, unless the file is ready. The request is taken over, references and all. */
    public void start() {
        if (!context.add(this)) { // the context is going, or the program uses the same iocb twice: what is ready counts
            complete(file.poll(events) & events);
            return;
        }
        file.addWaiter(this, ANY);
        int ready = file.poll(events) & events;
        if (ready != 0 && context.take(this)) {
            leave();
            complete(ready);
        }
    }

    void leave() {
        file.removeWaiter(this);
    }

    /** The file's queue is locked. */
    @Override
    protected void notified(int happened) {
        if ((happened & events) != 0 && context.take(this)) {
            finished(happened);
            // Leaving the queue, and perhaps closing the file, must wait until its lock is free.
            AioReaper.leave(this);
        }
    }

    private void finished(int result) {
        context.complete(new AioContext.Event(data, object, result), told);
    }

    /** Reports the result and gives up the references. The queue has been left. */
    void complete(int result) {
        finished(result);
        releaseAll();
    }

    void releaseAll() {
        if (told != null) {
            told.release();
        }
        file.release();
    }
}
