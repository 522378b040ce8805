package sentry.core.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static sentry.core.vfs.TestTree.fails;

import java.util.List;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;

class NameiTest {
    private final TestTree t = new TestTree();

    @Test
    void makesAndRemoves() throws ErrnoException {
        t.mkdir("/d/");
        fails(Errno.EEXIST, () -> t.mkdir("/d"));
        fails(Errno.EEXIST, () -> t.mkdir("/d/."));
        fails(Errno.EEXIST, () -> t.mkdir("/"));
        fails(Errno.ENOENT, () -> t.mkdir("/x/y"));
        t.write("/d/f", "1");
        fails(Errno.EISDIR, () -> t.unlink("/d"));
        fails(Errno.ENOTDIR, () -> t.rmdir("/d/f"));
        fails(Errno.ENOTDIR, () -> t.unlink("/d/f/"));
        fails(Errno.ENOTEMPTY, () -> t.rmdir("/d"));
        fails(Errno.EINVAL, () -> t.rmdir("/d/."));
        fails(Errno.ENOTEMPTY, () -> t.rmdir("/d/.."));
        fails(Errno.EBUSY, () -> t.rmdir("/"));
        fails(Errno.ENOENT, () -> t.symlink("", "/l"));
        fails(Errno.ENOENT, () -> t.symlink("x", "/l/"));
        t.unlink("/d/f");
        VfsPath d = t.find("/d");
        t.rmdir("/d");
        fails(Errno.ENOENT, () -> Namei.mkdir(t.walk(), d, "x", 0777));
        fails(Errno.ENOENT, () -> t.unlink("/d"));
    }

    @Test
    void createsThroughDanglingLinks() throws ErrnoException {
        t.symlink("target", "/link");
        fails(Errno.EEXIST, () -> t.open("/link", Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_WRONLY));
        fails(Errno.ELOOP, () -> t.open("/link", Fcntl.O_CREAT | Fcntl.O_NOFOLLOW | Fcntl.O_WRONLY));
        fails(Errno.ELOOP, () -> t.open("/link", Fcntl.O_NOFOLLOW | Fcntl.O_RDONLY));
        t.write("/link", "x");
        assertEquals("x", t.read("/target"));
        t.open("/link", Fcntl.O_PATH | Fcntl.O_NOFOLLOW).release();
    }

    @Test
    void checksOpenFlags() throws ErrnoException {
        t.mkdir("/d");
        t.write("/f", "abc");
        fails(Errno.EISDIR, () -> t.open("/d", Fcntl.O_WRONLY));
        fails(Errno.EISDIR, () -> t.open("/d", Fcntl.O_CREAT));
        fails(Errno.EISDIR, () -> t.open("/new/", Fcntl.O_CREAT));
        fails(Errno.ENOTDIR, () -> t.open("/f", Fcntl.O_DIRECTORY));
        fails(Errno.EEXIST, () -> t.open("/f", Fcntl.O_CREAT | Fcntl.O_EXCL));
        FileDescription tmp = t.open("/d", Fcntl.O_TMPFILE | Fcntl.O_RDWR);
        Stat s = new Stat();
        tmp.inode().stat(s);
        assertEquals(0, s.nlink);
        Namei.link(t.walk(), tmp.path(), t.root(), "/d/named");
        assertEquals(List.of("named"), t.list("/d"));
        tmp.release();
    }

    @Test
    void permissions() throws ErrnoException {
        t.write("/secret", "s");
        Attributes.chmod(null, t.find("/secret"), 0600);
        t.mkdir("/sticky");
        Attributes.chmod(null, t.find("/sticky"), 01777);
        t.write("/sticky/root", "");
        t.mkdir("/closed");
        Attributes.chmod(null, t.find("/closed"), 0755);
        t.as(1000);
        fails(Errno.EACCES, () -> t.read("/secret"));
        fails(Errno.EPERM, () -> t.unlink("/sticky/root"));
        fails(Errno.EPERM, () -> Attributes.chmod(t.walk().credentials(), t.find("/secret"), 0777));
        fails(Errno.EACCES, () -> t.mkdir("/closed/x"));
        t.write("/sticky/mine", "m");
        assertEquals(1000, t.stat("/sticky/mine").uid);
        assertEquals(FileMode.S_IFREG | 0644, t.stat("/sticky/mine").mode);
        t.as(1001);
        fails(Errno.EPERM, () -> t.rename("/sticky/mine", "/sticky/stolen"));
        fails(Errno.EPERM, () -> t.unlink("/sticky/mine"));
    }

