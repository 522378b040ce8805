package sentry.core.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static sentry.core.vfs.TestTree.fails;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.MountFlags;

class PathWalkTest {
    private TestTree t;

    @BeforeEach
    void tree() throws ErrnoException {
        t = new TestTree();
        t.mkdir("/a");
        t.mkdir("/a/b");
        t.write("/a/b/f", "text");
        t.symlink("a/b", "/rel");
        t.symlink("/a/b/f", "/a/abs");
        t.symlink("nowhere", "/dangling");
        t.symlink("loop2", "/loop1");
        t.symlink("loop1", "/loop2");
    }

    private String path(String path) throws ErrnoException {
        return Paths.of(t.find(path), t.root());
    }

    @Test
    void followsNamesDotsAndSlashes() throws ErrnoException {
        assertEquals("/a/b/f", path("a/b/f"));
        assertEquals("/a/b/f", path("//a/./b/../b//f"));
        assertEquals("/", path("/../.."));
        assertEquals("/a", path("a/"));
        assertEquals("/", path("/"));
    }

    @Test
    void refusesWhatIsNotThere() {
        fails(Errno.ENOENT, () -> t.find(""));
        fails(Errno.ENOENT, () -> t.find("/a/x"));
        fails(Errno.ENOENT, () -> t.find("/x/y"));
        fails(Errno.ENOTDIR, () -> t.find("/a/b/f/x"));
        fails(Errno.ENOTDIR, () -> t.find("/a/b/f/"));
        fails(Errno.ENOTDIR, () -> t.find("/a/b/f/.."));
        fails(Errno.ENAMETOOLONG, () -> t.find("/" + "x".repeat(256)));
        fails(Errno.ENOENT, () -> t.find("/" + "x".repeat(255)));
    }

    @Test
    void followsLinks() throws ErrnoException {
        assertEquals("/a/b/f", path("rel/f"));
        assertEquals("/a/b/f", path("a/abs"));
        assertEquals("/a/b", path("rel/"));
        assertEquals("/a", path("rel/.."));
        assertEquals("/rel", Paths.of(t.findLink("rel"), t.root()));
        fails(Errno.ENOENT, () -> t.find("dangling"));
        fails(Errno.ELOOP, () -> t.find("loop1"));
        fails(Errno.ELOOP, () -> t.find("loop1/x"));
    }

    @Test
    void followsFortyLinksAndNoMore() throws ErrnoException {
        t.mkdir("/l");
        t.write("/l/0", "");
        for (int i = 1; i <= 41; i++) {
            t.symlink(Integer.toString(i - 1), "/l/" + i);
        }
        assertEquals("/l/0", path("/l/40"));
        fails(Errno.ELOOP, () -> t.find("/l/41"));
    }

    @Test
    void asksForSearchPermission() throws ErrnoException {
        Attributes.chmod(null, t.find("/a"), 0700);
        t.as(1000);
        fails(Errno.EACCES, () -> t.find("/a/b"));
        assertEquals("/a", path("/a"));
        fails(Errno.EACCES, () -> t.find("/a/."));
    }

    @Test
    void keepsScopes() throws ErrnoException {
        VfsPath a = t.find("/a");
        int beneath = Fcntl.RESOLVE_BENEATH << PathWalk.RESOLVE_SHIFT | PathWalk.FOLLOW;
        int inRoot = Fcntl.RESOLVE_IN_ROOT << PathWalk.RESOLVE_SHIFT | PathWalk.FOLLOW;
        int noLinks = Fcntl.RESOLVE_NO_SYMLINKS << PathWalk.RESOLVE_SHIFT | PathWalk.FOLLOW;
        assertEquals("/a/b/f", Paths.of(t.walk().resolve(a, "b/../b/f", beneath).path(), t.root()));
        fails(Errno.EXDEV, () -> t.walk().resolve(a, "..", beneath));
        fails(Errno.EXDEV, () -> t.walk().resolve(a, "/a", beneath));
        fails(Errno.EXDEV, () -> t.walk().resolve(a, "abs", beneath));
        assertEquals("/a/b", Paths.of(t.walk().resolve(a, "/../../b", inRoot).path(), t.root()));
        fails(Errno.ENOENT, () -> t.walk().resolve(a, "abs", inRoot));
        fails(Errno.ELOOP, () -> t.walk().resolve(a, "abs", noLinks));
    }

