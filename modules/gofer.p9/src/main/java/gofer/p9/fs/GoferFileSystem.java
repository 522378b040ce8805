package gofer.p9.fs;

import gofer.p9.client.Client;
import gofer.p9.client.FsStat;
import gofer.p9.client.P9Error;
import gofer.p9.client.Walked;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Protocol;
import host.linux.NativeArea;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.AnonymousDevices;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Inode;
import sentry.core.vfs.StatFs;

/** A tree of host files behind one gofer connection. */
public final class GoferFileSystem extends FileSystem {
    /** With the shared policy, how long an answer counts as just given: within one system call, say. */
    static final long FRESH_NANOS = 1_000_000;

    /** f_type of statfs(2): V9FS_MAGIC. */
    private static final long MAGIC = 0x01021997;
    /** Buffers for reads into the kernel. */
    private static final int BUFFERS = 8;

    static final int BUFFER_SIZE = 64 << 10;
    /** Names that listings brought and nobody looked up yet, at most. */
    private static final int LISTED_LIMIT = 32_000;

    /** A file of the host, for files with several names. */
    private record FileId(long dev, long ino) {}

    final Client client;
    final ReentrantReadWriteLock places = new ReentrantReadWriteLock();
    final IdleFiles idle = new IdleFiles();
    private final boolean shared;
    private final boolean readOnly;
    private final DeviceRegistry devices;
    private final long dev = AnonymousDevices.next();
    private final long rootDev;
    private final HashMap<Long, Long> otherDevs = new HashMap<>();
    private final GoferInode root;
    private final ConcurrentHashMap<FileId, GoferInode> linked = new ConcurrentHashMap<>();
    private final ArrayDeque<NativeArea> buffers = new ArrayDeque<>();
    private final ArrayDeque<GoferDirectory> listed = new ArrayDeque<>();
    private int listedNames;
    private final AtomicInteger openFiles = new AtomicInteger();

    /**
     * Attaches to the tree at the other end of {@code socketFd}, which passes to the filesystem.
     *
     * @param devices where device nodes of the tree lead, or null for nowhere
     * @param readOnly whether the gofer refuses changes anyway
     * @throws ErrnoException EPROTO when the peer does not speak our extension, EIO when it hangs up
     */
    public static GoferFileSystem attach(int socketFd, CachePolicy policy, boolean readOnly, DeviceRegistry devices)
            throws ErrnoException {
        Client client = null;
        boolean ok = false;
        try {
            client = Client.connect(socketFd, Protocol.DEFAULT_MSIZE);
            if (!client.extended()) {
                throw Errno.EPROTO.error();
            }
            int rootFid = client.newFid();
            client.attach(rootFid, "", "");
            Walked w = client.walkx(new gofer.p9.client.Names(rootFid), Protocol.NOFID, Protocol.WALK_SELF);
            GoferFileSystem fs =
                    new GoferFileSystem(client, policy, readOnly, devices, rootFid, w.attributes()[0], w.targets()[0]);
            ok = true;
            return fs;
        } catch (P9Error e) {
            throw error(e);
        } finally {
            if (!ok && client != null) {
                client.close();
            }
        }
    }

    private GoferFileSystem(
            Client client,
            CachePolicy policy,
            boolean readOnly,
            DeviceRegistry devices,
            int rootFid,
            Attributes attributes,
            String target) {
        this.client = client;
        this.shared = policy == CachePolicy.SHARED;
        this.readOnly = readOnly;
        this.devices = devices;
        this.rootDev = attributes.dev;
        root = make(attributes, target, null, "/");
        root.fid(rootFid);
    }

    /** The error of the kernel for one of the protocol. */
    static ErrnoException error(P9Error e) {
        return Errno.of(e.errno()).error();
    }

    boolean shared() {
        return shared;
    }

    DeviceRegistry devices() {
        return devices;
    }

    @Override
    public String type() {
        return "9p";
    }

