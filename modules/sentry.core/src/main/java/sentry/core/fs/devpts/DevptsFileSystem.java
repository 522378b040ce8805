package sentry.core.fs.devpts;

import java.util.TreeMap;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.tty.PtyMaster;
import sentry.core.tty.Terminals;
import sentry.core.tty.Tty;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Mount;
import sentry.core.vfs.VfsPath;

/** One instance of devpts: a set of pseudo-terminals. */
public final class DevptsFileSystem extends PseudoFileSystem implements PtyMaster.Owner {
    private static final long DEVPTS_SUPER_MAGIC = 0x1cd1;
    /** The inode number of terminal N is N plus this, as in Linux. */
    private static final int FIRST_INO = 3;

    private final Kernel kernel;
    private final DevptsOptions options;
    private final Root root;
    /** By number. Guarded by this. */
    private final TreeMap<Integer, TerminalInode> terminals = new TreeMap<>();

    DevptsFileSystem(Kernel kernel, DevptsOptions options) {
        super("devpts", DEVPTS_SUPER_MAGIC);
        this.kernel = kernel;
        this.options = options;
        this.root = new Root(this);
    }

    /** Makes /dev/ptmx known: it belongs to the instance that is mounted on "pts" beside the node. */
    public static void register(DeviceRegistry registry) {
        registry.character(Terminals.AUXILIARY_MAJOR, Terminals.PTMX_MINOR, (path, flags, task) -> {
            DevptsFileSystem fs = instanceFor(path, task);
            if (fs == null) {
                throw Errno.ENODEV.error();
            }
            return fs.openMaster(path, flags, task);
        });
    }

    private static DevptsFileSystem instanceFor(VfsPath ptmx, Task task) {
        if (ptmx.mount().fileSystem() instanceof DevptsFileSystem fs) {
            return fs;
        }
        if (task == null) {
            return null;
        }
        Dentry directory = ptmx.dentry().parent();
        for (Mount mount : task.namespaces().mounts().mounts()) {
            VfsPath at = mount.mountpoint();
            if (at != null
                    && at.mount() == ptmx.mount()
                    && at.dentry().parent() == directory
                    && at.dentry().name().equals("pts")
                    && mount.fileSystem() instanceof DevptsFileSystem fs) {
                return fs;
            }
        }
        return null;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public String options() {
        return options.text();
    }

    /** Makes a new terminal and opens its master. ENOSPC when there are too many. */
    PtyMaster openMaster(VfsPath path, int flags, Task task) throws ErrnoException {
        Tty tty;
        synchronized (this) {
            int index = 0;
            for (int taken : terminals.keySet()) {
                if (taken != index) {
                    break;
                }
                index++;
            }
            if (index >= options.limit()) {
                throw Errno.ENOSPC.error();
            }
            tty = new Tty(kernel, index);
            int uid = options.uid() >= 0 ? options.uid() : task == null ? 0 : task.credentials().fsuid();
            int gid = options.gid() >= 0 ? options.gid() : task == null ? 0 : task.credentials().fsgid();
            terminals.put(index, new TerminalInode(this, FIRST_INO + index, tty, options.mode(), uid, gid));
        }
        return new PtyMaster(tty, path, flags, this);
    }

    /** A new terminal for the container itself, unlocked; {@code mount} is where this instance is mounted. */
    public PtyMaster newTerminal(Mount mount, int flags) throws ErrnoException {
        PtyMaster master = openMaster(new VfsPath(mount, mount.root()), flags, null);
        master.tty().unlock();
        return master;
    }

    /** Where terminal {@code tty} is seen in {@code mount}. */
    public VfsPath pathOf(Mount mount, Tty tty) {
        TerminalInode inode = terminal(tty.index());
        return new VfsPath(mount, new Dentry(mount.root(), Integer.toString(tty.index()), inode));
    }

    @Override
    public FileDescription openTerminal(PtyMaster master, int flags, Task task) throws ErrnoException {
        Tty tty = master.tty();
        VfsPath path = master.path();
        Mount mount = path.mount();
        if (mount.fileSystem() != this) {
            for (Mount m : task.namespaces().mounts().mounts()) {
                if (m.fileSystem() == this) {
                    mount = m;
                }
            }
        }
        return Terminals.open(tty, pathOf(mount, tty), flags, task);
    }

    @Override
    public synchronized void closed(Tty tty) {
        terminals.remove(tty.index());
    }

    private synchronized TerminalInode terminal(int index) {
        return terminals.get(index);
    }

    private synchronized TerminalInode next(int from) {
        var e = terminals.ceilingEntry(from);
        return e == null ? null : e.getValue();
    }

    private static final class Root extends PseudoDirectory {
        private final DevptsFileSystem fs;

        Root(DevptsFileSystem fs) {
            super(fs, 0755);
            this.fs = fs;
            add("ptmx", new PtmxInode(fs, fs.options.ptmxMode()));
        }

        @Override
        public Inode lookup(String name) throws ErrnoException {
            Inode fixed = super.lookup(name);
            int index = fixed != null ? -1 : number(name);
            return index < 0 ? fixed : fs.terminal(index);
        }

        @Override
        public boolean caches(String name, Inode found) {
            return found instanceof PtmxInode;
        }

        @Override
        protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
            if (!super.list(task, from, sink)) {
                return false;
            }
            long first = afterFixed();
            for (TerminalInode t = fs.next((int) Math.max(0, Math.min(from - first, Integer.MAX_VALUE)));
                    t != null;
                    t = fs.next(t.tty().index() + 1)) {
                int index = t.tty().index();
                if (!sink.entry(Integer.toString(index), t.ino(), t.direntType(), first + index + 1)) {
                    return false;
                }
            }
            return true;
        }

        private static int number(String name) {
            if (name.length() > 9 || name.length() > 1 && name.charAt(0) == '0') {
                return -1;
            }
            int n = 0;
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c < '0' || c > '9') {
                    return -1;
                }
                n = n * 10 + c - '0';
            }
            return n;
        }
    }

    /** The device number of ptmx. */
    static final long PTMX = DeviceNumber.of(Terminals.AUXILIARY_MAJOR, Terminals.PTMX_MINOR);
}
