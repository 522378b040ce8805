package gofer.p9.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gofer.p9.Served;
import gofer.p9.client.Client;
import gofer.p9.client.Names;
import gofer.p9.client.Opened;
import gofer.p9.client.P9Error;
import gofer.p9.client.Walked;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Protocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The requests of 9P2000.L.runsc.1. */
class ExtensionTest {
    private Served served;
    private Client client;

    @BeforeEach
    void serve() throws IOException, P9Error {
        served = new Served(false);
        client = served.client;
        assertTrue(client.extended());
    }

    @AfterEach
    void end() throws IOException {
        served.close();
    }

    private static void assertErrno(int errno, Executable what) {
        assertEquals(errno, assertThrows(P9Error.class, what).errno());
    }

    @Test
    void walkTellsAllItPassed() throws Exception {
        Files.createDirectories(served.directory.resolve("a/b"));
        served.write("a/b/file", "text");
        Files.createSymbolicLink(served.directory.resolve("a/link"), Path.of("b"));
        Walked w = client.walkx(served.at(), Protocol.NOFID, Protocol.WALK_SELF, "a", "b", "file");
        assertEquals(0, w.errno());
        assertEquals(4, w.count());
        assertTrue(w.attributes()[2].isDirectory());
        assertEquals(4, w.attributes()[3].size);

        w = client.walkx(served.at(), Protocol.NOFID, 0, "a", "missing", "x");
        assertEquals(2, w.errno());
        assertEquals(1, w.count());

        w = client.walkx(served.at("a"), Protocol.NOFID, 0, "link", "file");
        assertEquals(40, w.errno());
        assertEquals(1, w.count());
        assertEquals("b", w.targets()[0]);

        w = client.walkx(served.at("a"), Protocol.NOFID, 0, "link");
        assertEquals(0, w.errno());
        assertEquals("b", w.targets()[0]);

        w = client.walkx(served.at("a", "b"), Protocol.NOFID, 0, "file", "below");
        assertEquals(20, w.errno());
        assertEquals(1, w.count());

        assertErrno(2, () -> client.walkx(served.at("no", "way"), Protocol.NOFID, 0, "x"));
        assertErrno(40, () -> client.walkx(served.at("a", "link", "x"), Protocol.NOFID, 0, "x"));
    }

    @Test
    void walkMayBindAndOpen() throws Exception {
        Files.createDirectory(served.directory.resolve("a"));
        served.write("a/file", "text");
        int fid = client.newFid();
        Walked w = client.walkx(served.at(), fid, Protocol.WALK_OPEN, "a", "file");
        assertEquals("text", Served.readAndClose(w.fd()));
        assertEquals(4, client.getattr(fid).size());
        w = client.walkx(new Names(fid), Protocol.NOFID, Protocol.WALK_SELF | Protocol.WALK_OPEN);
        assertEquals("text", Served.readAndClose(w.fd()));
        w = client.walkx(served.at(), Protocol.NOFID, Protocol.WALK_OPEN, "a");
        assertEquals(-1, w.fd());
        int clone = client.newFid();
        assertEquals(0, client.walkx(new Names(fid), clone, 0).count());
        client.clunk(fid);
        assertEquals(4, client.getattr(clone).size());
    }

    @Test
    void veryLongPaths() throws Exception {
        String name = "n".repeat(250);
        String[] names = new String[30];
        int dir = served.root;
        for (int i = 0; i < names.length; i++) {
            names[i] = name;
            client.mkdir(dir, name, 0755, -1);
            int next = client.newFid();
            client.walk(dir, next, name);
            dir = next;
        }
        client.createx(new Names(dir), "deep", Protocol.NOFID, 2, 0600, 0, 0);
        Opened o = client.openx(new Place30(served.root, names), Protocol.NOFID, 2);
        host.linux.Files.close(o.fd());
        client.unlinkx(served.at(names), "deep", Protocol.NOFID, 0);
        for (int i = names.length - 1; i >= 0; i--) {
            client.unlinkx(served.at(java.util.Arrays.copyOf(names, i)), name, Protocol.NOFID, 0x200);
        }
        assertEquals(0, client.walkx(served.at(), Protocol.NOFID, 0, name).count());
    }

    private record Place30(int fid, String[] names) implements gofer.p9.client.Place {
        @Override
        public void write(gofer.p9.codec.Packet out, String child) {
            new Names(fid, names).write(out, "deep");
        }
    }

