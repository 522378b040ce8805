package runsc.cli.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SignalNamesTest {
    @Test
    void numbersAndNamesWithAndWithoutSig() {
        assertEquals(9, SignalNames.number("9"));
        assertEquals(9, SignalNames.number("KILL"));
        assertEquals(9, SignalNames.number("SIGKILL"));
        assertEquals(9, SignalNames.number("sigkill"));
        assertEquals(31, SignalNames.number("SYS"));
        assertEquals(29, SignalNames.number("SIGPOLL"));
        assertEquals(34, SignalNames.number("SIGRTMIN"));
        assertEquals(37, SignalNames.number("SIGRTMIN+3"));
        assertEquals(63, SignalNames.number("RTMAX-1"));
        assertEquals(0, SignalNames.number("0"));
        assertEquals(64, SignalNames.number("64"));
    }

    @Test
    void othersAreNone() {
        for (String name : new String[] {"", "SIG", "65", "-1", "NOPE", "RTMIN+99", "RTMIN-9", "RTMAX+1", "1.5"}) {
            assertEquals(-1, SignalNames.number(name), name);
        }
    }

    @Test
    void namesForMessages() {
        assertEquals("SIGKILL", SignalNames.name(9));
        assertEquals("signal 40", SignalNames.name(40));
    }
}
