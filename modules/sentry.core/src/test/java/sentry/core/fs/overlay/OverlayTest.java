package sentry.core.fs.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static sentry.core.vfs.TestTree.fails;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.tmpfs.TmpFileSystem;
import sentry.core.vfs.Attributes;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Stat;
import sentry.core.vfs.TestTree;

class OverlayTest {
    private TestTree below;
    private TestTree t;

    @BeforeEach
    void trees() throws ErrnoException {
        TmpFileSystem lower = TestTree.tmpfs();
        below = new TestTree(lower);
        below.mkdir("/d");
        below.write("/d/a", "A");
        below.write("/d/b", "B");
        below.mkdir("/d/sub");
        below.write("/d/sub/deep", "deep");
        below.write("/f", "lower");
        below.symlink("d/a", "/l");
        below.write("/h1", "hard");
        below.link("/h1", "/h2");
        t = new TestTree(new OverlayFileSystem(lower, TestTree.tmpfs()));
    }

    private void lowerUnchanged() throws ErrnoException {
        assertEquals("lower", below.read("/f"));
        assertEquals(List.of("a", "b", "sub"), below.list("/d"));
        assertEquals(List.of("d", "f", "h1", "h2", "l"), below.list("/"));
        assertEquals("A", below.read("/d/a"));
        assertEquals("hard", below.read("/h1"));
    }

    @Test
    void showsTheLowerTree() throws ErrnoException {
        assertEquals("lower", t.read("/f"));
        assertEquals("A", t.read("/l"));
        assertEquals(List.of("a", "b", "sub"), t.list("/d"));
        assertEquals(below.stat("/f").ino, t.stat("/f").ino);
    }

    @Test
    void copiesUpOnWrite() throws ErrnoException {
        Stat before = t.stat("/f");
        FileDescription reader = t.open("/f", Fcntl.O_RDONLY);
        FileDescription f = t.open("/f", Fcntl.O_RDWR);
        TestTree.putAt(f, "U", 0);
        f.release();
        assertEquals("Uower", t.read("/f"));
        assertEquals(before.ino, t.stat("/f").ino);
        assertEquals(before.dev, t.stat("/f").dev);
        assertEquals(before.nlink, t.stat("/f").nlink);
        reader.release();
        t.write("/d/a", "new");
        assertEquals("new", t.read("/l"));
        lowerUnchanged();
    }

    @Test
    void copiesUpOnChangeOfAttributes() throws ErrnoException {
        Attributes.chmod(null, t.find("/f"), 0600);
        Attributes.utimes(null, t.find("/d"), 5, 6);
        assertEquals(0100600, t.stat("/f").mode);
        assertEquals("lower", t.read("/f"));
        assertEquals(6, t.stat("/d").mtime);
        assertEquals(List.of("a", "b", "sub"), t.list("/d"));
        Attributes.truncate(null, t.find("/f"), 2);
        assertEquals("lo", t.read("/f"));
        lowerUnchanged();
    }

    @Test
    void removesAndMakesAgain() throws ErrnoException {
        t.unlink("/d/a");
        fails(Errno.ENOENT, () -> t.read("/d/a"));
        assertEquals(List.of("b", "sub"), t.list("/d"));
        fails(Errno.ENOTEMPTY, () -> t.rmdir("/d"));
        t.write("/d/a", "again");
        t.write("/d/c", "c");
        assertEquals(List.of("a", "b", "c", "sub"), t.list("/d"));
        t.unlink("/d/a");
        t.unlink("/d/b");
        t.unlink("/d/c");
        t.unlink("/d/sub/deep");
        t.rmdir("/d/sub");
        t.rmdir("/d");
        t.mkdir("/d");
        assertEquals(List.of(), t.list("/d"));
        lowerUnchanged();
    }

    @Test
    void renamesWholeLowerDirectories() throws ErrnoException {
        t.rename("/d", "/moved");
        fails(Errno.ENOENT, () -> t.find("/d"));
        assertEquals("deep", t.read("/moved/sub/deep"));
        t.mkdir("/d");
        assertEquals(List.of(), t.list("/d"));
        t.rename("/moved/sub", "/d/sub");
        assertEquals("deep", t.read("/d/sub/deep"));
        assertEquals(List.of("a", "b"), t.list("/moved"));
        t.rename("/f", "/moved/a");
        assertEquals("lower", t.read("/moved/a"));
        t.rename("/moved/a", "/f");
        assertEquals(List.of("b"), t.list("/moved"));
        t.rename("/moved/b", "/f", Fcntl.RENAME_EXCHANGE);
        assertEquals("B", t.read("/f"));
        assertEquals("lower", t.read("/moved/b"));
        lowerUnchanged();
    }

    @Test
    void hardLinksStayOneFile() throws ErrnoException {
        assertEquals(t.stat("/h1").ino, t.stat("/h2").ino);
        t.write("/h1", "changed");
        assertEquals("changed", t.read("/h2"));
        t.link("/h2", "/h3");
        assertEquals(3, t.stat("/h3").nlink);
        t.unlink("/h1");
        assertEquals(2, t.stat("/h3").nlink);
        t.link("/f", "/f2");
        assertEquals(2, t.stat("/f").nlink);
        Attributes.chmod(null, t.find("/f2"), 0640);
        assertEquals(0100640, t.stat("/f").mode);
        lowerUnchanged();
    }

    @Test
    void unlinkedFilesLiveOn() throws ErrnoException {
        FileDescription lower = t.open("/f", Fcntl.O_RDONLY);
        t.unlink("/f");
        assertEquals("lower", TestTree.get(lower, 100));
        Stat s = new Stat();
        lower.inode().stat(s);
        assertEquals(0, s.nlink);
        lower.release();
        t.write("/n", "new");
        FileDescription upper = t.open("/n", Fcntl.O_RDWR);
        t.unlink("/n");
        assertEquals("new", TestTree.get(upper, 100));
        upper.release();
        lowerUnchanged();
    }

    @Test
    void bigFilesComeUpWhole() throws ErrnoException {
        String big = "0123456789abcdef".repeat(200_000);
        FileDescription w = below.open("/big", Fcntl.O_CREAT | Fcntl.O_WRONLY);
        TestTree.put(w, big);
        w.release();
        FileDescription f = t.open("/big", Fcntl.O_WRONLY | Fcntl.O_APPEND);
        TestTree.put(f, "end");
        f.release();
        assertEquals(big.length() + 3, t.stat("/big").size);
        FileDescription r = t.open("/big", Fcntl.O_RDONLY);
        r.seek(null, big.length() - 4, Fcntl.SEEK_SET);
        assertEquals("cdefend", TestTree.get(r, 100));
        r.release();
    }

    @Test
    void aRewoundListingSeesChanges() throws ErrnoException {
        FileDescription d = t.open("/d", Fcntl.O_RDONLY);
        assertEquals(List.of("a", "b", "sub"), TestTree.list(d));
        t.write("/d/new", "");
        t.unlink("/d/a");
        d.seek(null, 0, Fcntl.SEEK_SET);
        assertEquals(List.of("b", "new", "sub"), TestTree.list(d));
        d.release();
    }
}
