package runsc.cli.flags;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import runsc.cli.RunscException;

class FlagsTest {
    private static final Flag[] KNOWN = {
        Flag.value("root", "DIR", "/run", "Where."),
        Flag.value("bundle", "DIR", null, "Bundle.").or('b'),
        Flag.toggle("debug", "Debug."),
    };

    private static Flags parse(String... arguments) throws RunscException {
        return Flags.parse(KNOWN, List.of(arguments));
    }

    @Test
    void oneDashAndTwoMeanTheSame() throws RunscException {
        assertEquals("/x", parse("-root", "/x").get("root"));
        assertEquals("/x", parse("--root", "/x").get("root"));
        assertEquals("/x", parse("-root=/x").get("root"));
        assertEquals("/x", parse("--root=/x").get("root"));
        assertEquals("/x", parse("-b", "/x").get("bundle"));
        assertEquals("/x", parse("-b=/x").get("bundle"));
    }

    @Test
    void whatFollowsTheFlagsIsLeftAlone() throws RunscException {
        Flags flags = parse("--debug", "run", "--debug", "-x", "id");
        assertTrue(flags.isSet("debug"));
        assertEquals(List.of("run", "--debug", "-x", "id"), flags.rest());
    }

    @Test
    void twoDashesEndTheFlags() throws RunscException {
        assertEquals(List.of("--debug"), parse("--", "--debug").rest());
        assertEquals(List.of("-"), parse("-").rest());
    }

    @Test
    void theLastValueCounts() throws RunscException {
        assertEquals("b", parse("--root=a", "--root=b").get("root"));
        assertFalse(parse("--debug", "--debug=false").isSet("debug"));
    }

    @Test
    void standardValuesApplyWhereNothingIsGiven() throws RunscException {
        Flags flags = parse();
        assertEquals("/run", flags.get("root"));
        assertNull(flags.get("bundle"));
        assertFalse(flags.has("bundle"));
        assertFalse(flags.isSet("debug"));
    }

    @Test
    void valuesMayBeEmptyOrLookLikeFlags() throws RunscException {
        assertEquals("", parse("--root=").get("root"));
        assertEquals("a=b", parse("--root=a=b").get("root"));
        assertEquals("--debug", parse("--root", "--debug").get("root"));
    }

    @Test
    void mistakesAreNamed() {
        assertEquals("unknown flag --nope", message("--nope"));
        assertEquals("flag --root needs a value", message("--root"));
        assertEquals("flag --debug is true or false, not maybe", message("--debug=maybe"));
    }

    @Test
    void helpIsKnownEverywhere() throws RunscException {
        assertTrue(parse("--help").help());
        assertTrue(parse("-h").help());
        assertTrue(parse("--debug", "-help", "x").help());
        assertFalse(parse("x", "--help").help());
    }

    private static String message(String... arguments) {
        return assertThrows(RunscException.class, () -> parse(arguments)).getMessage();
    }
}
