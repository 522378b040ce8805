package gofer.p9;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gofer.p9.client.Client;
import gofer.p9.client.Names;
import gofer.p9.client.P9Error;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import host.linux.Memory;
import host.linux.MessageHeader;
import host.linux.NativeArea;
import host.linux.Sockets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that die, lie and send garbage: the other side answers with errors or hangs up, and never hangs itself. */
@Timeout(3600)
class HostilePeerTest {
    /** Another run: {@code -Dp9.fuzz.seed=N}. */
    private static final long SEED = Long.getLong("p9.fuzz.seed", 20261123);
    /** A longer one: {@code -Dp9.fuzz.seconds=N}. */
    private static final long FUZZ_NANOS = 1_000_000_000L * Long.getLong("p9.fuzz.seconds", 7);
    private static final int[] TYPES = {
        6, 8, 12, 14, 16, 18, 20, 22, 24, 26, 30, 32, 40, 50, 52, 54, 70, 72, 74, 76, 100, 102, 104, 108, 110, 116, 118, 120,
        122, 200, 202, 204, 206, 208, 210, 212, 214, 216, 218, 220, 222, 224, 226, 228, 230, 255
    };
    private static final String[] NAMES = {"a", "b", "file", "link", "..", ".", "", "x/y", "/", "a\0b", "dir"};

    /** A socket with buffers to send and receive raw bytes. */
    private static final class Raw implements AutoCloseable {
        final int socket;
        final NativeArea area = NativeArea.allocate(1 << 20);
        final MessageHeader header = new MessageHeader();

        Raw(int socket) {
            this.socket = socket;
        }

        boolean send(byte[] data, int length) {
            Memory.copy(data, 0, area.address(), length);
            return header.send(socket, area.address(), length, Sockets.MSG_NOSIGNAL) == length;
        }

        /** Receives one frame, or null at the end. Descriptors that come along are closed. */
        byte[] frame() {
            int have = 0;
            int need = 4;
            while (have < need) {
                long got = header.receive(socket, area.address() + have, need - have, 0);
                if (got <= 0) {
                    return null;
                }
                have += (int) got;
                if (have == 4) {
                    need = Memory.getInt(area.address());
                    assertTrue(need >= 7 && need <= 1 << 20, "frame of " + need);
                }
            }
            byte[] frame = new byte[have];
            Memory.copy(area.address(), frame, 0, have);
            return frame;
        }

        @Override
        public void close() {
            host.linux.Files.close(socket);
            area.close();
            header.close();
        }
    }

    @Test
    void theServerSurvivesGarbage() throws Exception {
        Path directory = Files.createTempDirectory("p9fuzz");
        Path inside = Files.createDirectory(directory.resolve("root"));
        Path guard = directory.resolve("guard");
        Files.writeString(guard, "untouched");
        Random random = new Random(SEED);
        long until = System.nanoTime() + FUZZ_NANOS;
        int requests = 0;
        int before = Served.openDescriptors();
        while (System.nanoTime() < until) {
            long pair = Sockets.pair(Sockets.SOCK_STREAM);
            Thread server = Served.serve((int) (pair >>> 32), inside, false);
            try (Raw raw = new Raw((int) pair)) {
                requests += attack(raw, random, until);
            }
            server.join(5000);
            assertFalse(server.isAlive(), "the server hangs after the peer left");
        }
        assertTrue(requests > 1000, "only " + requests + " requests");
        assertEquals("untouched", Files.readString(guard));
        assertEquals(2, directory.toFile().list().length, "something was made outside the root");
        assertTrue(Served.openDescriptors() <= before + 2, "descriptors leak");
        try (Served cleaner = new Served(false)) {
            assertTrue(cleaner.client.extended());
        }
        deleteTree(directory);
    }

    private static void deleteTree(Path directory) throws Exception {
        try (var all = Files.walk(directory)) {
            for (Path p : (Iterable<Path>) all.sorted(java.util.Comparator.reverseOrder())::iterator) {
                Files.delete(p);
            }
        }
    }

