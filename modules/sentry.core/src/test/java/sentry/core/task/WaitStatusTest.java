package sentry.core.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WaitStatusTest {
    @Test
    void exitKeepsTheLowByte() {
        WaitStatus s = WaitStatus.exit(0x1ff);
        assertTrue(s.exited());
        assertEquals(0xff, s.code());
        assertEquals(0xff00, s.raw());
        assertEquals(255, s.shellCode());
    }

    @Test
    void deathBySignalIsToldAsTheShellDoes() {
        WaitStatus s = WaitStatus.killed(9, false);
        assertFalse(s.exited());
        assertEquals(9, s.signal());
        assertEquals(137, s.shellCode());
        assertTrue(WaitStatus.killed(11, true).coreDumped());
    }
}
