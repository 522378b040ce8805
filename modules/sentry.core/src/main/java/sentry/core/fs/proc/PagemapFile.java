package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.Positions;
import sentry.core.fs.pseudo.PseudoInode;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;

/** /proc/PID/pagemap: eight bytes for each page of the address space. Page frame numbers are 0, as for most readers. */
final class PagemapFile extends PseudoInode {
    private static final int ENTRY = 8;
    private static final int PAGE = 4096;
    /** Entries made at once. */
    private static final int STEP = 512;

    private final Subject subject;

    PagemapFile(Subject subject, long ino) {
        super(subject.fs(), ino, S_IFREG | 0400);
        this.subject = subject;
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        subject.requireInspectable(task);
        return new OpenPagemap(path, flags, subject.memory());
    }

    private static final class OpenPagemap extends FileDescription {
        private final MemoryManager memory;
        private long position;

        OpenPagemap(VfsPath path, int flags, MemoryManager memory) {
            super(path, flags);
            this.memory = memory;
        }

        @Override
        public synchronized long read(Task task, IoBuffer target) throws ErrnoException {
            long n = pread(task, target, position);
            position += n;
            return n;
        }

        @Override
        public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
            if (memory == null) {
                return 0;
            }
            if ((offset & ENTRY - 1) != 0 || (target.remaining() & ENTRY - 1) != 0) {
                throw Errno.EINVAL.error();
            }
            long[] entries = new long[STEP];
            byte[] bytes = new byte[STEP * ENTRY];
            long last = memory.maxAddress() / PAGE;
            long done = 0;
            for (long page = offset / ENTRY; target.remaining() > 0 && page < last; ) {
                int n = (int) Math.min(Math.min(STEP, last - page), target.remaining() / ENTRY);
                memory.pagemap(page * PAGE, entries, n);
                for (int i = 0; i < n * ENTRY; i++) {
                    bytes[i] = (byte) (entries[i / ENTRY] >>> 8 * (i % ENTRY));
                }
                int put = target.put(bytes, 0, n * ENTRY);
                done += put;
                page += n;
                if (put < n * ENTRY) {
                    break;
                }
            }
            return done;
        }

        @Override
        public synchronized long seek(Task task, long offset, int whence) throws ErrnoException {
            position = Positions.seek(position, offset, whence, -1);
            return position;
        }

        @Override
        public synchronized long position() {
            return position;
        }
    }
}