    @Override
    public long dev() {
        return dev;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public String options() {
        return shared ? "trans=fd,cache=none" : "trans=fd,cache=loose";
    }

    @Override
    public StatFs statfs() throws ErrnoException {
        try {
            FsStat s = client.statfs(root.fid());
            return new StatFs(
                    MAGIC,
                    s.blockSize() & 0xffffffffL,
                    s.blocks(),
                    s.free(),
                    s.available(),
                    s.files(),
                    s.filesFree(),
                    s.nameMax());
        } catch (P9Error e) {
            throw error(e);
        }
    }

    @Override
    public boolean revalidate(Dentry dentry) throws ErrnoException {
        if (!shared) {
            return true;
        }
        Inode inode = dentry.inode();
        if (!(dentry.parent().inode() instanceof GoferDirectory directory)) {
            return true;
        }
        if (inode instanceof GoferDirectory known && System.nanoTime() - known.confirmed < FRESH_NANOS) {
            return true;
        }
        return directory.lookup(dentry.name()) == inode;
    }

    @Override
    public void release() {
        if (openFiles.get() == 0) {
            idle.closeAll();
            client.close();
        }
    }

    void opened() {
        openFiles.incrementAndGet();
    }

    void closed() {
        openFiles.decrementAndGet();
    }

    /** The device number for programs: host devices below the root, mounts of the host that is, get numbers of their own. */
    long device(long hostDev) {
        if (hostDev == rootDev) {
            return dev;
        }
        synchronized (otherDevs) {
            Long known = otherDevs.get(hostDev);
            if (known == null) {
                known = AnonymousDevices.next();
                otherDevs.put(hostDev, known);
            }
            return known;
        }
    }

    // Inodes.

    /** The inode for what was found as {@code name}; a file with several names has one inode for all of them. */
    GoferInode inode(Attributes a, String target, GoferDirectory parent, String name) {
        if (a.nlink > 1 && !a.isDirectory()) {
            FileId id = new FileId(a.dev, a.ino);
            GoferInode known = linked.get(id);
            if (known == null || ((known.mode() ^ a.mode) & 0xf000) != 0) {
                GoferInode made = make(a, target, parent, name);
                if (known == null) {
                    known = linked.putIfAbsent(id, made);
                } else {
                    linked.put(id, made);
                    known = null;
                }
                if (known == null) {
                    return made;
                }
            }
            Lock lock = places.writeLock();
            lock.lock();
            try {
                known.addName(parent, name);
            } finally {
                lock.unlock();
            }
            return known;
        }
        return make(a, target, parent, name);
    }

    private GoferInode make(Attributes a, String target, GoferDirectory parent, String name) {
        GoferInode made;
        if (a.isDirectory()) {
            made = new GoferDirectory(this, a, parent, name);
        } else if (a.isRegular()) {
            made = new GoferRegular(this, a, parent, name);
        } else if (a.isSymlink()) {
            made = new GoferSymlink(this, a, parent, name, target);
        } else {
            made = new GoferSpecial(this, a, parent, name);
        }
        if (shared) {
            made.confirmed = System.nanoTime();
        }
        return made;
    }

    /** {@code inode} got a second name: later look-ups of either must find it. */
    void remember(GoferInode inode) {
        Attributes a = inode.attributes();
        linked.putIfAbsent(new FileId(a.dev, a.ino), inode);
    }

    /** {@code inode} has no name any more: its number may come back as another file. */
    void forget(GoferInode inode) {
        Attributes a = inode.attributes();
        linked.remove(new FileId(a.dev, a.ino), inode);
    }

    // What listings brought.

    /** {@code directory} keeps {@code names} entries that nobody asked for; if there are too many, old ones go. */
    void listed(GoferDirectory directory, int names) {
        while (true) {
            GoferDirectory old = null;
            synchronized (listed) {
                if (directory != null) {
                    listed.add(directory);
                    listedNames += names;
                    directory = null;
                }
                if (listedNames > LISTED_LIMIT && listed.size() > 1) {
                    old = listed.poll();
                }
            }
            if (old == null) {
                return;
            }
            int dropped = old.dropListed();
            synchronized (listed) {
                listedNames -= dropped;
            }
        }
    }

    // Buffers.

    NativeArea takeBuffer() {
        synchronized (buffers) {
            NativeArea buffer = buffers.poll();
            if (buffer != null) {
                return buffer;
            }
        }
        return NativeArea.allocate(BUFFER_SIZE);
    }

    void giveBuffer(NativeArea buffer) {
        synchronized (buffers) {
            if (buffers.size() < BUFFERS) {
                buffers.add(buffer);
                return;
            }
        }
        buffer.close();
    }
}