    /** Sends random requests, some of them well-formed, until the server hangs up or it is time for a new connection. */
    private static int attack(Raw raw, Random random, long until) {
        Packet p = new Packet(4096);
        p.begin(Protocol.TVERSION, Protocol.NOTAG);
        p.put32(random.nextInt(10) == 0 ? random.nextInt() : 65536);
        p.putString(random.nextBoolean() ? Protocol.VERSION_X : Protocol.VERSION_L);
        int n = p.finish();
        assertTrue(raw.send(p.array(), n));
        assertTrue(raw.frame() != null);
        p.begin(Protocol.TATTACH, 1);
        p.put32(1);
        p.put32(Protocol.NOFID);
        p.putString("");
        p.putString("");
        p.put32(0);
        n = p.finish();
        raw.send(p.array(), n);
        raw.frame();
        int sent = 0;
        while (System.nanoTime() < until && sent < 2000) {
            int type = TYPES[random.nextInt(TYPES.length)];
            p.begin(type, random.nextInt(4));
            int fields = random.nextInt(12);
            for (int i = 0; i < fields; i++) {
                switch (random.nextInt(6)) {
                    case 0 -> p.put32(1 + random.nextInt(8)); // a fid, a count
                    case 1 -> p.putString(NAMES[random.nextInt(NAMES.length)]);
                    case 2 -> p.put16(random.nextInt(4));
                    case 3 -> p.put64(random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(100));
                    case 4 -> p.put32(random.nextInt(4) == 0 ? random.nextInt() : 0);
                    default -> p.put8(random.nextInt(256));
                }
            }
            if (random.nextInt(3) > 0) {
                wellFormed(p, random);
            }
            int size = p.finish();
            type = p.array()[4] & 0xff;
            if (random.nextInt(200) == 0) {
                p.set32(0, random.nextInt()); // breaks the framing
                raw.send(p.array(), size);
                return sent;
            }
            if (random.nextInt(8) == 0) {
                p.set8(7 + random.nextInt(Math.max(1, size - 7)), random.nextInt(256));
            }
            if (!raw.send(p.array(), size)) {
                return sent;
            }
            byte[] reply = raw.frame();
            if (reply == null) {
                return sent;
            }
            assertTrue((reply[4] & 0xff) == 7 || (reply[4] & 0xff) == (type + 1 & 0xff), "reply type " + reply[4]);
            sent++;
        }
        return sent;
    }

    /** A request that makes sense, with hostile names now and then. */
    private static void wellFormed(Packet p, Random random) {
        String name = NAMES[random.nextInt(NAMES.length)];
        int fid = 1 + random.nextInt(4);
        int other = 1 + random.nextInt(8);
        switch (random.nextInt(10)) {
            case 0 -> {
                p.begin(Protocol.TWALK, 1);
                p.put32(fid);
                p.put32(other);
                p.put16(1);
                p.putString(name);
            }
            case 1 -> {
                p.begin(Protocol.TMKDIR, 1);
                p.put32(fid);
                p.putString(name);
                p.put32(0755);
                p.put32(-1);
            }
            case 2 -> {
                p.begin(Protocol.TCREATEX, 1);
                place(p, fid, name);
                p.put32(random.nextBoolean() ? Protocol.NOFID : other);
                p.put32(random.nextInt(4));
                p.put32(0644);
                p.put32(0);
                p.put32(0);
            }
            case 3 -> {
                p.begin(Protocol.TWALKX, 1);
                place(p, fid, name);
                p.put32(random.nextBoolean() ? Protocol.NOFID : other);
                p.put32(random.nextInt(4));
                p.put16(1);
                p.putString(NAMES[random.nextInt(NAMES.length)]);
            }
            case 4 -> {
                p.begin(Protocol.TUNLINKX, 1);
                place(p, fid, name);
                p.put32(random.nextBoolean() ? Protocol.NOFID : other);
                p.put32(random.nextBoolean() ? 0 : 0x200);
            }
            case 5 -> {
                p.begin(Protocol.TRENAMEX, 1);
                place(p, fid, name);
                place(p, other, NAMES[random.nextInt(NAMES.length)]);
                p.put32(Protocol.NOFID);
                p.put32(random.nextInt(4));
            }
            case 6 -> {
                p.begin(Protocol.TREADDIRX, 1);
                place(p, fid, name);
                p.put64(random.nextBoolean() ? 0 : random.nextLong());
                p.put32(random.nextInt(100000));
            }
            case 7 -> {
                p.begin(Protocol.TLOPEN, 1);
                p.put32(fid);
                p.put32(random.nextInt(4));
            }
            case 8 -> {
                p.begin(random.nextBoolean() ? Protocol.TCLUNK : Protocol.TREMOVE, 1);
                p.put32(2 + random.nextInt(7));
            }
            default -> {
                p.begin(Protocol.TMAKEX, 1);
                place(p, fid, name);
                p.put32((random.nextInt(16) << 12) | 0644);
                p.put64(0x103);
                p.put32(0);
                p.put32(0);
                p.putString(random.nextBoolean() ? "../.." : "/etc");
            }
        }
    }

