package sentry.core.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sentry.core.vfs.TestTree.fails;

import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;

class FdTableTest {
    private final TestTree t = new TestTree();
    private final FdTable fds = new FdTable();

    private FileDescription file() throws ErrnoException {
        return t.open("/", Fcntl.O_RDONLY);
    }

    @Test
    void givesTheLowestFreeNumber() throws ErrnoException {
        assertEquals(0, fds.install(file(), 0, false, 100));
        assertEquals(1, fds.install(file(), 0, false, 100));
        assertEquals(10, fds.install(file(), 10, true, 100));
        fds.close(null, 0);
        assertEquals(0, fds.install(file(), 0, false, 100));
        assertEquals(2, fds.install(file(), 0, false, 100));
        assertEquals(11, fds.install(file(), 10, false, 100));
        assertTrue(fds.closeOnExec(10));
        assertFalse(fds.closeOnExec(11));
        assertArrayEquals(new int[] {0, 1, 2, 10, 11}, fds.open());
    }

    @Test
    void keepsTheLimit() throws ErrnoException {
        fds.install(file(), 0, false, 2);
        fds.install(file(), 0, false, 2);
        FileDescription f = file();
        fails(Errno.EMFILE, () -> fds.install(f, 0, false, 2));
        assertEquals(200, fds.install(f, 200, false, 201));
        fails(Errno.EBADF, () -> fds.get(199));
        fails(Errno.EBADF, () -> fds.get(-1));
        fails(Errno.EBADF, () -> fds.get(Integer.MAX_VALUE));
    }

    @Test
    void closesRanges() throws ErrnoException {
        for (int i = 0; i < 10; i++) {
            fds.install(file(), 0, false, 100);
        }
        fds.closeRange(null, 3, 5);
        fds.closeRange(null, 8, Integer.MAX_VALUE);
        assertArrayEquals(new int[] {0, 1, 2, 6, 7}, fds.open());
        fds.markCloseOnExec(1, 6);
        fds.closeOnExec(null);
        assertArrayEquals(new int[] {0, 7}, fds.open());
        assertEquals(1, fds.install(file(), 0, false, 100));
    }

    @Test
    void forksShareDescriptions() throws ErrnoException {
        FileDescription f = file();
        fds.install(f, 0, false, 100);
        FdTable copy = fds.fork();
        fds.close(null, 0);
        assertSame(f, copy.get(0));
        assertTrue(f.retain());
        f.release();
        copy.release(null);
        assertFalse(f.retain());
    }

    @Test
    void closingGivesUpRecordLocks() throws ErrnoException {
        t.write("/f", "");
        FileDescription a = t.open("/f", Fcntl.O_RDWR);
        FileDescription b = t.open("/f", Fcntl.O_RDWR);
        fds.install(a, 0, false, 100);
        fds.install(b, 0, false, 100);
        FileLocks locks = a.inode().state().locks();
        locks.lock(new FileLocks.Range(fds, true, 0, 9, 1));
        locks.lock(new FileLocks.Range(fds, true, 10, 19, 1));
        FileLocks.Range other = new FileLocks.Range(this, false, 15, FileLocks.TO_END, 2);
        assertEquals(19, locks.conflict(other).end());
        fails(Errno.EAGAIN, () -> locks.lock(other));
        locks.unlock(fds, 12, 30);
        locks.lock(other);
        assertEquals(11, locks.conflict(new FileLocks.Range(this, true, 0, 50, 2)).end());
        fds.close(null, 1);
        locks.lock(new FileLocks.Range(this, true, 0, 50, 2));
    }
}
