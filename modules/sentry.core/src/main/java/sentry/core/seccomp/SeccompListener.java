package sentry.core.seccomp;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Resource;
import sentry.core.abi.Seccomp;
import sentry.core.arch.Registers;
import sentry.core.fs.anon.AnonymousFiles;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/** A filter's listener: the descriptor through which another program answers calls (seccomp_unotify(2)). */
public final class SeccompListener extends FileDescription {
    private enum State {
        WAITING,
        RECEIVED,
        ANSWERED
    }

    /** A call that waits for its answer. Guarded by the listener. */
    private static final class Request {
        final long id;
        final Task task;
        final int[] data;
        State state = State.WAITING;
        long value;
        int error;
        boolean goOn;

        Request(long id, Task task, int[] data) {
            this.id = id;
            this.task = task;
            this.data = data;
        }
    }

    private final boolean waitKillable;
    private final WaitQueue queue = new WaitQueue();
    private final List<Request> requests = new ArrayList<>();
    private long nextId;
    private boolean closed;
    private volatile boolean unused;

    /** @param waitKillable calls that were received are interrupted by fatal signals only */
    public SeccompListener(boolean waitKillable) {
        super(AnonymousFiles.INSTANCE.path("anon_inode:seccomp notify"), Fcntl.O_RDWR);
        this.waitKillable = waitKillable;
        this.nextId = System.nanoTime() & 0xffff_ffffL | 1L << 40; // not to be guessed by accident
    }

    /** No task has the filter any more. */
    void unused() {
        unused = true;
        queue.notify(PollEvents.POLLHUP);
    }

    /** Has the other program answer the call; true when it says that the call is to be made after all. */
    boolean ask(Task task, SyscallArgs args, Registers r) {
        Request q;
        synchronized (this) {
            if (closed) {
                r.setResult(-Errno.ENOSYS.number());
                return false;
            }
            q = new Request(nextId++, task, SeccompGate.words(args, r.ip()));
            requests.add(q);
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        for (;;) {
            task.sleeper().prepare();
            boolean received;
            synchronized (this) {
                if (q.state == State.ANSWERED) {
                    requests.remove(q);
                    break;
                }
                received = q.state == State.RECEIVED;
            }
            Sleeper.Wake wake = waitKillable && received
                    ? task.sleepKillable(Sleeper.FOREVER)
                    : task.sleep(Sleeper.FOREVER);
            if (wake == Sleeper.Wake.INTERRUPTED) {
                synchronized (this) {
                    requests.remove(q);
                    if (q.state != State.ANSWERED) {
                        r.setResult(-Errno.ERESTARTSYS.number());
                        return false;
                    }
                }
                break;
            }
        }
        if (q.goOn) {
            return true;
        }
        r.setResult(q.error != 0 ? q.error : q.value);
        return false;
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case Seccomp.IOCTL_NOTIF_RECV -> receive(task, argument);
            case Seccomp.IOCTL_NOTIF_SEND -> send(task.memory(), argument);
            case Seccomp.IOCTL_NOTIF_ID_VALID, Seccomp.IOCTL_NOTIF_ID_VALID_WRONG_DIR -> valid(
                    task.memory().getLong(argument));
            default -> {
                if ((command & 0xffff) != (Seccomp.IOCTL_NOTIF_ADDFD & 0xffff) || command >>> 30 != 1) {
                    throw Errno.EINVAL.error();
                }
                return addDescriptor(task, argument, command >>> 16 & 0x3fff);
            }
        }
        return 0;
    }

    private void receive(Task task, long address) throws ErrnoException {
        byte[] out = new byte[Seccomp.NOTIF_SIZE];
        UserMemory memory = task.memory();
        memory.read(address, out, 0, out.length);
        for (byte b : out) {
            if (b != 0) {
                throw Errno.EINVAL.error();
            }
        }
        Request q = await(task);
        put(out, 0, q.id, 8);
        put(out, 8, q.task.tid(task.namespaces().pid()), 4);
        for (int i = 0; i < q.data.length; i++) {
            put(out, 16 + 4 * i, q.data[i], 4);
        }
        try {
            memory.write(address, out, 0, out.length);
        } catch (ErrnoException e) {
            synchronized (this) {
                if (q.state == State.RECEIVED) {
                    q.state = State.WAITING;
                }
            }
            queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
            throw e;
        }
    }

