package sentry.core.fs.pipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static sentry.core.vfs.TestTree.fails;
import static sentry.core.vfs.TestTree.get;
import static sentry.core.vfs.TestTree.put;

import java.util.Random;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.memory.KernelBuffer;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Namei;
import sentry.core.vfs.TestTree;

class PipeTest {
    private final PipeEnd[] ends = PipeFileSystem.INSTANCE.create(0, 0, 0);
    private final PipeEnd reader = ends[0];
    private final PipeEnd writer = ends[1];

    @Test
    void carriesBytesInOrder() throws ErrnoException {
        put(writer, "hello ");
        put(writer, "world");
        assertEquals("hello wo", get(reader, 8));
        assertEquals("rld", get(reader, 8));
        fails(Errno.EAGAIN, () -> get(reader, 8));
        put(writer, "x");
        writer.release();
        assertEquals("x", get(reader, 8));
        assertEquals("", get(reader, 8));
    }

    @Test
    void smallWritesAreWhole() throws ErrnoException {
        assertEquals(65536 - 100, put(writer, "x".repeat(65536 - 100)));
        assertEquals(FileDescription.WOULD_BLOCK, put(writer, "y".repeat(101)));
        assertEquals(100, put(writer, "z".repeat(5000)));
        assertEquals(FileDescription.WOULD_BLOCK, put(writer, "z"));
        assertEquals(0, writer.poll(PollEvents.WRITABLE));
        get(reader, 4095);
        assertEquals(0, writer.poll(PollEvents.WRITABLE));
        get(reader, 1);
        assertEquals(PollEvents.POLLOUT | PollEvents.POLLWRNORM, writer.poll(PollEvents.WRITABLE));
    }

    @Test
    void aPipeWithoutReadersBreaks() {
        reader.release();
        assertEquals(PollEvents.POLLERR, writer.poll(0));
        fails(Errno.EPIPE, () -> put(writer, "x"));
    }

    @Test
    void hangsUp() throws ErrnoException {
        assertEquals(0, reader.poll(PollEvents.READABLE));
        put(writer, "x");
        writer.release();
        assertEquals(
                PollEvents.POLLIN | PollEvents.POLLRDNORM | PollEvents.POLLHUP, reader.poll(PollEvents.READABLE));
    }

    @Test
    void resizes() throws ErrnoException {
        Pipe pipe = writer.pipe();
        assertEquals(4096, pipe.resize(1));
        assertEquals(8192, pipe.resize(4097));
        put(writer, "x".repeat(8000));
        fails(Errno.EBUSY, () -> pipe.resize(4096));
        assertEquals(1 << 20, pipe.resize(1 << 20));
        assertEquals((1 << 20) - 8000, put(writer, "x".repeat(1 << 20)));
    }

    /** Random sizes round the ring against a running count. */
    @Test
    void keepsTheStream() throws ErrnoException {
        Random random = new Random(7);
        long written = 0;
        long read = 0;
        byte[] b = new byte[70_000];
        for (int i = 0; i < 5000; i++) {
            int n = random.nextInt(random.nextInt(10) == 0 ? 70_000 : 3000) + 1;
            if (random.nextBoolean()) {
                for (int k = 0; k < n; k++) {
                    b[k] = (byte) ((written + k) * 31 >> 3);
                }
                long done = writer.write(null, KernelBuffer.of(b, 0, n));
                written += Math.max(0, done);
            } else {
                long done = reader.read(null, KernelBuffer.of(b, 0, n));
                for (int k = 0; k < done; k++) {
                    assertEquals((byte) ((read + k) * 31 >> 3), b[k]);
                }
                read += Math.max(0, done);
            }
        }
        assertEquals(written - read, writer.pipe().size());
    }

    @Test
    void fifosMeet() throws ErrnoException {
        TestTree t = new TestTree();
        Namei.mknod(t.walk(), t.root(), "/p", 0010666, 0);
        fails(Errno.ENXIO, () -> t.open("/p", Fcntl.O_WRONLY | Fcntl.O_NONBLOCK));
        FileDescription r = t.open("/p", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
        assertEquals(0, r.poll(PollEvents.READABLE));
        FileDescription w = t.open("/p", Fcntl.O_WRONLY | Fcntl.O_NONBLOCK);
        put(w, "through");
        assertEquals("through", get(r, 100));
        w.release();
        assertEquals(PollEvents.POLLHUP, r.poll(PollEvents.READABLE));
        r.release();
        FileDescription both = t.open("/p", Fcntl.O_RDWR);
        put(both, "self");
        assertEquals("self", get(both, 100));
        both.release();
    }
}
