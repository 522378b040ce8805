package sentry.core.fs.anon;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.UserfaultAbi;
import sentry.core.memory.MemoryFile;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.Userfault;
import sentry.core.memory.UserMemory;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/** userfaultfd(2): faults of the maker's memory as messages, and the ioctls that resolve them (ioctl_userfaultfd(2)). */
public final class UserfaultFile extends AnonymousFile {
    private static final long PAGE_MASK = MemoryFile.PAGE - 1;

    private final Userfault faults;

    /** @param flags O_NONBLOCK or 0 */
    public UserfaultFile(MemoryManager mm, boolean userModeOnly, int flags) {
        this(new Userfault(mm, userModeOnly), flags);
    }

    private UserfaultFile(Userfault faults, int flags) {
        super("anon_inode:[userfaultfd]", flags, faults.events());
        this.faults = faults;
    }

    @Override
    protected void closed() {
        faults.close();
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (!faults.agreed()) {
            throw Errno.EINVAL.error();
        }
        long done = 0;
        while (target.remaining() >= UserfaultAbi.MESSAGE_SIZE) {
            Userfault.Waiting w = faults.next();
            if (w == null) {
                return done > 0 ? done : WOULD_BLOCK;
            }
            byte[] b = new byte[UserfaultAbi.MESSAGE_SIZE];
            b[0] = UserfaultAbi.EVENT_PAGEFAULT;
            put(b, 8, w.flags());
            put(b, 16, faults.has(UserfaultAbi.FEATURE_EXACT_ADDRESS) ? w.address() : w.address() & ~PAGE_MASK);
            if (faults.has(UserfaultAbi.FEATURE_THREAD_ID)) {
                put(b, 24, w.task().id().in(w.task().namespaces().pid()));
            }
            done += target.put(b, 0, b.length);
        }
        if (done == 0) {
            throw Errno.EINVAL.error();
        }
        return done;
    }

