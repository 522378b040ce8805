package runsc.cli.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.UnixSockets;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import runsc.cli.io.WireWriter;

class ChannelTest {
    private int raw;
    private Channel one;
    private Channel other;

    @BeforeEach
    void connect() throws IOException {
        int[] pair = UnixSockets.pair();
        raw = pair[0];
        one = new Channel(pair[0]);
        other = new Channel(pair[1]);
    }

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void framesArriveWhole() throws IOException {
        one.send(MessageType.SIGNAL, new WireWriter().u32(15).u8(2));
        one.send(MessageType.WAIT, null);
        Frame frame = other.receive(Channel.SMALL);
        assertEquals(MessageType.SIGNAL, frame.type());
        assertEquals(15, frame.reader().u32());
        assertEquals(MessageType.WAIT, other.receive(Channel.SMALL).type());
        one.close();
        assertNull(other.receive(Channel.SMALL));
    }

    @Test
    void largeFramesTravelWithDescriptors() throws Exception {
        int file = FileIo.memory("x");
        FileIo.write(file, new byte[] {1, 2, 3});
        String big = "y".repeat(1 << 20);
        Thread sender = new Thread(() -> {
            try {
                one.send(MessageType.CONFIGURE, new WireWriter().string(big), file, 1);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        sender.start();
        Frame frame = other.receive(Channel.LARGE);
        sender.join();
        assertEquals(big, frame.reader().string());
        assertEquals(2, frame.descriptors().length);
        host.linux.Syscall.call(8, frame.descriptors()[0], 0, 0);
        assertArrayEquals(new byte[] {1, 2, 3}, FileIo.readAll(frame.descriptors()[0]));
        for (int fd : frame.descriptors()) {
            Files.close(fd);
        }
        Files.close(file);
    }

    @Test
    void nonsenseIsRefused() throws IOException {
        assertRefused(new byte[] {0, 0, 0, 0, 1, 4}, "malformed");
        assertRefused(new byte[] {1, 0, 0, 0, 1, 4}, "malformed");
        assertRefused(new byte[] {-1, -1, -1, -1, 1, 4}, "malformed");
        assertRefused(new byte[] {-1, -1, -1, 0x7f, 1, 4}, "malformed");
        assertRefused(new byte[] {2, 0, 0, 0, 9, 4}, "version 9");
        assertRefused(new byte[] {2, 0, 0, 0, 1, 99}, "unknown message type");
        assertRefused(new byte[] {2, 0, 0}, "ended within a message");
        assertRefused(new byte[] {5, 0, 0, 0, 1, 4, 7}, "ended within a message");
    }

    private void assertRefused(byte[] bytes, String why) throws IOException {
        close();
        connect();
        UnixSockets.send(raw, bytes);
        one.close();
        String message = assertThrows(IOException.class, () -> other.receive(Channel.SMALL)).getMessage();
        assertTrue(message.contains(why), message);
    }
}
