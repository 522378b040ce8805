package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.kernel.Kernel;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** The root of proc: files about the kernel, then processes by number. */
final class ProcRoot extends PseudoDirectory {
    /** The offset of process N is this plus N, so that listing goes on rightly when processes come and go. */
    private static final long PROCESSES = 256;

    private final ProcFileSystem fs;

    ProcRoot(ProcFileSystem fs) {
        super(fs, 0555);
        this.fs = fs;
        for (SystemFile.Kind kind : SystemFile.Kind.values()) {
            if (kind.inRoot()) {
                add(kind.fileName(), new SystemFile(fs, kind));
            }
        }
        PseudoDirectory terminals = directory("tty");
        terminals.add("drivers", new SystemFile(fs, SystemFile.Kind.TTY_DRIVERS));
        terminals.add("ldiscs", new SystemFile(fs, SystemFile.Kind.TTY_LDISCS));
        add("self", new SelfLink(fs, false));
        add("thread-self", new SelfLink(fs, true));
        add("mounts", new PseudoSymlink(fs, "self/mounts"));
        add("net", new PseudoSymlink(fs, "self/net"));
        add("sys", new SettingsDirectory(fs));
        SysvFile.addTo(fs, this);
    }

    /** The namespace whose processes are seen: the reader's. */
    private PidNamespace pids(Task reader) {
        return reader == null ? fs.kernel().tasks().rootPids() : reader.namespaces().pid();
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        int number = Numbers.parse(name);
        if (number < 0) {
            boolean hidden = fs.mountOptions().onlyProcesses() && !name.equals("self") && !name.equals("thread-self");
            return hidden ? null : super.lookup(name);
        }
        // A thread's number works as well, although it is not listed.
        PidNamespace pids = pids(Kernel.current());
        Pid pid = pids.find(number);
        Task task = pid == null ? null : pid.task();
        if (task == null || !visible(pid, pids, Kernel.current())) {
            return null;
        }
        return new TaskDirectory(fs, pid, pids, false);
    }

    private boolean visible(Pid pid, PidNamespace pids, Task reader) throws ErrnoException {
        ProcOptions options = fs.mountOptions();
        return options.hide() == ProcOptions.Hide.OFF
                || options.allows(new Subject(fs, pid, pids), reader, ProcOptions.Hide.INVISIBLE);
    }

    @Override
    public boolean caches(String name, Inode found) {
        return found != null && !(found instanceof TaskDirectory);
    }

    @Override
    protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
        if (from < PROCESSES && !fs.mountOptions().onlyProcesses() && !super.list(task, from, sink)) {
            return false;
        }
        PidNamespace pids = pids(task);
        for (ThreadGroup group : pids.processes()) {
            int number = group.pid(pids);
            if (PROCESSES + number >= from
                    && visible(group.id(), pids, task)
                    && !sink.entry(
                            Integer.toString(number), TaskDirectory.ino(number), 4, PROCESSES + number + 1)) {
                return false;
            }
        }
        return true;
    }
}
