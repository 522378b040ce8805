package sentry.core.task;

import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.fs.anon.AnonymousFiles;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitEntry;

/** A pidfd (pidfd_open(2)): stands for a process and stays with it, whatever becomes of its number. */
public final class PidFile extends FileDescription {
    /** Null only while clone(2) has not made the process yet. */
    private volatile ThreadGroup group;

    /** @param flags O_NONBLOCK or 0 */
    public PidFile(ThreadGroup group, int flags) {
        super(AnonymousFiles.INSTANCE.path("anon_inode:[pidfd]"), Fcntl.O_RDWR | flags);
        this.group = group;
    }

    void setGroup(ThreadGroup value) {
        group = value;
    }

    public ThreadGroup group() {
        return group;
    }

    @Override
    public boolean pollable() {
        return true;
    }

    /** Readable when the process has ended. */
    @Override
    public int poll(int mask) {
        ThreadGroup g = group;
        return g != null && g.zombie() ? mask & (PollEvents.POLLIN | PollEvents.POLLRDNORM) : 0;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        ThreadGroup g = group;
        if (g != null) {
            g.exitEvents().add(entry, mask);
        }
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        ThreadGroup g = group;
        if (g != null) {
            g.exitEvents().remove(entry);
        }
    }

    @Override
    public String fdinfo() {
        ThreadGroup g = group;
        if (g == null || g.state() == ThreadGroup.State.DEAD) {
            return "Pid:\t-1\nNSpid:\t-1\n";
        }
        Task reader = Kernel.current();
        PidNamespace pids = reader == null ? g.id().namespace() : reader.namespaces().pid();
        StringBuilder text = new StringBuilder("Pid:\t").append(g.pid(pids)).append("\nNSpid:");
        int[] numbers = g.id().numbersFrom(pids);
        if (numbers.length == 0) {
            text.append("\t0");
        }
        for (int number : numbers) {
            text.append('\t').append(number);
        }
        return text.append('\n').toString();
    }
}
