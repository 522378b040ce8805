package sentry.core.ipc;

import java.lang.ref.Cleaner;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.Mappable;
import sentry.core.memory.MappingObserver;
import sentry.core.memory.SharedAnonymous;
import sentry.core.task.Pid;
import sentry.core.task.Task;

/** A shared memory segment (shmget(2)). Its memory is given back when it is removed and nobody has it attached. */
public final class ShmSegment extends IpcObject implements Mappable {
    /** Most segments (/proc/sys/kernel/shmmni). */
    public static final int MOST = 4096;
    /** Largest segment, and most pages in all (shmmax, shmall), as Linux has them. */
    public static final long LARGEST = -1L - (1 << 24);

    /** In {@link #mode()}: to be destroyed with the last detach. */
    public static final int DEST = 01000;
    /** In {@link #mode()}: SHM_LOCK. */
    public static final int LOCKED = 02000;

    private final IpcNamespace namespace;
    private final SharedAnonymous memory;
    private final long size;
    private final Cleaner.Cleanable release;
    private final Pid creator;
    private Pid last;
    private int attached;
    private long attachTime;
    private long detachTime;

    private ShmSegment(IpcNamespace namespace, int key, int mode, long size, Task task) {
        super(namespace.owner(), key, mode, task.credentials());
        this.namespace = namespace;
        this.size = size;
        this.creator = task.group().id();
        this.memory = new SharedAnonymous(namespace.memory(), size + 4095 & -4096);
        memory.addMapping(null); // the segment's own, until it is destroyed
        release = Release.of(this, memory);
    }

    /** Gives the memory back: when the segment is destroyed, or has gone with its namespace. Loaded with the first one. */
    private static final class Release {
        private static final Cleaner CLEANER = Cleaner.create();

        static Cleaner.Cleanable of(ShmSegment segment, SharedAnonymous memory) {
            return CLEANER.register(segment, () -> memory.removeMapping(null));
        }
    }

    /** shmget(2). */
    public static int get(Task task, int key, long size, int flags) throws ErrnoException {
        IpcNamespace namespace = task.namespaces().ipc();
        return namespace.shm().get(
                key,
                flags,
                task.credentials(),
                s -> {
                    if (Long.compareUnsigned(s.size, size) < 0) {
                        throw Errno.EINVAL.error();
                    }
                },
                () -> {
                    if (size == 0 || Long.compareUnsigned(size, namespace.limits().segment) > 0) {
                        throw Errno.EINVAL.error();
                    }
                    long pages = (size + 4095) >>> 12;
                    for (ShmSegment s : namespace.shm().list()) {
                        pages += (s.bytes() + 4095) >>> 12;
                    }
                    if (Long.compareUnsigned(pages, namespace.limits().segmentPages) > 0) {
                        throw Errno.ENOSPC.error();
                    }
                    // Linux has the address space of its own for this limit; we have the memory file.
                    if (size < 0 || size > namespace.memory().size()) {
                        throw Errno.ENOMEM.error();
                    }
                    return new ShmSegment(namespace, key, flags, size, task);
                });
    }

    /** Bytes, as shmget(2) asked. */
    public long bytes() {
        return size;
    }

    public Pid creator() {
        return creator;
    }

    /** Who attached or detached last, or null. */
    public synchronized Pid last() {
        return last;
    }

    /** Vmas that show it. */
    public synchronized int attached() {
        return attached;
    }

    /** Seconds since the epoch, 0 for never. */
    public synchronized long attachTime() {
        return attachTime;
    }

    public synchronized long detachTime() {
        return detachTime;
    }

    /** {@code task} is about to attach it, until {@link #unpin}: it stays. EIDRM when it has been destroyed. */
    public synchronized void pin() throws ErrnoException {
        if (removed()) {
            throw Errno.EIDRM.error();
        }
        attached++;
    }

    public void unpin() {
        boolean now;
        synchronized (this) {
            attached--;
            now = attached == 0 && (mode & DEST) != 0;
        }
        if (now) {
            destroy();
        }
    }

    /** {@code task} has attached it. */
    public synchronized void attachedBy(Task task) {
        last = task.group().id();
        attachTime = now();
    }

    /** SHM_LOCK and SHM_UNLOCK. */
    public synchronized void setLocked(boolean on) {
        mode = on ? mode | LOCKED : mode & ~LOCKED;
    }

    /** IPC_RMID: at once, or when the last one detaches it. */
    public void remove() {
        boolean now;
        synchronized (this) {
            now = attached == 0;
            mode |= DEST;
        }
        namespace.shm().forgetKey(this);
        if (now) {
            destroy();
        }
    }

    private void destroy() {
        if (namespace.shm().remove(this)) {
            release.clean();
        }
    }

    /** Bytes that take up memory. */
    public long resident() {
        return memory.resident();
    }

    // Mappable.

    @Override
    public Run run(long offset, long length, boolean write) throws ErrnoException {
        return memory.run(offset, length, write);
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public int read(long offset, byte[] target, int from, int length) throws ErrnoException {
        return memory.read(offset, target, from, length);
    }

    @Override
    public int write(long offset, byte[] source, int from, int length) throws ErrnoException {
        return memory.write(offset, source, from, length);
    }

    @Override
    public synchronized void addMapping(MappingObserver observer) {
        attached++;
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        boolean now;
        synchronized (this) {
            attached--;
            detachTime = now();
            Task task = sentry.core.kernel.Kernel.current();
            if (task != null) {
                last = task.group().id();
            }
            now = attached == 0 && (mode & DEST) != 0;
        }
        if (now) {
            destroy();
        }
    }

    @Override
    public Object identity() {
        return this;
    }
}