    @Test
    void setGroupIdDirectoriesHandTheirGroupDown() throws ErrnoException {
        t.mkdir("/g");
        Attributes.chown(null, t.find("/g"), 0, 77);
        Attributes.chmod(null, t.find("/g"), 02777);
        t.as(1000);
        t.write("/g/f", "");
        t.mkdir("/g/d");
        assertEquals(77, t.stat("/g/f").gid);
        assertEquals(77, t.stat("/g/d").gid);
        assertEquals(FileMode.S_ISGID, t.stat("/g/d").mode & FileMode.S_ISGID);
    }

    @Test
    void chownDropsSetUserId() throws ErrnoException {
        t.write("/p", "");
        Attributes.chmod(null, t.find("/p"), 06755);
        Attributes.chown(null, t.find("/p"), 5, 5);
        assertEquals(FileMode.S_IFREG | 0755, t.stat("/p").mode);
    }

    @Test
    void renames() throws ErrnoException {
        t.mkdir("/a");
        t.mkdir("/a/b");
        t.mkdir("/c");
        t.write("/f", "1");
        t.write("/g", "2");
        fails(Errno.EINVAL, () -> t.rename("/a", "/a/b/x"));
        fails(Errno.ENOTEMPTY, () -> t.rename("/c", "/a"));
        fails(Errno.ENOTEMPTY, () -> t.rename("/a/b", "/a"));
        fails(Errno.EISDIR, () -> t.rename("/f", "/c"));
        fails(Errno.ENOTDIR, () -> t.rename("/c", "/f"));
        fails(Errno.ENOTDIR, () -> t.rename("/f", "/new/"));
        fails(Errno.ENOENT, () -> t.rename("/x", "/y"));
        fails(Errno.EBUSY, () -> t.rename("/a/.", "/y"));
        fails(Errno.EEXIST, () -> t.rename("/f", "/g", Fcntl.RENAME_NOREPLACE));
        t.rename("/f", "/g");
        assertEquals("1", t.read("/g"));
        t.rename("/a", "/c/", 0);
        assertEquals(List.of("b"), t.list("/c"));
        t.rename("/c/b", "/b2");
        assertEquals(2, t.stat("/c").nlink);
        t.write("/c/in", "in");
        t.rename("/c", "/g", Fcntl.RENAME_EXCHANGE);
        assertEquals("1", t.read("/c"));
        assertEquals("in", t.read("/g/in"));
    }

    @Test
    void links() throws ErrnoException {
        t.write("/f", "1");
        t.link("/f", "/g");
        assertEquals(2, t.stat("/f").nlink);
        assertEquals(t.stat("/f").ino, t.stat("/g").ino);
        t.rename("/f", "/g"); // two names of one file: nothing happens
        assertEquals(List.of("f", "g"), t.list("/"));
        t.unlink("/f");
        assertEquals(1, t.stat("/g").nlink);
        t.mkdir("/d");
        fails(Errno.EPERM, () -> t.link("/d", "/e"));
        FileDescription f = t.open("/g", Fcntl.O_RDONLY);
        t.unlink("/g");
        assertEquals("1", TestTree.get(f, 10));
        fails(Errno.ENOENT, () -> Namei.link(t.walk(), f.path(), t.root(), "/again"));
        f.release();
        t.write("/h", "");
        assertNotEquals(0, t.stat("/h").ino);
    }

    @Test
    void deepTreesWalkAndVanish() throws ErrnoException {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            path.append("/d");
            t.mkdir(path.toString());
        }
        assertEquals(path.toString(), Paths.of(t.find(path.toString()), t.root()));
        for (int i = 100; i > 0; i--) {
            t.rmdir(path.substring(0, 2 * i));
        }
        assertEquals(List.of(), t.list("/"));
    }
}
