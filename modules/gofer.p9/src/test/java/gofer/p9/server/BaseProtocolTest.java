package gofer.p9.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gofer.p9.Served;
import gofer.p9.client.Client;
import gofer.p9.client.FileStat;
import gofer.p9.client.P9Error;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.Qid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The requests of 9P2000.L, made by our own client. */
class BaseProtocolTest {
    private Served served;
    private Client client;

    @BeforeEach
    void serve() throws IOException, P9Error {
        served = new Served(false);
        client = served.client;
    }

    @AfterEach
    void end() throws IOException {
        served.close();
    }

    private static void assertErrno(int errno, Executable what) {
        assertEquals(errno, assertThrows(P9Error.class, what).errno());
    }

    private int walk(String... names) throws P9Error {
        int fid = client.newFid();
        Qid[] qids = client.walk(served.root, fid, names);
        assertEquals(names.length, qids.length);
        return fid;
    }

    @Test
    void walksStepByStep() throws Exception {
        Files.createDirectories(served.directory.resolve("a/b"));
        served.write("a/b/file", "text");
        int fid = client.newFid();
        Qid[] qids = client.walk(served.root, fid, "a", "b", "file");
        assertEquals(3, qids.length);
        assertEquals(Protocol.QID_DIRECTORY, qids[0].type());
        assertEquals(0, qids[2].type());
        assertNotEquals(qids[0].path(), qids[1].path());
        assertEquals(2, client.walk(served.root, client.newFid(), "a", "b", "missing").length);
        assertErrno(2, () -> client.walk(served.root, client.newFid(), "missing"));
        assertErrno(20, () -> client.walk(fid, client.newFid(), "below-a-file"));
        assertErrno(9, () -> client.walk(served.root, fid));
        assertErrno(9, () -> client.walk(12345, client.newFid()));
        client.clunk(fid);
        assertErrno(9, () -> client.getattr(fid));
    }

