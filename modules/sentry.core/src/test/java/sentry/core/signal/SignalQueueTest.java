package sentry.core.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Signal;

class SignalQueueTest {
    private final SignalQueue queue = new SignalQueue();

    private static SignalInfo value(int signo, long value) {
        return new SignalInfo(signo, SignalInfo.SI_QUEUE, 1, 0, 0, value, 0, 0);
    }

    @Test
    void realTimeSignalsKeepTheirOrderAndNumber() {
        queue.add(value(40, 1), null, null);
        queue.add(value(41, 9), null, null);
        queue.add(value(40, 2), null, null);
        assertEquals(1, queue.take(40).address());
        assertTrue(queue.has(40));
        assertEquals(2, queue.take(40).address());
        assertFalse(queue.has(40));
        assertEquals(9, queue.take(41).address());
        assertEquals(0, queue.set());
    }

    @Test
    void aSignalWithoutRoomIsStillDelivered() {
        queue.addBare(Signal.SIGTERM);
        SignalInfo info = queue.take(Signal.SIGTERM);
        assertEquals(Signal.SIGTERM, info.signo());
        assertEquals(SignalInfo.SI_USER, info.code());
        assertFalse(queue.has(Signal.SIGTERM));
    }

    @Test
    void takenAndFlushedSignalsAreNoLongerCounted() {
        AtomicInteger account = new AtomicInteger(3);
        queue.add(value(40, 1), account, null);
        queue.add(value(41, 2), account, null);
        queue.add(value(40, 3), account, null);
        queue.take(40);
        assertEquals(2, account.get());
        queue.flush(Signal.bit(40) | Signal.bit(41));
        assertEquals(0, account.get());
        assertEquals(0, queue.set());
        queue.add(value(42, 4), null, null);
        assertEquals(4, queue.take(42).address());
    }

    @Test
    void aSourceIsToldWhenItsSignalGoes() {
        int[] told = {0};
        queue.add(value(34, 0), null, info -> {
            told[0]++;
            return value(34, 77);
        });
        assertEquals(77, queue.take(34).address());
        queue.add(value(34, 0), null, info -> {
            told[0]++;
            return info;
        });
        queue.flush(-1L);
        assertEquals(2, told[0]);
    }
}
