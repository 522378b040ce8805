package sentry.core.fs.pseudo;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;

/** A regular file whose text is made when it is read. */
public abstract class GeneratedFile extends PseudoInode {
    /** The most that one write may carry. */
    private static final int WRITE_LIMIT = 65536;

    protected GeneratedFile(PseudoFileSystem fs, int permissions) {
        this(fs, fs.nextIno(), permissions);
    }

    protected GeneratedFile(PseudoFileSystem fs, long ino, int permissions) {
        super(fs, ino, S_IFREG | permissions);
    }

    /** Makes the file's text for {@code reader} (null inside the kernel). */
    protected abstract void generate(Task reader, Text out) throws ErrnoException;

    /** Takes what one write(2) brought. */
    protected void store(Task writer, byte[] data) throws ErrnoException {
        throw Errno.EIO.error();
    }

    /** Whether all but reading from the start finds the end: so Linux reads numeric settings. */
    protected boolean readInOneGo() {
        return false;
    }

    /** A last check when the file is opened. */
    protected void checkOpen(Task task, int flags) throws ErrnoException {}

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        checkOpen(task, flags);
        return new OpenFile(path, flags, this);
    }

    private static final class OpenFile extends FileDescription {
        private final GeneratedFile file;
        /** Guarded by this, as is {@link #position}. The text as of the last read from the start. */
        private byte[] text;

        private long position;

        OpenFile(VfsPath path, int flags, GeneratedFile file) {
            super(path, flags);
            this.file = file;
        }

        @Override
        public synchronized long read(Task task, IoBuffer target) throws ErrnoException {
            long n = pread(task, target, position);
            position += n;
            return n;
        }

        @Override
        public synchronized long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
            if (offset > 0 && file.readInOneGo()) {
                return 0;
            }
            if (text == null || offset == 0) {
                Text out = new Text();
                file.generate(task, out);
                text = out.toBytes();
            }
            if (offset >= text.length) {
                return 0;
            }
            return target.put(text, (int) offset, text.length - (int) offset);
        }

        @Override
        public long write(Task task, IoBuffer source) throws ErrnoException {
            if (source.remaining() > WRITE_LIMIT) {
                throw Errno.EINVAL.error();
            }
            byte[] data = new byte[(int) source.remaining()];
            int n = source.get(data, 0, data.length);
            file.store(task, n == data.length ? data : java.util.Arrays.copyOf(data, n));
            synchronized (this) {
                position += n;
                text = null;
            }
            return n;
        }

        @Override
        public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
            return write(task, source);
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