    @Test
    void createsWithOwnerModeAndDescriptor() throws Exception {
        Opened o = client.createx(served.at(), "new", Protocol.NOFID, 2, 04751, 123, 456);
        assertEquals(0104751, o.attributes().mode);
        assertEquals(123, o.attributes().uid);
        assertEquals(456, o.attributes().gid);
        assertEquals("", Served.readAndClose(o.fd()));
        assertErrno(17, () -> client.createx(served.at(), "new", Protocol.NOFID, 2, 0644, 0, 0));
        Attributes d = client.makex(served.at(), "dir", 0042770, 0, 1, 2, null);
        assertEquals(0042770, d.mode);
        assertEquals(1, d.uid);
        Attributes l = client.makex(served.at("dir"), "link", 0120777, 0, 3, 4, "to/where");
        assertEquals(3, l.uid);
        assertTrue(l.isSymlink());
        assertEquals("to/where", Files.readSymbolicLink(served.directory.resolve("dir/link")).toString());
        assertEquals(0010600, client.makex(served.at(), "fifo", 0010600, 0, 0, 0, null).mode);
        assertErrno(1, () -> client.makex(served.at(), "dev", 0060600, 0x103, 0, 0, null));
        assertErrno(6, () -> client.openx(served.at("fifo"), Protocol.NOFID, 0));
        assertErrno(21, () -> client.openx(served.at("dir"), Protocol.NOFID, 0));
        assertErrno(40, () -> client.openx(served.at("dir", "link"), Protocol.NOFID, 0));
    }

