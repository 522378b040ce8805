package sentry.core.fs.aio;

import java.util.concurrent.LinkedBlockingQueue;

/** Tidies up after polls that have come true; made with the first. */
final class AioReaper extends Thread {
    private static AioReaper one;

    private final LinkedBlockingQueue<AioPoll> leaving = new LinkedBlockingQueue<>();

    private AioReaper() {
        super("aio");
        setDaemon(true);
    }

    /** {@code poll} leaves its file's queue soon, and gives up its references. */
    static synchronized void leave(AioPoll poll) {
        if (one == null) {
            one = new AioReaper();
            one.start();
        }
        one.leaving.add(poll);
    }

    @Override
    public void run() {
        for (; ; ) {
            try {
                AioPoll poll = leaving.take();
                poll.leave();
                poll.releaseAll();
            } catch (InterruptedException e) {
                // nobody interrupts us with a meaning
            }
        }
    }
}