    private static void place(Packet p, int fid, String name) {
        p.put32(fid);
        p.put16(1);
        p.putString(name);
    }

    @Test
    void theClientSurvivesGarbage() throws Exception {
        Random random = new Random(SEED);
        long until = System.nanoTime() + FUZZ_NANOS;
        int before = Served.openDescriptors();
        int errors = 0;
        int answers = 0;
        while (System.nanoTime() < until) {
            long pair = Sockets.pair(Sockets.SOCK_STREAM);
            Random own = new Random(random.nextLong());
            Thread liar = new Thread(() -> lie(new Raw((int) (pair >>> 32)), own));
            liar.start();
            try (Client client = Client.connect((int) pair, 65536)) {
                for (int i = 0; i < 50 && !client.isDead(); i++) {
                    try {
                        call(client, random);
                        answers++;
                    } catch (P9Error e) {
                        errors++;
                    }
                }
            } catch (P9Error e) {
                errors++;
            }
            liar.join(5000);
            assertFalse(liar.isAlive());
        }
        assertTrue(errors > 100, "only " + errors + " errors");
        assertTrue(answers > 10, "only " + answers + " answers");
        assertTrue(Served.openDescriptors() <= before + 2, "descriptors leak");
    }

    private static void call(Client client, Random random) throws P9Error {
        Names place = new Names(1, "a");
        int[] fd = {-1};
        switch (random.nextInt(9)) {
            case 0 -> fd[0] = client.walkx(place, Protocol.NOFID, random.nextInt(4), "b", "c").fd();
            case 1 -> fd[0] = client.openx(place, Protocol.NOFID, 0).fd();
            case 2 -> fd[0] = client.createx(place, "x", Protocol.NOFID, 2, 0, 0, 0).fd();
            case 3 -> client.readdirx(place, 0, (name, next, attributes, target) -> {});
            case 4 -> client.getattr(1);
            case 5 -> client.getxattrx(place, "user.a");
            case 6 -> client.read(1, 0, new byte[100], 0, 100);
            case 7 -> client.readdir(1, 0, 1000, (qid, next, type, name) -> {});
            default -> client.walk(1, 2, "a", "b");
        }
        if (fd[0] >= 0) {
            host.linux.Files.close(fd[0]);
        }
    }

    /** A server that negotiates properly and then answers with whatever comes. */
    private static void lie(Raw raw, Random random) {
        Packet p = new Packet(4096);
        boolean negotiated = false;
        try (raw) {
            byte[] request;
            while ((request = raw.frame()) != null) {
                int type = request[4] & 0xff;
                int tag = request[5] & 0xff | (request[6] & 0xff) << 8;
                p.begin(random.nextInt(20) == 0 ? random.nextInt(256) : type + 1, random.nextInt(30) == 0 ? 9 : tag);
                if (!negotiated) {
                    p.begin(Protocol.TVERSION + 1, Protocol.NOTAG);
                    p.put32(random.nextInt(10) == 0 ? random.nextInt() : 65536);
                    p.putString(Protocol.VERSION_X);
                    negotiated = true;
                } else {
                    answer(p, type, random);
                }
                int size = p.finish();
                boolean broken = random.nextInt(20) == 0;
                if (broken) {
                    p.set32(0, random.nextInt(3) == 0 ? random.nextInt() : size + random.nextInt(9) - 4);
                }
                Memory.copy(p.array(), 0, raw.area.address(), size);
                long sent = random.nextInt(3) == 0
                        ? raw.header.sendWithFd(raw.socket, raw.area.address(), size, raw.socket, Sockets.MSG_NOSIGNAL)
                        : raw.header.send(raw.socket, raw.area.address(), size, Sockets.MSG_NOSIGNAL);
                if (sent != size || broken || random.nextInt(60) == 0) {
                    return;
                }
            }
        }
    }