    @Test
    void attributesAreSet() throws Exception {
        served.write("f", "0123456789");
        int valid = Protocol.SET_MODE | Protocol.SET_UID | Protocol.SET_SIZE | Protocol.SET_ATIME | Protocol.SET_ATIME_SET
                | Protocol.SET_MTIME | Protocol.SET_MTIME_SET;
        Attributes a = client.setattrx(served.at("f"), valid, 06755, 9, 0, 5, -1_500_000_000L, 1_000_000_007L);
        assertEquals(0106755, a.mode);
        assertEquals(9, a.uid);
        assertEquals(5, a.size);
        assertEquals(-1_500_000_000L, a.atime);
        assertEquals(1_000_000_007L, a.mtime);
        Files.createSymbolicLink(served.directory.resolve("l"), Path.of("f"));
        a = client.setattrx(served.at("l"), Protocol.SET_UID, 0, 77, 0, 0, 0, 0);
        assertEquals(77, a.uid);
        assertEquals(9, client.walkx(served.at(), Protocol.NOFID, 0, "f").attributes()[0].uid);
        assertErrno(95, () -> client.setattrx(served.at("l"), Protocol.SET_MODE, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void aFileThatLosesItsNameStaysReachable() throws Exception {
        served.write("f", "text");
        served.write("g", "other");
        int kept = client.newFid();
        client.unlinkx(served.at(), "f", kept, 0);
        assertFalse(Files.exists(served.directory.resolve("f")));
        Attributes a = client.setattrx(new Names(kept), Protocol.SET_MODE, 0600, 0, 0, 0, 0, 0);
        assertEquals(0, a.nlink);
        assertEquals("text", Served.readAndClose(client.openx(new Names(kept), Protocol.NOFID, 0).fd()));
        served.write("h", "third");
        int replaced = client.newFid();
        client.renamex(served.at(), "g", served.at(), "h", replaced, 0);
        assertEquals("third", Served.readAndClose(client.openx(new Names(replaced), Protocol.NOFID, 0).fd()));
        assertEquals("other", Files.readString(served.directory.resolve("h")));
        assertErrno(17, () -> {
            served.write("i", "");
            client.renamex(served.at(), "h", served.at(), "i", Protocol.NOFID, 1);
        });
        for (int i = 0; i < 100; i++) {
            client.clunkLater(i == 0 ? kept : i == 1 ? replaced : client.newFid());
        }
        client.statfs(served.root);
    }

    @Test
    void linksAndExtendedAttributes() throws Exception {
        served.write("f", "text");
        assertEquals(2, client.linkx(served.at("f"), served.at(), "g").nlink);
        Files.createSymbolicLink(served.directory.resolve("l"), Path.of("nowhere"));
        client.linkx(served.at("l"), served.at(), "m");
        assertTrue(Files.isSymbolicLink(served.directory.resolve("m")));
        byte[] value = "v\0w".getBytes(StandardCharsets.US_ASCII);
        client.setxattrx(served.at("f"), "user.a", value, 0);
        assertArrayEquals(value, client.getxattrx(served.at("g"), "user.a"));
        assertEquals("user.a\0", new String(client.listxattrx(served.at("f")), StandardCharsets.US_ASCII));
        client.removexattrx(served.at("f"), "user.a");
        assertErrno(61, () -> client.getxattrx(served.at("f"), "user.a"));
        assertErrno(34, () -> client.getxattrx(served.at("f"), ""));
    }

    @Test
    void listingsCarryAttributes() throws Exception {
        Map<String, Long> expected = new TreeMap<>();
        for (int i = 0; i < 2500; i++) {
            served.write("f" + i, "x".repeat(i % 7));
            expected.put("f" + i, (long) (i % 7));
        }
        Files.createSymbolicLink(served.directory.resolve("l"), Path.of("t".repeat(3000)));
        Map<String, Long> found = new TreeMap<>();
        long[] next = new long[1];
        boolean end;
        do {
            end = client.readdirx(served.at(), next[0], (name, offset, attributes, target) -> {
                next[0] = offset;
                if (target == null) {
                    found.put(name, attributes.size);
                } else {
                    assertEquals("l", name);
                    assertEquals(3000, target.length());
                }
            });
        } while (!end);
        assertEquals(expected, found);
    }

    @Test
    void aReadOnlyTreeStaysAsItIs() throws Exception {
        served.write("f", "text");
        try (Served ro = served.again(true)) {
            Client c = ro.client;
            assertErrno(30, () -> c.createx(ro.at(), "n", Protocol.NOFID, 2, 0644, 0, 0));
            assertErrno(30, () -> c.makex(ro.at(), "n", 0040755, 0, 0, 0, null));
            assertErrno(30, () -> c.linkx(ro.at("f"), ro.at(), "n"));
            assertErrno(30, () -> c.unlinkx(ro.at(), "f", Protocol.NOFID, 0));
            assertErrno(30, () -> c.renamex(ro.at(), "f", ro.at(), "n", Protocol.NOFID, 0));
            assertErrno(30, () -> c.setattrx(ro.at("f"), Protocol.SET_MODE, 0, 0, 0, 0, 0, 0));
            assertErrno(30, () -> c.openx(ro.at("f"), Protocol.NOFID, 1));
            assertErrno(30, () -> c.openx(ro.at("f"), Protocol.NOFID, 2));
            assertErrno(30, () -> c.openx(ro.at("f"), Protocol.NOFID, 0x200));
            assertErrno(30, () -> c.setxattrx(ro.at("f"), "user.x", new byte[1], 0));
            assertErrno(30, () -> c.removexattrx(ro.at("f"), "user.x"));
            int fd = c.openx(ro.at("f"), Protocol.NOFID, 0).fd();
            assertEquals(-9, host.linux.Files.ftruncate(fd, 0) == -22 ? -9 : host.linux.Files.ftruncate(fd, 0));
            assertEquals("text", Served.readAndClose(fd));
        }
    }

    /** While "x" is now a directory, now a link to a place outside, nothing of that place may ever be seen. */
    @Test
    void noRaceLeadsOut() throws Exception {
        Path outside = Files.createTempDirectory("p9outside");
        Files.writeString(outside.resolve("file"), "secret!");
        Files.createDirectory(served.directory.resolve("dir"));
        served.write("dir/file", "inside");
        Path x = served.directory.resolve("x");
        Path link = served.directory.resolve("link");
        Files.createSymbolicLink(link, outside);
        Files.move(served.directory.resolve("dir"), x);
        AtomicBoolean stop = new AtomicBoolean();
        Thread racer = new Thread(() -> {
            try {
                while (!stop.get()) {
                    Files.move(x, served.directory.resolve("dir"), StandardCopyOption.ATOMIC_MOVE);
                    Files.move(link, x, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(x, link, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(served.directory.resolve("dir"), x, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        racer.start();
        int seen = 0;
        long until = System.nanoTime() + 500_000_000L;
        while (System.nanoTime() < until) {
            try {
                assertEquals(
                        "inside", Served.readAndClose(client.openx(served.at("x", "file"), Protocol.NOFID, 0).fd()));
                seen++;
            } catch (P9Error e) {
                assertTrue(e.errno() == 2 || e.errno() == 40 || e.errno() == 20, e.getMessage());
            }
            Walked w = client.walkx(served.at(), Protocol.NOFID, Protocol.WALK_OPEN, "x", "file");
            if (w.fd() >= 0) {
                assertEquals("inside", Served.readAndClose(w.fd()));
            }
            if (w.count() == 2) {
                assertEquals(6, w.attributes()[1].size);
            }
            try {
                client.createx(served.at("x"), "made", Protocol.NOFID, 2, 0600, 0, 0);
                client.unlinkx(served.at("x"), "made", Protocol.NOFID, 0);
            } catch (P9Error e) {
                assertTrue(e.errno() == 2 || e.errno() == 40 || e.errno() == 20 || e.errno() == 17, e.getMessage());
            }
            assertFalse(Files.exists(outside.resolve("made"), LinkOption.NOFOLLOW_LINKS));
        }
        stop.set(true);
        racer.join();
        assertTrue(seen > 0);
        Files.delete(outside.resolve("file"));
        Files.delete(outside);
    }
}
