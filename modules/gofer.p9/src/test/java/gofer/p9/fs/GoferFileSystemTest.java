package gofer.p9.fs;

import static gofer.p9.fs.ServedFs.errno;
import static gofer.p9.fs.ServedFs.pread;
import static gofer.p9.fs.ServedFs.read;
import static gofer.p9.fs.ServedFs.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gofer.p9.Served;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Fcntl;
import sentry.core.memory.Mappable;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Namei;
import sentry.core.vfs.SetAttr;

/** What programs see of files behind the gofer, and how many round trips it takes. */
class GoferFileSystemTest {
    private static final int O_RDWR = Fcntl.O_RDWR;
    private static final int O_CREAT = Fcntl.O_CREAT;

    private ServedFs t;

    @BeforeEach
    void serve() throws Exception {
        t = new ServedFs(CachePolicy.EXCLUSIVE, false);
    }

    @AfterEach
    void end() throws Exception {
        t.close();
    }

    private void host(String path, String text) throws Exception {
        Path p = t.directory.resolve(path);
        Files.createDirectories(p.getParent());
        Files.writeString(p, text);
    }

    @Test
    void aDeepFileIsOneRoundTrip() throws Exception {
        host("usr/lib/a/b/file", "hello");
        long before = t.requests();
        FileDescription f = t.open("/usr/lib/a/b/file", 0);
        assertEquals("hello", read(f));
        assertEquals("", read(f));
        assertEquals("ell", pread(f, 1).substring(0, 3));
        assertEquals(1, t.requests() - before);
        f.release();
        f = t.open("/usr/lib/a/b/file", 0);
        assertEquals("hello", read(f));
        assertEquals(5, t.stat("/usr/lib/a/b/file").size);
        assertEquals(1, t.requests() - before);
        f.release();
        assertEquals(2, errno(() -> t.stat("/usr/lib/nothing/here")));
        assertEquals(2, errno(() -> t.stat("/usr/lib/nothing/here")));
        assertEquals(2, errno(() -> t.stat("/usr/lib/nothing")));
        assertEquals(2, t.requests() - before);
    }

    @Test
    void aSmallDirectoryThatIsAskedALotIsListed() throws Exception {
        for (int i = 0; i < 30; i++) {
            host("small/f" + i, "x");
        }
        assertEquals(1, t.stat("/small/f0").size);
        long before = t.requests();
        for (int i = 1; i < 30; i++) {
            assertEquals(1, t.stat("/small/f" + i).size);
            int missing = i;
            assertEquals(2, errno(() -> t.stat("/small/missing" + missing)));
        }
        assertEquals(3, t.requests() - before); // two look-ups, the listing
        assertEquals(2, errno(() -> t.stat("/small/new")));
        t.open("/small/new", O_RDWR | O_CREAT).release();
        assertEquals(0, t.stat("/small/new").size);
        Namei.unlink(t.walk(), t.root, "/small/new");
        assertEquals(2, errno(() -> t.stat("/small/new")));
        assertEquals(5, t.requests() - before);
    }

    @Test
    void findIsOneRoundTripForEachDirectory() throws Exception {
        for (int d = 0; d < 10; d++) {
            for (int i = 0; i < 20; i++) {
                host("tree/d" + d + "/f" + i, "x");
            }
        }
        long before = t.requests();
        int files = 0;
        for (String d : t.list("/tree")) {
            if (d.startsWith(".")) {
                continue;
            }
            for (String f : t.list("/tree/" + d)) {
                files += f.startsWith(".") || t.stat("/tree/" + d + "/" + f).size != 1 ? 0 : 1;
            }
        }
        assertEquals(200, files);
        assertEquals(12, t.requests() - before); // "tree" itself, its listing, ten listings
    }

    @Test
    void symbolicLinks() throws Exception {
        host("real/file", "text");
        Files.createSymbolicLink(t.directory.resolve("link"), Path.of("/real"));
        Files.createSymbolicLink(t.directory.resolve("loop"), Path.of("loop"));
        FileDescription f = t.open("/link/file", 0);
        assertEquals("text", read(f));
        f.release();
        assertEquals("/real", t.inode("/link").readlink());
        assertEquals(40, errno(() -> t.open("/loop", 0)));
        Namei.symlink(t.walk(), "some/where", t.root, "/made");
        assertEquals("some/where", Files.readSymbolicLink(t.directory.resolve("made")).toString());
        assertEquals("some/where", t.inode("/made").readlink());
    }

