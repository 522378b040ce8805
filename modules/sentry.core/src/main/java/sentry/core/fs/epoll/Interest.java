package sentry.core.fs.epoll;

import sentry.core.abi.PollEvents;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitEntry;

/** One file that an epoll watches. It waits in the file's queue as long as it exists. */
final class Interest extends WaitEntry {
    /** What is told unasked. It is part of {@link #events} until one-shot or the end switches the interest off. */
    static final int ALWAYS = PollEvents.POLLERR | PollEvents.POLLHUP;

    final EventPoll owner;
    final FileDescription file;
    final int fd;
    /** What to watch and how; guarded by the owner's monitor, read by notifications. */
    volatile int events;

    long data;

    // Place in the ready list; guarded by the list's lock.
    Interest nextReady;
    boolean ready;

    Interest(EventPoll owner, FileDescription file, int fd, int events, long data) {
        super(null);
        this.owner = owner;
        this.file = file;
        this.fd = fd;
        this.events = events;
        this.data = data;
    }

    /** Whether one-shot has switched it off. */
    boolean silenced() {
        return (events & ~EpollEvent.HOW) == 0;
    }

    static int mask(int events) {
        return events & ~EpollEvent.HOW | ALWAYS;
    }

    @Override
    protected void notified(int happened) {
        owner.happened(this);
    }
}
