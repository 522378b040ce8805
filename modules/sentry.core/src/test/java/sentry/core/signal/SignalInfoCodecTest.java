package sentry.core.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Signal;

/** Offsets are those of siginfo_t in asm-generic/siginfo.h on amd64. */
class SignalInfoCodecTest {
    private static ByteBuffer encode(SignalInfo info) {
        byte[] out = new byte[SignalInfoCodec.SIZE];
        SignalInfoCodec.encode(info, out, 0);
        return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void childHasStatusAndTimes() throws sentry.core.abi.ErrnoException {
        ByteBuffer b = encode(new SignalInfo(Signal.SIGCHLD, Signal.CLD_EXITED, 7, 8, 9, 0, 10, 11));
        assertEquals(Signal.SIGCHLD, b.getInt(0));
        assertEquals(0, b.getInt(4));
        assertEquals(Signal.CLD_EXITED, b.getInt(8));
        assertEquals(7, b.getInt(16));
        assertEquals(8, b.getInt(20));
        assertEquals(9, b.getInt(24));
        assertEquals(10, b.getLong(32));
        assertEquals(11, b.getLong(40));
    }

    @Test
    void faultHasAddress() throws sentry.core.abi.ErrnoException {
        ByteBuffer b = encode(SignalInfo.fault(Signal.SIGSEGV, Signal.SEGV_ACCERR, 0x1234567890L));
        assertEquals(Signal.SEGV_ACCERR, b.getInt(8));
        assertEquals(0x1234567890L, b.getLong(16));
    }

    @Test
    void queuedSignalHasSenderAndValueAndComesBack() throws sentry.core.abi.ErrnoException {
        SignalInfo info = new SignalInfo(40, SignalInfo.SI_QUEUE, 5, 6, 0, 0x1122334455667788L, 0, 0);
        ByteBuffer b = encode(info);
        assertEquals(5, b.getInt(16));
        assertEquals(6, b.getInt(20));
        assertEquals(0x1122334455667788L, b.getLong(24));
        assertEquals(b, encode(SignalInfoCodec.decode(b.array(), 40)));
    }

    @Test
    void aSentFaultSignalLooksLikeAnyOther() throws sentry.core.abi.ErrnoException {
        ByteBuffer b = encode(SignalInfo.user(Signal.SIGSEGV, 3, 4));
        assertEquals(3, b.getInt(16));
        assertEquals(4, b.getInt(20));
    }
}