    @Test
    void crossesMountsBothWays() throws ErrnoException {
        Mount m = t.namespace().mount(t.find("/a/b"), TestTree.tmpfs(), "second", MountFlags.MS_NOEXEC);
        assertSame(m, t.find("/a/b").mount());
        fails(Errno.ENOENT, () -> t.find("/a/b/f"));
        t.write("/a/b/g", "other");
        assertEquals("/a/b/g", path("/a/b/g"));
        assertEquals("/a", path("/a/b/.."));
        int noXdev = Fcntl.RESOLVE_NO_XDEV << PathWalk.RESOLVE_SHIFT;
        fails(Errno.EXDEV, () -> t.walk().resolve(t.root(), "/a/b", noXdev));
        fails(Errno.EACCES, () -> Opener.openExecutable(t.walk(), t.root(), "/a/b/g", true));
        fails(Errno.EBUSY, () -> t.rmdir("/a/b"));
        fails(Errno.EXDEV, () -> t.rename("/a/b/g", "/g"));
        t.namespace().unmount(t.find("/a/b"), 0);
        assertEquals("text", t.read("/a/b/f"));
    }

    @Test
    void bindsSubtrees() throws ErrnoException {
        t.mkdir("/m");
        t.namespace().bind(t.find("/a"), t.find("/m"), false);
        assertEquals("text", t.read("/m/b/f"));
        assertEquals("/m/b", path("/m/b"));
        assertSame(t.find("/a/b").dentry(), t.find("/m/b").dentry());
        t.namespace().remount(t.find("/m"), MountFlags.MS_RDONLY);
        fails(Errno.EROFS, () -> t.write("/m/b/f", "x"));
        t.write("/a/b/f", "y");
    }

    @Test
    void busyMountsStay() throws ErrnoException {
        t.namespace().mount(t.find("/a"), TestTree.tmpfs(), "second", 0);
        t.write("/a/x", "x");
        FileDescription f = t.open("/a/x", Fcntl.O_RDONLY);
        fails(Errno.EBUSY, () -> t.namespace().unmount(t.find("/a"), 0));
        t.namespace().unmount(t.find("/a"), MountFlags.MNT_DETACH);
        assertEquals("x", TestTree.get(f, 10));
        f.release();
        fails(Errno.EINVAL, () -> t.namespace().unmount(t.find("/a"), 0));
    }

    @Test
    void writesMountTables() throws ErrnoException {
        t.mkdir("/with space");
        t.namespace().mount(t.find("/with space"), TestTree.tmpfs(), "none", MountFlags.MS_NOSUID | MountFlags.MS_NODEV);
        assertEquals(
                "test / tmpfs rw 0 0\nnone /with\\040space tmpfs rw,nosuid,nodev 0 0\n",
                t.namespace().mountsText(t.root()));
    }

    @Test
    void namesWhatWasUnlinked() throws ErrnoException {
        VfsPath f = t.find("/a/b/f");
        t.unlink("/a/b/f");
        assertEquals("/a/b/f (deleted)", Paths.of(f, t.root()));
        t.write("/a/b/f", "new");
        assertNotSame(f.dentry(), t.find("/a/b/f").dentry());
    }

    @Test
    void remembersWhatIsMissingOnlyUntilItIsMade() throws ErrnoException {
        fails(Errno.ENOENT, () -> t.find("/later"));
        t.write("/later", "now");
        assertEquals("now", t.read("/later"));
        t.rename("/later", "/moved");
        fails(Errno.ENOENT, () -> t.find("/later"));
    }
}
