package sentry.core.fs.notify;

import sentry.core.vfs.Inode;
import sentry.core.vfs.Mark;

/** A watch descriptor's watch. */
final class Watch extends Mark {
    private final NotifyFile owner;
    private final int wd;
    /** IN_ONESHOT: the first event ends it. */
    private volatile boolean once;

    Watch(NotifyFile owner, int wd, Inode inode) {
        super(inode);
        this.owner = owner;
        this.wd = wd;
    }

    int wd() {
        return wd;
    }

    boolean once() {
        return once;
    }

    void setOnce(boolean value) {
        once = value;
    }

    @Override
    protected void event(int events, String name, int cookie) {
        owner.happened(this, events, name, cookie);
    }

    @Override
    protected void gone(boolean unmounted) {
        owner.gone(this, unmounted);
    }
}
