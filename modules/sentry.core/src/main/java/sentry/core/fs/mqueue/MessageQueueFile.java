package sentry.core.fs.mqueue;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;

/** An open message queue. */
public final class MessageQueueFile extends FileDescription {
    private final MessageQueueInode queue;
    private long position;

    MessageQueueFile(MessageQueueInode queue, VfsPath path, int flags) {
        super(path, flags & ~(Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC));
        this.queue = queue;
    }

    public MessageQueueInode queue() {
        return queue;
    }

    @Override
    protected void closed() {
        queue.closed();
    }

    /** Whoever closes a descriptor of a queue gives its notification up. */
    @Override
    public void flush(Task task) {
        if (task != null) {
            queue.forget(task.group());
        }
    }

    @Override
    public synchronized long read(Task task, IoBuffer target) throws ErrnoException {
        long n = pread(task, target, position);
        position += n;
        return n;
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        byte[] text = queue.text(task).getBytes(StandardCharsets.ISO_8859_1);
        return offset >= text.length ? 0 : target.put(text, (int) offset, text.length - (int) offset);
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    @Override
    public synchronized long seek(Task task, long offset, int whence) throws ErrnoException {
        long target = switch (whence) {
            case Fcntl.SEEK_SET -> offset;
            case Fcntl.SEEK_CUR -> position + offset;
            case Fcntl.SEEK_END -> queue.size() + offset;
            default -> throw Errno.EINVAL.error();
        };
        if (target < 0) {
            throw Errno.EINVAL.error();
        }
        position = target;
        return target;
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public int poll(int mask) {
        return queue.poll(mask);
    }

    @Override
    public boolean pollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        queue.events().add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.events().remove(entry);
    }
}