    @Test
    void noNameLeadsOut() throws Exception {
        Files.createSymbolicLink(served.directory.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(served.directory.resolve("etc"), Path.of("/etc"));
        for (String name : new String[] {"..", ".", "", "a/b", "../x", "/", "a\0"}) {
            assertErrno(22, () -> client.walk(served.root, client.newFid(), name));
        }
        assertErrno(20, () -> {
            int fid = client.newFid();
            client.walk(served.root, fid, "etc");
            client.walk(fid, client.newFid(), "passwd");
        });
        assertEquals(1, client.walk(served.root, client.newFid(), "up", "x").length);
        int link = walk("etc");
        assertEquals("/etc", client.readlink(link));
        assertErrno(40, () -> client.open(link, 0));
    }

    @Test
    void readsAndWrites() throws Exception {
        int fid = walk();
        client.create(fid, "new", 2, 0640, -1);
        byte[] data = "hello, world".getBytes(StandardCharsets.US_ASCII);
        assertEquals(data.length, client.write(fid, 3, data, 0, data.length));
        byte[] back = new byte[100];
        assertEquals(data.length + 3, client.read(fid, 0, back, 0, back.length));
        assertArrayEquals(data, java.util.Arrays.copyOfRange(back, 3, 3 + data.length));
        assertEquals(0, client.read(fid, 1000, back, 0, 10));
        client.fsync(fid, true);
        FileStat stat = client.getattr(fid);
        assertEquals(0100640, stat.mode());
        assertEquals(data.length + 3, stat.size());
        assertErrno(17, () -> client.create(walk(), "new", 2, 0640, -1));
        client.setattr(fid, Protocol.SET_SIZE, 0, 0, 0, 4, 0, 0);
        assertEquals(4, Files.size(served.directory.resolve("new")));
    }

    @Test
    void changesNames() throws Exception {
        client.mkdir(served.root, "d", 0755, -1);
        client.symlink(served.root, "l", "some/where", -1);
        client.mknod(served.root, "fifo", 0010644, 0, 0, -1);
        assertEquals("some/where", client.readlink(walk("l")));
        assertErrno(1, () -> client.mknod(served.root, "dev", 0020666, 1, 3, -1));
        assertErrno(6, () -> client.open(walk("fifo"), 0));
        int file = walk();
        client.create(file, "f", 1, 0600, -1);
        client.link(served.root, file, "g");
        assertEquals(2, client.getattr(file).nlink());
        client.renameat(served.root, "g", walk("d"), "h");
        assertTrue(Files.exists(served.directory.resolve("d/h")));
        client.unlinkat(walk("d"), "h", 0);
        assertErrno(39, () -> {
            int d = walk();
            client.create(walk("d"), "x", 1, 0600, -1);
            client.unlinkat(d, "d", 0x200);
        });
        int moved = walk("f");
        client.rename(moved, walk("d"), "f2");
        assertTrue(Files.exists(served.directory.resolve("d/f2")));
        client.remove(moved);
        assertFalse(Files.exists(served.directory.resolve("d/f2")));
        int stale = walk("l");
        Files.delete(served.directory.resolve("l"));
        served.write("l", "another file");
        assertErrno(116, () -> client.remove(stale));
        assertTrue(Files.exists(served.directory.resolve("l")));
    }

    @Test
    void listsWhatIsThere() throws Exception {
        for (int i = 0; i < 3000; i++) {
            served.write("file-with-a-long-name-" + i, "");
        }
        int fid = walk();
        client.open(fid, 0x10000);
        List<String> names = new ArrayList<>();
        long[] next = new long[1];
        while (client.readdir(fid, next[0], 8192, (qid, offset, type, name) -> {
                    names.add(name);
                    next[0] = offset;
                })
                > 0) {
            assertTrue(names.size() < 10000);
        }
        assertEquals(3002, names.size());
        assertEquals(3002, names.stream().distinct().count());
    }

    @Test
    void extendedAttributesByFid() throws Exception {
        served.write("f", "");
        int fid = walk("f");
        client.xattrcreate(fid, "user.test", 5, 0);
        client.write(fid, 0, "value".getBytes(StandardCharsets.US_ASCII), 0, 5);
        client.clunk(fid);
        int file = walk("f");
        int reader = client.newFid();
        assertEquals(5, client.xattrwalk(file, reader, "user.test"));
        byte[] value = new byte[5];
        assertEquals(5, client.read(reader, 0, value, 0, 5));
        assertEquals("value", new String(value, StandardCharsets.US_ASCII));
        assertErrno(61, () -> client.xattrwalk(file, client.newFid(), "user.other"));
    }

    @Test
    void locksExcludeEachOther() throws Exception {
        served.write("f", "text");
        int a = walk("f");
        int b = walk("f");
        client.open(a, 2);
        client.open(b, 2);
        assertEquals(Protocol.LOCK_SUCCESS, client.lock(a, 1, 0, 10, 1, "x"));
        assertEquals(Protocol.LOCK_BLOCKED, client.lock(b, 1, 5, 10, 2, "y"));
        assertFalse(client.lockable(b, 1, 5, 10, 2, "y"));
        assertEquals(Protocol.LOCK_SUCCESS, client.lock(a, 2, 0, 10, 1, "x"));
        assertTrue(client.lockable(b, 1, 5, 10, 2, "y"));
    }

    @Test
    void aReadOnlyTreeStaysAsItIs() throws Exception {
        served.write("f", "text");
        try (Client c = readOnlyClient()) {
            int root = c.newFid();
            c.attach(root, "", "");
            int f = c.newFid();
            c.walk(root, f, "f");
            assertErrno(30, () -> c.mkdir(root, "d", 0755, -1));
            assertErrno(30, () -> c.symlink(root, "s", "x", -1));
            assertErrno(30, () -> c.mknod(root, "n", 0010644, 0, 0, -1));
            assertErrno(30, () -> c.create(root, "c", 1, 0644, -1));
            assertErrno(30, () -> c.link(root, f, "g"));
            assertErrno(30, () -> c.renameat(root, "f", root, "g"));
            assertErrno(30, () -> c.unlinkat(root, "f", 0));
            assertErrno(30, () -> c.setattr(f, Protocol.SET_MODE, 0, 0, 0, 0, 0, 0));
            assertErrno(30, () -> c.xattrcreate(f, "user.x", 1, 0));
            assertErrno(30, () -> c.open(f, 1));
            assertErrno(30, () -> c.open(f, 2));
            assertErrno(30, () -> c.open(f, 0x200));
            c.open(f, 0);
            byte[] b = new byte[10];
            assertEquals(4, c.read(f, 0, b, 0, 10));
            assertErrno(9, () -> c.write(f, 0, b, 0, 1));
        }
        assertTrue(Files.exists(served.directory.resolve("f"), LinkOption.NOFOLLOW_LINKS));
    }

    private Client readOnlyClient() throws Exception {
        long pair = host.linux.Sockets.pair(host.linux.Sockets.SOCK_STREAM);
        Served.serve((int) (pair >>> 32), served.directory, true);
        return Client.connect((int) pair, 8192);
    }

    @Test
    void fidsDoNotLeakDescriptors() throws Exception {
        served.write("f", "text");
        int before = Served.openDescriptors();
        for (int i = 0; i < 2000; i++) {
            int fid = walk("f");
            client.open(fid, 0);
            client.clunk(fid);
        }
        assertTrue(Served.openDescriptors() <= before + 2);
    }

    @Test
    void statfsTellsOfTheHost() throws Exception {
        assertTrue(client.statfs(served.root).blockSize() > 0);
        assertEquals(255, client.statfs(served.root).nameMax());
    }

    @Test
    void flushIsAnswered() throws Exception {
        client.flush(77);
    }
}