    private static void answer(Packet p, int type, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                for (int i = random.nextInt(200); i > 0; i--) {
                    p.put8(random.nextInt(5) == 0 ? random.nextInt(256) : 0);
                }
            }
            case 1 -> {
                p.put32(random.nextInt(50) - 5);
                p.put16(random.nextInt(5));
                for (int i = random.nextInt(4); i > 0; i--) {
                    attributes(random).write(p);
                    p.putString(NAMES[random.nextInt(NAMES.length)]);
                }
                p.put8(random.nextInt(3));
            }
            case 2 -> {
                attributes(random).write(p);
                p.put8(random.nextInt(3));
            }
            default -> {
                p.put8(random.nextInt(2));
                p.put16(random.nextInt(4));
                for (int i = random.nextInt(4); i > 0; i--) {
                    p.put64(random.nextLong());
                    p.putString(NAMES[random.nextInt(NAMES.length)]);
                    attributes(random).write(p);
                    p.put16(0);
                }
            }
        }
    }

    private static Attributes attributes(Random random) {
        Attributes a = new Attributes();
        a.mode = random.nextInt(10) == 0 ? random.nextInt() : random.nextBoolean() ? 0100644 : 0040755;
        a.size = random.nextInt(10) == 0 ? random.nextLong() : 5;
        return a;
    }

    @Test
    void aDeadPeerIsAnErrorForEveryone() throws Exception {
        long pair = Sockets.pair(Sockets.SOCK_STREAM);
        int far = (int) (pair >>> 32);
        CountDownLatch asked = new CountDownLatch(8);
        Thread server = new Thread(() -> {
            try (Raw raw = new Raw(far)) {
                raw.frame();
                Packet p = new Packet(64).begin(Protocol.TVERSION + 1, Protocol.NOTAG);
                p.put32(65536);
                p.putString(Protocol.VERSION_X);
                raw.send(p.array(), p.finish());
                for (int i = 0; i < 8; i++) {
                    raw.frame();
                    asked.countDown();
                }
            }
        });
        server.start();
        try (Client client = Client.connect((int) pair, 65536)) {
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            Thread[] callers = new Thread[8];
            for (int i = 0; i < callers.length; i++) {
                callers[i] = new Thread(() -> {
                    try {
                        client.getattr(1);
                        wrong.set(new AssertionError("an answer from nobody"));
                    } catch (P9Error e) {
                        if (e.errno() != 5) {
                            wrong.set(e);
                        }
                    }
                });
                callers[i].start();
            }
            asked.await();
            for (Thread t : callers) {
                t.join(5000);
                assertFalse(t.isAlive(), "a caller hangs");
            }
            assertEquals(null, wrong.get());
            assertTrue(client.isDead());
            assertEquals(5, assertThrows(P9Error.class, () -> client.getattr(1)).errno());
        }
        server.join();
    }

    @Test
    void manyThreadsShareOneConnection() throws Exception {
        try (Served served = new Served(false)) {
            for (int i = 0; i < 8; i++) {
                served.write("f" + i, "x".repeat(i + 1));
            }
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            Thread[] threads = new Thread[8];
            for (int i = 0; i < threads.length; i++) {
                int own = i;
                threads[i] = new Thread(() -> {
                    try {
                        for (int round = 0; round < 500; round++) {
                            if (own == 7 && round % 10 == 0) {
                                Thread.currentThread().interrupt(); // a waiting call is not disturbed
                            }
                            String text = Served.readAndClose(served.client
                                    .openx(served.at("f" + own), Protocol.NOFID, 0)
                                    .fd());
                            assertEquals(own + 1, text.length());
                            int fid = served.client.newFid();
                            served.client.walk(served.root, fid, "f" + own);
                            served.client.clunkLater(fid);
                        }
                        assertEquals(own == 7, Thread.interrupted());
                    } catch (P9Error | AssertionError e) {
                        wrong.set(e);
                    }
                });
                threads[i].start();
            }
            for (Thread t : threads) {
                t.join(20000);
                assertFalse(t.isAlive(), "hangs: " + Arrays.toString(t.getStackTrace()));
            }
            if (wrong.get() != null) {
                throw new AssertionError(wrong.get());
            }
        }
    }
}