    private Request await(Task task) throws ErrnoException {
        WaitEntry entry = task.waitEntry();
        queue.add(entry, PollEvents.POLLIN | PollEvents.POLLHUP);
        try {
            for (;;) {
                task.sleeper().prepare();
                synchronized (this) {
                    for (Request q : requests) {
                        if (q.state == State.WAITING) {
                            q.state = State.RECEIVED;
                            if (waitKillable) {
                                q.task.sleeper().wake(); // it goes to sleep more soundly
                            }
                            queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
                            return q;
                        }
                    }
                }
                if (unused) {
                    throw Errno.ENOENT.error();
                }
                if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    throw Errno.EINTR.error();
                }
            }
        } finally {
            queue.remove(entry);
        }
    }

    private synchronized Request find(long id) throws ErrnoException {
        for (Request q : requests) {
            if (q.id == id) {
                return q;
            }
        }
        throw Errno.ENOENT.error();
    }

    private synchronized void send(UserMemory memory, long address) throws ErrnoException {
        byte[] in = new byte[Seccomp.RESP_SIZE];
        memory.read(address, in, 0, in.length);
        long value = get(in, 8, 8);
        int error = (int) get(in, 16, 4);
        int flags = (int) get(in, 20, 4);
        boolean goOn = (flags & Seccomp.NOTIF_FLAG_CONTINUE) != 0;
        if ((flags & ~Seccomp.NOTIF_FLAG_CONTINUE) != 0 || goOn && (error != 0 || value != 0)) {
            throw Errno.EINVAL.error();
        }
        Request q = find(get(in, 0, 8));
        requireReceived(q);
        q.goOn = goOn;
        answer(q, value, error);
    }

    private static void requireReceived(Request q) throws ErrnoException {
        if (q.state != State.RECEIVED) {
            throw Errno.EINPROGRESS.error();
        }
    }

    private static void answer(Request q, long value, int error) {
        q.value = value;
        q.error = error;
        q.state = State.ANSWERED;
        q.task.sleeper().wake();
    }

    private synchronized void valid(long id) throws ErrnoException {
        if (find(id).state != State.RECEIVED) {
            throw Errno.ENOENT.error();
        }
    }

    private long addDescriptor(Task task, long address, int size) throws ErrnoException {
        if (size < Seccomp.ADDFD_SIZE || size >= 4096) {
            throw Errno.EINVAL.error();
        }
        byte[] in = new byte[size];
        task.memory().read(address, in, 0, size);
        for (int i = Seccomp.ADDFD_SIZE; i < size; i++) {
            if (in[i] != 0) {
                throw Errno.E2BIG.error();
            }
        }
        int flags = (int) get(in, 8, 4);
        int wanted = (int) get(in, 16, 4);
        int fileFlags = (int) get(in, 20, 4);
        boolean set = (flags & Seccomp.ADDFD_FLAG_SETFD) != 0;
        if ((fileFlags & ~Fcntl.O_CLOEXEC) != 0
                || (flags & ~(Seccomp.ADDFD_FLAG_SETFD | Seccomp.ADDFD_FLAG_SEND)) != 0
                || wanted != 0 && !set) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.fds().take((int) get(in, 12, 4));
        boolean done = false;
        try {
            synchronized (this) {
                Request q = find(get(in, 0, 8));
                requireReceived(q);
                int fd = install(q.task, file, set ? wanted : -1, (fileFlags & Fcntl.O_CLOEXEC) != 0);
                done = true;
                if ((flags & Seccomp.ADDFD_FLAG_SEND) != 0) {
                    answer(q, fd, 0);
                }
                return fd;
            }
        } finally {
            if (!done) {
                file.release();
            }
        }
    }

    private static int install(Task target, FileDescription file, int wanted, boolean closeOnExec) throws ErrnoException {
        long limit = target.group().rlimit(Resource.RLIMIT_NOFILE);
        if (wanted == -1) {
            return target.fds().install(file, 0, closeOnExec, limit);
        }
        if (wanted < 0 || wanted >= limit) {
            throw Errno.EBADF.error();
        }
        FileDescription old = target.fds().replace(wanted, file, closeOnExec);
        if (old != null) {
            old.release();
        }
        return wanted;
    }

    @Override
    protected void closed() {
        synchronized (this) {
            closed = true;
            for (Request q : requests) {
                if (q.state != State.ANSWERED) {
                    answer(q, 0, -Errno.ENOSYS.number());
                }
            }
        }
    }

    @Override
    public boolean pollable() {
        return true;
    }

    @Override
    public int poll(int mask) {
        int ready = unused ? PollEvents.POLLHUP : 0;
        synchronized (this) {
            for (Request q : requests) {
                if (q.state == State.WAITING) {
                    ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
                } else if (q.state == State.RECEIVED) {
                    ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
                }
            }
        }
        return ready & (mask | PollEvents.POLLHUP);
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        queue.add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    private static void put(byte[] b, int at, long value, int size) {
        for (int i = 0; i < size; i++) {
            b[at + i] = (byte) (value >>> 8 * i);
        }
    }

    private static long get(byte[] b, int at, int size) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | b[at + i] & 0xff;
        }
        return value;
    }
}
