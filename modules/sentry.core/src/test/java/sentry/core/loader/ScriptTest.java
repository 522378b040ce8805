package sentry.core.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

class ScriptTest {
    private static Script parse(String text) throws ErrnoException {
        byte[] head = new byte[Script.HEAD];
        int n = Math.min(head.length, text.length());
        System.arraycopy(text.getBytes(), 0, head, 0, n);
        return Script.parse(head, n);
    }

    private static void refused(String text) {
        assertEquals(Errno.ENOEXEC, assertThrows(ErrnoException.class, () -> parse(text)).errno());
    }

    @Test
    void takesTheInterpreterAndOneArgument() throws Exception {
        assertEquals(new Script("/bin/sh", null), parse("#!/bin/sh\necho"));
        assertEquals(new Script("/bin/sh", null), parse("#! \t/bin/sh \t\n"));
        assertEquals(new Script("/usr/bin/env", "python3 -u"), parse("#!/usr/bin/env  python3 -u  \nx"));
        assertEquals(new Script("/bin/sh", null), parse("#!/bin/sh"));
        assertNull(parse("hello"));
        assertNull(parse("#"));
        assertNull(parse(""));
    }

    @Test
    void refusesALineWithoutAName() {
        refused("#!\n/bin/sh");
        refused("#!   \t \n");
        refused("#!");
        refused("#!" + " ".repeat(400));
    }

    @Test
    void refusesANameThatMayBeCutOff() throws Exception {
        refused("#!/" + "a".repeat(400));
        Script s = parse("#!/bin/sh " + "a".repeat(400));
        assertEquals(Script.HEAD - "#!/bin/sh ".length(), s.argument().length());
    }

    @Test
    void putsItselfInFront() throws Exception {
        assertEquals(
                List.of("/bin/sh", "-e", "/x/script", "one", "two"),
                parse("#!/bin/sh -e\n").arguments("/x/script", List.of("argv0", "one", "two")));
        assertEquals(List.of("/bin/sh", "s"), parse("#!/bin/sh\n").arguments("s", List.of("")));
    }
}