    @Test
    void writesAreSeenAtOnce() throws Exception {
        FileDescription f = t.open("/new", O_RDWR | O_CREAT);
        long before = t.requests();
        assertEquals(5, write(f, "hello"));
        assertEquals(5, t.stat("/new").size);
        assertEquals("hello", Files.readString(t.directory.resolve("new")));
        FileDescription a = t.open("/new", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        assertEquals(6, write(a, " world"));
        assertEquals(11, a.position());
        assertEquals(11, t.stat("/new").size);
        assertEquals("hello world", pread(f, 0));
        assertEquals(11, f.seek(null, 0, Fcntl.SEEK_END));
        SetAttr cut = new SetAttr();
        cut.mask = SetAttr.SIZE;
        cut.size = 3;
        f.inode().setattr(cut);
        assertEquals(3, t.stat("/new").size);
        assertEquals(0, t.requests() - before);
        a.release();
        f.release();
        FileDescription again = t.open("/new", O_RDWR | Fcntl.O_TRUNC);
        assertEquals(0, t.stat("/new").size);
        again.release();
        assertEquals(0, t.requests() - before);
        assertEquals(17, errno(() -> t.open("/new", O_RDWR | O_CREAT | Fcntl.O_EXCL)));
    }

    @Test
    void attributesAreKeptAndChanged() throws Exception {
        host("f", "x");
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE | SetAttr.UID | SetAttr.MTIME;
        change.mode = 0604;
        change.uid = 55;
        change.mtime = 1_234_567_890_123_456_789L;
        t.inode("/f").setattr(change);
        assertEquals(0100604, t.stat("/f").mode);
        assertEquals(55, t.stat("/f").uid);
        assertEquals(1_234_567_890_123_456_789L, t.stat("/f").mtime);
        assertEquals(55, Files.getAttribute(t.directory.resolve("f"), "unix:uid"));
        long nlink = t.stat("/").nlink;
        Namei.mkdir(t.walk(), t.root, "/sub", 0755);
        assertEquals(nlink + 1, t.stat("/").nlink);
    }

    @Test
    void anUnlinkedFileLivesOnWhileOpen() throws Exception {
        host("f", "text");
        FileDescription f = t.open("/f", O_RDWR);
        Namei.unlink(t.walk(), t.root, "/f");
        assertFalse(Files.exists(t.directory.resolve("f")));
        assertEquals(2, errno(() -> t.stat("/f")));
        assertEquals("text", read(f));
        assertEquals(0, ServedFs.stat(f).nlink);
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = 0600;
        f.inode().setattr(change);
        assertEquals(0100600, ServedFs.stat(f).mode);
        FileDescription other = t.open("/f", O_RDWR | O_CREAT);
        assertEquals("", read(other));
        assertEquals("text", pread(f, 0));
        f.release();
        other.release();
    }

    @Test
    void renames() throws Exception {
        host("dir/a", "A");
        host("dir/b", "B");
        FileDescription b = t.open("/dir/b", 0);
        Namei.rename(t.walk(), t.root, "/dir/a", t.root, "/dir/b", 0);
        FileDescription now = t.open("/dir/b", 0);
        assertEquals("A", read(now));
        assertEquals("B", read(b));
        assertEquals(0, ServedFs.stat(b).nlink);
        b.release();
        Namei.mkdir(t.walk(), t.root, "/other", 0755);
        Namei.rename(t.walk(), t.root, "/dir", t.root, "/other/dir", 0);
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = 0600;
        now.inode().setattr(change); // by its new path
        assertEquals(0100600, t.stat("/other/dir/b").mode);
        assertEquals(2, errno(() -> t.stat("/dir/b")));
        host("other/x", "X");
        Namei.rename(t.walk(), t.root, "/other/dir", t.root, "/other/x", Fcntl.RENAME_EXCHANGE);
        assertEquals("X", Files.readString(t.directory.resolve("other/dir")));
        assertTrue(Files.isDirectory(t.directory.resolve("other/x")));
        assertEquals(1, t.stat("/other/dir").size);
        assertEquals(1, t.stat("/other/x/b").size);
        now.release();
    }

    @Test
    void severalNamesAreOneFile() throws Exception {
        host("a", "text");
        Files.createLink(t.directory.resolve("b"), t.directory.resolve("a"));
        assertSame(t.inode("/a"), t.inode("/b"));
        Namei.link(t.walk(), t.walk().resolve(t.root, "/a", 0).path(), t.root, "/c");
        assertEquals(3, t.stat("/b").nlink);
        Namei.unlink(t.walk(), t.root, "/a");
        assertEquals(2, t.stat("/c").nlink);
        Namei.unlink(t.walk(), t.root, "/b");
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = 0400;
        t.inode("/c").setattr(change);
        assertEquals(1, t.stat("/c").nlink);
        FileDescription f = t.open("/c", 0);
        assertEquals("text", read(f));
        f.release();
        Namei.unlink(t.walk(), t.root, "/c");
        assertEquals(0, t.directory.toFile().list().length);
    }

    @Test
    void listings() throws Exception {
        TreeSet<String> expected = new TreeSet<>(List.of(".", ".."));
        for (int i = 0; i < 1500; i++) {
            host("d/file-number-" + i, "");
            expected.add("file-number-" + i);
        }
        List<String> names = t.list("/d");
        assertEquals(expected.size(), names.size());
        assertEquals(expected, new TreeSet<>(names));
        FileDescription dir = t.open("/d", Fcntl.O_DIRECTORY);
        List<String> first = new ArrayList<>();
        dir.iterate(null, (name, ino, type, next) -> first.size() < 10 && first.add(name));
        assertEquals(names.subList(0, 10), first);
        Namei.unlink(t.walk(), t.root, "/d/" + names.get(5));
        t.open("/d/another", O_RDWR | O_CREAT).release();
        List<String> rest = new ArrayList<>();
        dir.iterate(null, (name, ino, type, next) -> rest.add(name));
        assertEquals(names.subList(10, names.size()), rest);
        dir.seek(null, 0, Fcntl.SEEK_SET);
        List<String> again = new ArrayList<>();
        dir.iterate(null, (name, ino, type, next) -> again.add(name));
        assertEquals(names.size(), again.size());
        assertTrue(again.contains("another"));
        dir.release();
    }

    @Test
    void mappingsAreRunsOfTheDonatedDescriptor() throws Exception {
        host("f", "x".repeat(10000));
        FileDescription f = t.open("/f", O_RDWR);
        Mappable m = f.mappable();
        m.addMapping(null);
        Mappable.Run run = m.run(4096, 1 << 20, true);
        assertEquals(4096, run.offset());
        assertEquals(8192, run.length());
        assertEquals("x".repeat(10000), Served.readAndClose(duplicate(run.fd())));
        assertNull(m.run(12288, 4096, false));
        assertEquals(3, m.write(9997, "abcdef".getBytes(), 0, 6));
        byte[] back = new byte[5];
        assertEquals(5, m.read(9995, back, 0, 5));
        assertEquals("xxabc", new String(back));
        f.release();
        assertEquals("x", new String(back, 0, 1));
        assertTrue(m.run(0, 4096, false).fd() >= 0); // still mapped, so still there
        m.removeMapping(null);
    }

    private static int duplicate(int fd) {
        return (int) host.linux.Files.fcntl(fd, 1030, 0);
    }

    @Test
    void extendedAttributes() throws Exception {
        host("f", "");
        GoferInode f = t.inode("/f");
        assertEquals(61, errno(() -> f.getxattr("user.a")));
        long before = t.requests();
        assertEquals(61, errno(() -> f.getxattr("security.capability")));
        assertEquals(0, t.requests() - before);
        f.setxattr("user.a", "value".getBytes(), 0);
        assertEquals("value", new String(f.getxattr("user.a")));
        assertEquals("user.a", f.listxattr()[0]);
        f.removexattr("user.a");
        assertEquals(0, f.listxattr().length);
    }

    @Test
    void aDirectoryOfFilesWithoutExtendedAttributes() throws Exception {
        for (int i = 0; i < 20; i++) {
            host("d/f" + i, "");
        }
        t.list("/d");
        GoferInode odd = t.inode("/d/f7");
        odd.setxattr("user.a", new byte[] {1}, 0);
        long before = t.requests();
        for (int i = 0; i < 20; i++) {
            assertEquals(i == 7 ? 1 : 0, t.inode("/d/f" + i).listxattr().length, "f" + i);
        }
        assertTrue(t.requests() - before <= 5, "requests: " + (t.requests() - before));
        t.inode("/d/f8").setxattr("user.b", new byte[] {2}, 0);
        assertEquals("user.b", t.inode("/d/f8").listxattr()[0]);
    }

    @Test
    void linksInADirectoryAreFollowedByTheServer() throws Exception {
        host("lib/libx.so.1.2", "code");
        Files.createSymbolicLink(t.directory.resolve("lib/libx.so.1"), Path.of("libx.so.1.2"));
        Files.createSymbolicLink(t.directory.resolve("lib/libx.so"), Path.of("libx.so.1"));
        Files.createSymbolicLink(t.directory.resolve("lib/up"), Path.of(".."));
        Files.createSymbolicLink(t.directory.resolve("lib/none"), Path.of("missing"));
        long before = t.requests();
        FileDescription f = t.open("/lib/libx.so", 0);
        assertEquals("code", read(f));
        f.release();
        assertEquals(1, t.requests() - before);
        assertEquals("libx.so.1", t.inode("/lib/libx.so").readlink());
        assertTrue(t.list("/lib/up").contains("lib"));
        assertEquals(2, errno(() -> t.stat("/lib/none")));
    }

    @Test
    void specialFiles() throws Exception {
        Namei.mknod(t.walk(), t.root, "/fifo", 0010600, 0);
        assertEquals(0010600, t.stat("/fifo").mode);
        assertEquals(1, errno(() -> Namei.mknod(t.walk(), t.root, "/dev", 0020600, 0x103)));
    }

    @Test
    void aReadOnlyTree() throws Exception {
        host("f", "text");
        try (ServedFs ro = new ServedFs(t.directory, CachePolicy.EXCLUSIVE, true)) {
            FileDescription f = ro.open("/f", 0);
            assertEquals("text", read(f));
            f.release();
            assertEquals(30, errno(() -> ro.open("/f", O_RDWR)));
            assertEquals(30, errno(() -> ro.open("/new", O_RDWR | O_CREAT)));
            assertEquals(30, errno(() -> Namei.unlink(ro.walk(), ro.root, "/f")));
            assertEquals(4, ro.stat("/f").size); // a failed change leaves what is known
            assertEquals(30, errno(() -> Namei.mkdir(ro.walk(), ro.root, "/d", 0755)));
            assertTrue(Files.exists(t.directory.resolve("f"), LinkOption.NOFOLLOW_LINKS));
        }
        Files.createDirectory(t.directory);
    }

    @Test
    void aSharedTreeShowsWhatOthersDo() throws Exception {
        try (ServedFs shared = new ServedFs(CachePolicy.SHARED, false)) {
            Path f = shared.directory.resolve("f");
            assertEquals(2, errno(() -> shared.stat("/f")));
            Files.writeString(f, "one");
            assertEquals(3, shared.stat("/f").size);
            FileDescription open = shared.open("/f", O_RDWR);
            Files.writeString(f, "longer");
            assertEquals(6, ServedFs.stat(open).size);
            assertEquals("longer", pread(open, 0));
            Files.move(f, shared.directory.resolve("g"));
            Files.writeString(f, "another file");
            Thread.sleep(2);
            assertEquals(12, shared.stat("/f").size);
            SetAttr change = new SetAttr();
            change.mask = SetAttr.MODE;
            change.mode = 0600;
            open.inode().setattr(change); // the open file, whatever it is called now
            assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(shared.directory.resolve("g"))));
            open.release();
            Files.delete(f);
            Thread.sleep(2);
            assertEquals(2, errno(() -> shared.stat("/f")));
            FileDescription made = shared.open("/dir-less", O_RDWR | O_CREAT);
            write(made, "x");
            Files.delete(shared.directory.resolve("dir-less"));
            assertEquals(0, ServedFs.stat(made).nlink);
            made.release();
        }
    }

    @Test
    void manyThreadsMakeAndRemoveFiles() throws Exception {
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        Thread[] threads = new Thread[4];
        int before = Served.openDescriptors();
        Namei.mkdir(t.walk(), t.root, "/d", 0755);
        for (int i = 0; i < threads.length; i++) {
            int own = i;
            threads[i] = new Thread(() -> {
                try {
                    for (int round = 0; round < 100; round++) {
                        String mine = "/d/f" + own;
                        FileDescription f = t.open(mine, O_RDWR | O_CREAT);
                        write(f, "round " + round);
                        f.release();
                        t.list("/d");
                        Namei.rename(t.walk(), t.root, mine, t.root, "/d/common", 0);
                        int e = errno(() -> Namei.unlink(t.walk(), t.root, "/d/common"));
                        if (e != 0 && e != 2) {
                            throw new AssertionError("errno " + e);
                        }
                        Namei.mkdir(t.walk(), t.root, "/d/dir" + own, 0755);
                        Namei.rmdir(t.walk(), t.root, "/d/dir" + own);
                    }
                } catch (Throwable e) {
                    wrong.set(e);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join(30000);
            if (thread.isAlive()) {
                StackTraceElement[] trace = thread.getStackTrace();
                throw new AssertionError("hangs: " + java.util.Arrays.toString(trace));
            }
        }
        if (wrong.get() != null) {
            throw new AssertionError(wrong.get());
        }
        assertEquals(List.of(".", ".."), t.list("/d"));
        assertEquals(0, t.directory.resolve("d").toFile().list().length);
        assertTrue(Served.openDescriptors() <= before + 4, "descriptors of removed files stay open");
    }

    @Test
    void aDeadGoferIsEio() throws Exception {
        host("f", "text");
        FileDescription f = t.open("/f", 0);
        t.fs.client.close();
        assertEquals(5, errno(() -> t.stat("/unknown")));
        assertEquals("text", read(f)); // what was donated stays
        f.release();
    }
}
