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

/** /proc/PID/mem: the process's memory, the offset being its addresses. */
final class MemFile extends PseudoInode {
    private static final int CHUNK = 65536;
    private final Subject subject;

    MemFile(Subject subject, long ino) {
        super(subject.fs(), ino, S_IFREG | 0600);
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
        return new OpenMemory(path, flags, subject);
    }

    private static final class OpenMemory extends FileDescription {
        private final Subject subject;
        /** The address space as of open(2): another program's is not read by mistake. Guarded by this: position. */
        private final MemoryManager memory;

        private long position;

        OpenMemory(VfsPath path, int flags, Subject subject) throws ErrnoException {
            super(path, flags);
            this.subject = subject;
            this.memory = subject.memory();
        }

        /** Whether the address space is still the task's; nothing to see once it is not. */
        private boolean live() {
            Task t = subject.taskOrNull();
            return t != null && !t.group().zombie() && memory != null && t.mm() == memory;
        }

        @Override
        public synchronized long read(Task task, IoBuffer target) throws ErrnoException {
            long n = pread(task, target, position);
            position += n;
            return n;
        }

        @Override
        public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
            long done = 0;
            while (target.remaining() > 0 && live()) {
                byte[] data = new byte[(int) Math.min(CHUNK, target.remaining())];
                int n = memory.readForced(offset + done, data, 0, data.length);
                if (n == 0) {
                    if (done == 0) {
                        throw Errno.EIO.error();
                    }
                    break;
                }
                int put = target.put(data, 0, n);
                done += put;
                if (n < data.length || put < n) {
                    break;
                }
            }
            return done;
        }

        @Override
        public synchronized long write(Task task, IoBuffer source) throws ErrnoException {
            long n = pwrite(task, source, position);
            position += n;
            return n;
        }

        @Override
        public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
            long done = 0;
            while (source.remaining() > 0 && live()) {
                byte[] data = new byte[(int) Math.min(CHUNK, source.remaining())];
                int got = source.get(data, 0, data.length);
                int n = memory.writeForced(offset + done, data, 0, got);
                if (n == 0) {
                    if (done == 0) {
                        throw Errno.EIO.error();
                    }
                    break;
                }
                done += n;
                if (n < got || got < data.length) {
                    break;
                }
            }
            return done;
        }

        @Override
        public synchronized long seek(Task task, long offset, int whence) throws ErrnoException {
            position = whence == 0 ? offset : Positions.seek(position, offset, whence, -1);
            return position;
        }

        @Override
        public synchronized long position() {
            return position;
        }
    }
}
