package sentry.core.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static sentry.core.vfs.TestTree.fails;
import static sentry.core.vfs.TestTree.get;
import static sentry.core.vfs.TestTree.put;

import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.fs.pipe.PipeEnd;
import sentry.core.fs.pipe.PipeFileSystem;
import sentry.core.memory.KernelBuffer;
import sentry.core.task.NetNamespace;
import sentry.core.task.UserNamespace;
import sentry.core.vfs.FileDescription;

class UnixSocketTest {
    private static final FileDescription[] NO_FILES = {};
    private static final Peer ME = new Peer(1, 2, 3);

    private static final NetNamespace NET = new NetNamespace(UserNamespace.INITIAL);

    private static UnixSocket socket(int type) {
        return new UnixSocket(NET, type, 0, 0, 0);
    }

    private static UnixSocket[] pair(int type) {
        UnixSocket[] both = {socket(type), socket(type)};
        UnixSocket.pair(both[0], both[1], ME);
        return both;
    }

    private static byte[] name(String name) {
        return ("\0" + name).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @Test
    void streamsJoinWrites() throws ErrnoException {
        UnixSocket[] s = pair(UnixSocket.STREAM);
        put(s[0], "one");
        put(s[0], "two");
        assertEquals("onetw", get(s[1], 5));
        assertEquals("o", get(s[1], 5));
        fails(Errno.EAGAIN, () -> get(s[1], 5));
        s[0].release();
        assertEquals("", get(s[1], 5));
        fails(Errno.EPIPE, () -> put(s[1], "x"));
    }

    @Test
    void packetsKeepTheirBounds() throws ErrnoException {
        UnixSocket[] s = pair(UnixSocket.SEQPACKET);
        put(s[0], "one");
        put(s[0], "twotwo");
        assertEquals("one", get(s[1], 100));
        assertEquals("tw", get(s[1], 2));
        fails(Errno.EAGAIN, () -> get(s[1], 5));
    }

    @Test
    void streamsHaveAnEnd() throws ErrnoException {
        UnixSocket[] s = pair(UnixSocket.STREAM);
        long sent = 0;
        for (long n; (n = put(s[0], "x".repeat(50_000))) > 0; ) {
            sent += n;
        }
        assertEquals(UnixSocket.BUFFER, sent);
        assertEquals(0, s[0].poll(PollEvents.POLLOUT));
        get(s[1], 1);
        assertEquals(PollEvents.POLLOUT, s[0].poll(PollEvents.POLLOUT));
    }

    @Test
    void filesTravelAndDoNotLeak() throws ErrnoException {
        UnixSocket[] s = pair(UnixSocket.STREAM);
        PipeEnd[] pipe = PipeFileSystem.INSTANCE.create(0, 0, 0);
        byte[] one = {1};
        s[0].send(null, KernelBuffer.of(one, 0, 1), null, new FileDescription[] {pipe[1]}, 0);
        put(s[0], "more");
        Received with = new Received();
        assertEquals(1, s[1].receive(KernelBuffer.of(new byte[10], 0, 10), 0, with));
        assertSame(pipe[1], with.files[0]);
        assertEquals("more", get(s[1], 10));
        s[0].send(null, KernelBuffer.of(one, 0, 1), null, with.files, 0);
        s[1].release(); // unread: the pipe's last writer goes with the message
        assertFalse(pipe[1].retain());
        assertEquals(PollEvents.POLLHUP, pipe[0].poll(0));
        fails(Errno.ECONNRESET, () -> get(s[0], 1));
    }

    @Test
    void connectsByName() throws ErrnoException {
        UnixSocket listener = socket(UnixSocket.STREAM);
        UnixSocket client = socket(UnixSocket.STREAM);
        listener.bindAbstract(name("test"));
        fails(Errno.EADDRINUSE, () -> client.bindAbstract(name("test")));
        fails(Errno.ECONNREFUSED, () -> client.connect(listener, ME));
        fails(Errno.EINVAL, listener::accept);
        listener.listen(0, ME);
        assertNull(listener.accept());
        assertSame(listener, listener.findAbstract(name("test")));
        client.connect(listener, ME);
        UnixSocket more = socket(UnixSocket.STREAM);
        assertFalse(more.connect(listener, ME)); // the backlog is full
        put(client, "early");
        UnixSocket server = listener.accept();
        assertEquals("early", get(server, 10));
        assertEquals(ME, server.peerIs());
        listener.release();
        fails(Errno.ECONNREFUSED, () -> listener.findAbstract(name("test")));
        put(server, "late");
        assertEquals("late", get(client, 10));
    }

    @Test
    void datagramsSayWhereFrom() throws ErrnoException {
        UnixSocket a = socket(UnixSocket.DGRAM);
        UnixSocket b = socket(UnixSocket.DGRAM);
        a.bindAny();
        b.send(null, KernelBuffer.of(new byte[0], 0, 0), a, NO_FILES, 0);
        a.send(null, KernelBuffer.of(new byte[] {7}, 0, 1), b, NO_FILES, 0);
        Received with = new Received();
        assertEquals(0, a.receive(KernelBuffer.of(new byte[1], 0, 1), 0, with));
        assertNull(with.address);
        assertEquals(1, b.receive(KernelBuffer.of(new byte[1], 0, 1), 0, with));
        assertEquals(6, with.address.length);
        b.release();
        fails(Errno.ECONNREFUSED, () -> a.send(null, KernelBuffer.of(new byte[1], 0, 1), b, NO_FILES, 0));
        a.release();
    }
}
