package gofer.p9.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PacketTest {
    private static Packet reread(Packet p) {
        int size = p.finish();
        p.window(0, size);
        return p;
    }

    @Test
    void numbersAreLittleEndianAndComeBack() throws ProtocolException {
        Packet p = new Packet(8).begin(Protocol.TVERSION, 0xffff);
        p.put8(0xfe);
        p.put16(0xfedc);
        p.put32(0x89abcdef);
        p.put64(0x8123456789abcdefL);
        p.putString("a\u00ffb");
        Packet r = reread(p);
        byte[] d = r.array();
        assertEquals(7 + 1 + 2 + 4 + 8 + 5, Packet.int32(d, 0));
        assertEquals(Protocol.TVERSION, d[4]);
        assertEquals((byte) 0xdc, d[8]);
        assertEquals(0xfe, r.get8());
        assertEquals(0xfedc, r.get16());
        assertEquals(0x89abcdef, r.get32());
        assertEquals(0x8123456789abcdefL, r.get64());
        assertEquals("a\u00ffb", r.getString());
        assertEquals(0, r.remaining());
        assertThrows(ProtocolException.class, r::get8);
    }

    @Test
    void attributesComeBack() throws ProtocolException {
        Attributes a = new Attributes();
        a.mode = 0x81ff;
        a.nlink = 3;
        a.uid = -2;
        a.gid = 7;
        a.blksize = 4096;
        a.flags = 0x10;
        a.dev = 0x803;
        a.ino = -5;
        a.rdev = 1;
        a.size = 1L << 40;
        a.blocks = 9;
        a.atime = -1;
        a.mtime = Long.MAX_VALUE;
        a.ctime = 5;
        a.btime = Attributes.NO_TIME;
        a.mount = 77;
        Packet p = new Packet(8).begin(1, 1);
        a.write(p);
        assertEquals(Attributes.SIZE, p.position() - Protocol.HEADER);
        Attributes b = new Attributes();
        b.read(reread(p));
        assertEquals(a.mode, b.mode);
        assertEquals(a.nlink, b.nlink);
        assertEquals(a.uid, b.uid);
        assertEquals(a.gid, b.gid);
        assertEquals(a.blksize, b.blksize);
        assertEquals(a.flags, b.flags);
        assertEquals(a.dev, b.dev);
        assertEquals(a.ino, b.ino);
        assertEquals(a.rdev, b.rdev);
        assertEquals(a.size, b.size);
        assertEquals(a.blocks, b.blocks);
        assertEquals(a.atime, b.atime);
        assertEquals(a.mtime, b.mtime);
        assertEquals(a.ctime, b.ctime);
        assertEquals(a.btime, b.btime);
        assertEquals(a.mount, b.mount);
    }

    @Test
    void attributesOfNoFileAreRefused() {
        for (int mode : new int[] {0, 0xf000, 0x3000, 0x18000}) {
            Attributes a = new Attributes();
            a.mode = mode;
            Packet p = new Packet(8).begin(1, 1);
            a.write(p);
            assertThrows(ProtocolException.class, () -> new Attributes().read(reread(p)), "mode " + mode);
        }
    }

    @Test
    void stringsBeyondTheMessageAreRefused() {
        Packet p = new Packet(8).begin(1, 1);
        p.put16(2);
        p.put8('a');
        assertThrows(ProtocolException.class, () -> reread(p).getString());
        assertThrows(ProtocolException.class, () -> reread(p).skip(-1));
        assertThrows(ProtocolException.class, () -> reread(p).skip(4));
    }

    @Test
    void namesThatAreNoneAreRefused() {
        for (String name : new String[] {"", ".", "..", "a/b", "/", "a\0b", "x".repeat(256)}) {
            Packet p = new Packet(8).begin(1, 1);
            p.putString(name);
            assertThrows(ProtocolException.class, () -> reread(p).getName(), name);
            assertThrows(ProtocolException.class, () -> reread(p).skipName(), name);
        }
    }

    @Test
    void oddNamesAreNames() throws ProtocolException {
        for (String name : new String[] {"...", "..a", ".a", " ", "\u00ff\n", "x".repeat(255)}) {
            Packet p = new Packet(8).begin(1, 1);
            p.putString(name);
            assertEquals(name, reread(p).getName());
        }
    }
}