    private static void put(byte[] b, int at, long value) {
        for (int i = 0; i < 8; i++) {
            b[at + i] = (byte) (value >>> 8 * i);
        }
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        UserMemory memory = task.memory();
        if (command == UserfaultAbi.UFFDIO_API) {
            api(memory, argument);
            return 0;
        }
        if (!faults.agreed()) {
            throw Errno.EINVAL.error();
        }
        switch (command) {
            case UserfaultAbi.UFFDIO_REGISTER -> register(memory, argument);
            case UserfaultAbi.UFFDIO_UNREGISTER -> {
                long start = memory.getLong(argument);
                long length = memory.getLong(argument + 8);
                faults.checkRange(start, length);
                faults.unregister(start, length);
            }
            case UserfaultAbi.UFFDIO_WAKE -> {
                long start = memory.getLong(argument);
                long length = memory.getLong(argument + 8);
                faults.checkRange(start, length);
                faults.wake(start, length);
            }
            case UserfaultAbi.UFFDIO_COPY -> copy(task, argument);
            case UserfaultAbi.UFFDIO_ZEROPAGE -> zero(memory, argument);
            case UserfaultAbi.UFFDIO_WRITEPROTECT -> protect(memory, argument);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    private void api(UserMemory memory, long argument) throws ErrnoException {
        byte[] in = new byte[24];
        memory.read(argument, in, 0, in.length);
        long features = memory.getLong(argument + 8);
        if (memory.getLong(argument) != UserfaultAbi.UFFD_API
                || (features & ~UserfaultAbi.FEATURES) != 0
                || faults.agreed()) {
            memory.fill(argument, 24, (byte) 0);
            throw Errno.EINVAL.error();
        }
        memory.putLong(argument + 8, UserfaultAbi.FEATURES);
        memory.putLong(argument + 16, UserfaultAbi.API_IOCTLS);
        if (!faults.agree(features)) {
            throw Errno.EINVAL.error();
        }
    }

    private void register(UserMemory memory, long argument) throws ErrnoException {
        long start = memory.getLong(argument);
        long length = memory.getLong(argument + 8);
        long modes = memory.getLong(argument + 16);
        long known = UserfaultAbi.REGISTER_MODE_MISSING | UserfaultAbi.REGISTER_MODE_WP;
        if (modes == 0 || (modes & ~known) != 0) {
            throw Errno.EINVAL.error(); // minor faults are of shared memory, which cannot be registered here
        }
        faults.checkRange(start, length);
        faults.register(start, length, (int) modes);
        boolean protects = (modes & UserfaultAbi.REGISTER_MODE_WP) != 0;
        memory.putLong(
                argument + 24,
                UserfaultAbi.RANGE_IOCTLS | (protects ? UserfaultAbi.WRITEPROTECT_IOCTL : 0));
    }

    private void copy(Task task, long argument) throws ErrnoException {
        UserMemory memory = task.memory();
        long start = memory.getLong(argument);
        long from = memory.getLong(argument + 8);
        long length = memory.getLong(argument + 16);
        long mode = memory.getLong(argument + 24);
        faults.checkRange(start, length);
        if ((mode & ~(UserfaultAbi.COPY_MODE_DONTWAKE | UserfaultAbi.COPY_MODE_WP)) != 0 || from + length <= from && from >= 0) {
            throw Errno.EINVAL.error();
        }
        boolean quiet = (mode & UserfaultAbi.COPY_MODE_DONTWAKE) != 0;
        fill(memory, argument + 32, task.mm(), from, start, length, (mode & UserfaultAbi.COPY_MODE_WP) != 0, quiet);
    }

    private void zero(UserMemory memory, long argument) throws ErrnoException {
        long start = memory.getLong(argument);
        long length = memory.getLong(argument + 8);
        long mode = memory.getLong(argument + 16);
        faults.checkRange(start, length);
        if ((mode & ~UserfaultAbi.ZEROPAGE_MODE_DONTWAKE) != 0) {
            throw Errno.EINVAL.error();
        }
        fill(memory, argument + 24, null, 0, start, length, false, mode != 0);
    }

    /** Fills, and says at {@code result} how much, or why not. */
    private void fill(
            UserMemory memory,
            long result,
            MemoryManager source,
            long from,
            long start,
            long length,
            boolean protect,
            boolean quiet)
            throws ErrnoException {
        long done;
        try {
            done = faults.fill(source, from, start, length, protect, quiet);
        } catch (ErrnoException e) {
            memory.putLong(result, -e.errno().number());
            throw e;
        }
        memory.putLong(result, done);
        if (done < length) {
            throw Errno.EAGAIN.error();
        }
    }

    private void protect(UserMemory memory, long argument) throws ErrnoException {
        long start = memory.getLong(argument);
        long length = memory.getLong(argument + 8);
        long mode = memory.getLong(argument + 16);
        faults.checkRange(start, length);
        boolean on = (mode & UserfaultAbi.WRITEPROTECT_MODE_WP) != 0;
        boolean quiet = (mode & UserfaultAbi.WRITEPROTECT_MODE_DONTWAKE) != 0;
        if ((mode & ~(UserfaultAbi.WRITEPROTECT_MODE_WP | UserfaultAbi.WRITEPROTECT_MODE_DONTWAKE)) != 0 || on && quiet) {
            throw Errno.EINVAL.error();
        }
        faults.protect(start, length, on, quiet);
    }

    /** Only one that does not block can be polled. */
    @Override
    public int poll(int mask) {
        if (!faults.agreed() || (flags() & Fcntl.O_NONBLOCK) == 0) {
            return PollEvents.POLLERR;
        }
        return faults.unread() > 0 ? mask & PollEvents.POLLIN : 0;
    }

    @Override
    public String fdinfo() {
        return "pending:\t" + faults.unread() + "\ntotal:\t" + faults.waiting() + "\nAPI:\taa:"
                + Long.toHexString(UserfaultAbi.FEATURES) + ":" + Long.toHexString(UserfaultAbi.API_IOCTLS) + "\n";
    }
}
