package sentry.core.fs.epoll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static sentry.core.vfs.TestTree.fails;
import static sentry.core.vfs.TestTree.get;
import static sentry.core.vfs.TestTree.put;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.fs.anon.EventFile;
import sentry.core.fs.pipe.PipeEnd;
import sentry.core.fs.pipe.PipeFileSystem;
import sentry.core.vfs.FileDescription;

class EventPollTest {
    private static final int IN = PollEvents.POLLIN;
    private static final int OUT = PollEvents.POLLOUT;

    private final EventPoll epoll = new EventPoll();
    private final PipeEnd[] pipe = PipeFileSystem.INSTANCE.create(0, 0, 0);

    /** What is reported now, as "data:events". */
    private static List<String> events(EventPoll e) {
        List<String> found = new ArrayList<>();
        e.harvest(10, (events, data) -> found.add(data + ":" + events));
        return found;
    }

    @Test
    void levelTriggeredReportsAsLongAsThereIsSomething() throws ErrnoException {
        epoll.add(pipe[0], 3, IN, 7);
        assertEquals(List.of(), events(epoll));
        put(pipe[1], "xy");
        assertEquals(List.of("7:1"), events(epoll));
        get(pipe[0], 1);
        assertEquals(List.of("7:1"), events(epoll));
        get(pipe[0], 1);
        assertEquals(List.of(), events(epoll));
    }

    @Test
    void edgeTriggeredReportsOnce() throws ErrnoException {
        put(pipe[1], "before");
        epoll.add(pipe[0], 3, IN | EpollEvent.EPOLLET, 7);
        assertEquals(List.of("7:1"), events(epoll));
        assertEquals(List.of(), events(epoll));
        put(pipe[1], "more");
        assertEquals(List.of("7:1"), events(epoll));
        assertEquals(List.of(), events(epoll));
    }

    @Test
    void oneShotIsSilentUntilArmedAgain() throws ErrnoException {
        epoll.add(pipe[0], 3, IN | EpollEvent.EPOLLONESHOT, 7);
        put(pipe[1], "x");
        assertEquals(List.of("7:1"), events(epoll));
        put(pipe[1], "x");
        assertEquals(List.of(), events(epoll));
        epoll.modify(pipe[0], 3, IN | EpollEvent.EPOLLONESHOT, 8);
        assertEquals(List.of("8:1"), events(epoll));
    }

    @Test
    void severalFilesTakeTurns() throws ErrnoException {
        EventFile a = new EventFile(1, false, 0);
        EventFile b = new EventFile(1, false, 0);
        epoll.add(a, 1, IN, 1);
        epoll.add(b, 2, IN, 2);
        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            epoll.harvest(1, (events, data) -> order.add(data));
        }
        assertEquals(List.of(1L, 2L, 1L, 2L), order);
        assertEquals(List.of("1:1", "2:1"), events(epoll));
    }

    @Test
    void refusesWhatLinuxRefuses() throws ErrnoException {
        epoll.add(pipe[0], 3, IN, 0);
        fails(Errno.EEXIST, () -> epoll.add(pipe[0], 3, IN, 0));
        epoll.add(pipe[0], 4, IN, 0); // another descriptor of the same description
        fails(Errno.ENOENT, () -> epoll.modify(pipe[1], 3, IN, 0));
        fails(Errno.ENOENT, () -> epoll.delete(pipe[1], 3));
        epoll.delete(pipe[0], 3);
        fails(Errno.ENOENT, () -> epoll.delete(pipe[0], 3));
    }

    @Test
    void closedFilesAreForgotten() throws ErrnoException {
        epoll.add(pipe[1], 3, OUT, 1);
        assertEquals(List.of("1:4"), events(epoll));
        pipe[1].release();
        assertEquals(List.of(), events(epoll));
        assertEquals("", epoll.fdinfo());
    }

    @Test
    void nests() throws ErrnoException {
        EventPoll outer = new EventPoll();
        outer.add(epoll, 1, IN, 5);
        epoll.add(pipe[0], 3, IN, 7);
        assertEquals(List.of(), events(outer));
        put(pipe[1], "x");
        assertEquals(List.of("5:1"), events(outer));
        assertEquals(IN, epoll.poll(IN));
        get(pipe[0], 1);
        assertEquals(List.of(), events(outer));
        fails(Errno.ELOOP, () -> epoll.add(outer, 9, IN, 0));
        fails(Errno.ELOOP, () -> epoll.add(epoll, 9, IN, 0));
        EventPoll e = outer;
        for (int depth = 3; depth <= 5; depth++) {
            EventPoll more = new EventPoll();
            more.add(e, 1, IN, 0);
            e = more;
        }
        FileDescription deepest = e;
        fails(Errno.ELOOP, () -> new EventPoll().add(deepest, 1, IN, 0));
    }

    @Test
    void eventFilesCount() throws ErrnoException {
        EventFile e = new EventFile(3, false, 0);
        byte[] b = new byte[8];
        assertEquals(8, e.read(null, sentry.core.memory.KernelBuffer.of(b, 0, 8)));
        assertEquals(3, b[0]);
        assertEquals(FileDescription.WOULD_BLOCK, e.read(null, sentry.core.memory.KernelBuffer.of(b, 0, 8)));
        fails(Errno.EINVAL, () -> put(e, "short"));
        fails(Errno.EINVAL, () -> put(e, "\u00ff".repeat(8)));
        assertEquals(8, put(e, "\u00fe" + "\u00ff".repeat(7)));
        assertEquals(IN, e.poll(IN | OUT));
        assertEquals(FileDescription.WOULD_BLOCK, put(e, "\1\0\0\0\0\0\0\0"));
        EventFile s = new EventFile(2, true, 0);
        s.read(null, sentry.core.memory.KernelBuffer.of(b, 0, 8));
        assertEquals(1, b[0]);
        assertEquals(IN | OUT, s.poll(IN | OUT));
    }
}
