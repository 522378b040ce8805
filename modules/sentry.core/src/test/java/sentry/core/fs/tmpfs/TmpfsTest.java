package sentry.core.fs.tmpfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sentry.core.vfs.TestTree.fails;
import static sentry.core.vfs.TestTree.get;
import static sentry.core.vfs.TestTree.put;
import static sentry.core.vfs.TestTree.putAt;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.memory.KernelBuffer;
import sentry.core.memory.Mappable;
import sentry.core.memory.MappingObserver;
import sentry.core.vfs.Attributes;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.TestTree;

class TmpfsTest {
    private TestTree t = new TestTree();

    @Test
    void readsWhatWasWritten() throws ErrnoException {
        FileDescription f = t.open("/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        assertEquals(5, put(f, "hello"));
        assertEquals(5, f.position());
        assertEquals("", get(f, 10));
        assertEquals(0, f.seek(null, 0, Fcntl.SEEK_SET));
        assertEquals("hel", get(f, 3));
        assertEquals("lo", get(f, 3));
        assertEquals(3, putAt(f, "XYZ", 10));
        assertEquals(13, f.seek(null, 0, Fcntl.SEEK_END));
        f.seek(null, 0, Fcntl.SEEK_SET);
        assertEquals("hello\0\0\0\0\0XYZ", get(f, 100));
        fails(Errno.EINVAL, () -> f.seek(null, -1, Fcntl.SEEK_SET));
        f.release();
    }

    @Test
    void appends() throws ErrnoException {
        t.write("/f", "abc");
        FileDescription f = t.open("/f", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        put(f, "d");
        f.seek(null, 0, Fcntl.SEEK_SET);
        put(f, "e");
        putAt(f, "f", 0);
        assertEquals(5, f.position());
        f.release();
        assertEquals("abcdef", t.read("/f"));
    }

    @Test
    void truncatesAndGrowsWithZeros() throws ErrnoException {
        t.write("/f", "0123456789");
        Attributes.truncate(null, t.find("/f"), 4);
        Attributes.truncate(null, t.find("/f"), 8);
        assertEquals("0123\0\0\0\0", t.read("/f"));
        FileDescription f = t.open("/f", Fcntl.O_RDWR);
        putAt(f, "x".repeat(10000), 0);
        Attributes.truncate(null, t.find("/f"), 5000);
        Attributes.truncate(null, t.find("/f"), 9000);
        assertEquals("x".repeat(5000) + "\0".repeat(4000), t.read("/f"));
        f.release();
        assertEquals(16, t.stat("/f").blocks);
    }

    @Test
    void keepsHoles() throws ErrnoException {
        FileDescription f = t.open("/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        long far = 1L << 40;
        putAt(f, "a", 0);
        putAt(f, "b", far);
        putAt(f, "c", 1 << 20);
        assertEquals(24, t.stat("/f").blocks);
        assertEquals(4096, f.seek(null, 0, Fcntl.SEEK_HOLE));
        assertEquals(1 << 20, f.seek(null, 5000, Fcntl.SEEK_DATA));
        assertEquals(far, f.seek(null, (1 << 20) + 4096, Fcntl.SEEK_DATA));
        assertEquals(far + 1, f.seek(null, far, Fcntl.SEEK_HOLE));
        fails(Errno.ENXIO, () -> f.seek(null, far + 1, Fcntl.SEEK_DATA));
        f.allocate(null, Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE, 0, far);
        assertEquals(far, f.seek(null, 0, Fcntl.SEEK_DATA));
        f.allocate(null, Fcntl.FALLOC_FL_KEEP_SIZE, far, 8192);
        assertEquals(far + 1, t.stat("/f").size);
        f.allocate(null, 0, far, 8192);
        assertEquals(far + 8192, t.stat("/f").size);
        f.release();
    }

    /** Random writes, cuts and punches against a plain array. */
    @Test
    void agreesWithAnArray() throws ErrnoException {
        Random random = new Random(42);
        int limit = 300_000;
        byte[] model = new byte[limit];
        int size = 0;
        FileDescription f = t.open("/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        for (int step = 0; step < 2000; step++) {
            int at = random.nextInt(limit);
            int n = random.nextInt(Math.min(limit - at, random.nextBoolean() ? 100 : 50_000) + 1);
            switch (random.nextInt(8)) {
                case 0 -> {
                    Attributes.truncate(null, f.path(), at);
                    for (int i = Math.min(at, size); i < limit; i++) {
                        model[i] = 0;
                    }
                    size = at;
                }
                case 1 -> {
                    if (n > 0) {
                        f.allocate(null, Fcntl.FALLOC_FL_PUNCH_HOLE | Fcntl.FALLOC_FL_KEEP_SIZE, at, n);
                        java.util.Arrays.fill(model, at, at + n, (byte) 0);
                    }
                }
                default -> {
                    byte[] data = new byte[n];
                    random.nextBytes(data);
                    assertEquals(n, f.pwrite(null, KernelBuffer.of(data, 0, n), at));
                    System.arraycopy(data, 0, model, at, n);
                    size = n == 0 ? size : Math.max(size, at + n);
                }
            }
            if (step % 50 == 0) {
                byte[] now = new byte[limit];
                assertEquals(size, f.pread(null, KernelBuffer.of(now, 0, limit), 0));
                assertArrayEquals(model, now, "after step " + step);
            }
        }
        f.release();
    }

    @Test
    void keepsTheSizeLimit() throws ErrnoException {
        t = new TestTree(TestTree.tmpfs(4, 3));
        FileDescription f = t.open("/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        assertEquals(4 * 4096, put(f, "x".repeat(5 * 4096)));
        fails(Errno.ENOSPC, () -> put(f, "x"));
        Attributes.truncate(null, t.find("/f"), 0);
        assertEquals(4096, put(f, "x".repeat(4096)));
        t.mkdir("/d");
        fails(Errno.ENOSPC, () -> t.mkdir("/e"));
        t.unlink("/f");
        t.write("/g", "");
        f.release();
        assertEquals(4, t.root().mount().fileSystem().statfs().free());
    }

    @Test
    void listsWhileEntriesComeAndGo() throws ErrnoException {
        t.mkdir("/d");
        List<String> names = new ArrayList<>();
        for (int i = 100; i < 200; i++) {
            t.write("/d/" + i, "");
            names.add(Integer.toString(i));
        }
        assertEquals(names, t.list("/d"));
        FileDescription f = t.open("/d", Fcntl.O_RDONLY);
        List<String> seen = new ArrayList<>();
        for (int round = 0; round < 300; round++) {
            f.iterate(null, (name, ino, type, next) -> {
                if (seen.contains(name) || seen.size() > 3 * 100) {
                    throw new AssertionError(name + " twice");
                }
                if (round(seen) == 1) {
                    return false;
                }
                seen.add(name);
                return true;
            });
            seen.add("-");
            String last = seen.get(seen.size() - 2);
            if (last.length() == 3) {
                t.unlink("/d/" + last);
            }
        }
        seen.removeIf(s -> s.length() != 3);
        assertEquals(names, seen);
        assertEquals(List.of(), t.list("/d"));
        f.release();
        t.rmdir("/d");
    }

    /** How many names came since the last separator. */
    private static int round(List<String> seen) {
        return seen.isEmpty() || seen.get(seen.size() - 1).equals("-") ? 0 : 1;
    }

    @Test
    void offersItsPagesForMapping() throws ErrnoException {
        FileDescription f = t.open("/f", Fcntl.O_CREAT | Fcntl.O_RDWR);
        put(f, "mapped");
        var run = f.mappable().run(0, 4096, false);
        byte[] b = new byte[6];
        assertEquals(6, f.mappable().read(0, b, 0, 6));
        assertEquals("mapped", new String(b, java.nio.charset.StandardCharsets.ISO_8859_1));
        assertTrue(run.length() == 4096);
        assertNull(f.mappable().run(4096, 4096, false));
        List<Long> gone = new ArrayList<>();
        f.mappable().addMapping(new MappingObserver() {
            @Override
            public void invalidate(Mappable file, long offset, long length) {
                gone.add(offset);
            }

            @Override
            public boolean mapsWritable(Mappable file) {
                return false;
            }
        });
        Attributes.truncate(null, f.path(), 0);
        assertEquals(List.of(0L), gone);
        f.release();
    }

    @Test
    void keepsExtendedAttributes() throws ErrnoException {
        t.write("/f", "");
        var inode = t.find("/f").inode();
        fails(Errno.ENODATA, () -> inode.getxattr("user.a"));
        inode.setxattr("user.a", new byte[] {1, 2}, 0);
        fails(Errno.EEXIST, () -> inode.setxattr("user.a", new byte[0], 1));
        fails(Errno.ENODATA, () -> inode.setxattr("user.b", new byte[0], 2));
        assertArrayEquals(new byte[] {1, 2}, inode.getxattr("user.a"));
        assertArrayEquals(new String[] {"user.a"}, inode.listxattr());
        inode.removexattr("user.a");
        fails(Errno.ENODATA, () -> inode.removexattr("user.a"));
    }

    @Test
    void readsMountOptions() throws ErrnoException {
        var o = TmpfsType.parse("size=64k,mode=700,uid=5,gid=6,nr_inodes=10", 7);
        assertEquals(16, o.pages());
        assertEquals(0700, o.mode());
        assertEquals(5, o.uid());
        assertEquals(10, o.inodes());
        assertEquals(7, TmpfsType.parse("", 7).pages());
        fails(Errno.EINVAL, () -> TmpfsType.parse("size=x", 7));
        fails(Errno.EINVAL, () -> TmpfsType.parse("bogus", 7));
        fails(Errno.EINVAL, () -> TmpfsType.parse("size=99999999999999999g", 7));
    }
}
