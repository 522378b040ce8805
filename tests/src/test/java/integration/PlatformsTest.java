package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The choice of a platform. */
class PlatformsTest {
    /** A platform that cannot be used here is skipped for all tests, and this is where it is said. */
    @TestFactory
    List<DynamicTest> runsAProgram() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Platform p : Platform.wanted()) {
            tests.add(dynamicTest(p.name(), () -> {
                if (p.unusable() != null) {
                    String why = "no test of a sandbox ran on " + p + ", for it is not usable: " + p.unusable();
                    System.err.println("SKIPPING: " + why);
                    Assumptions.abort(why);
                }
                assertEquals("Linux\n", p.sandbox("uname").run().exits(0).out());
            }));
        }
        return tests;
    }

    private String debug(String... flags) {
        List<String> words = new ArrayList<>(List.of(flags));
        words.addAll(List.of("--debug", "do", "/bin/true"));
        return Image.runsc(words).run().exits(0).err();
    }

    @Test
    void autoTakesTheOneThatIsListedSo() {
        String list = Image.runsc("platforms").run().exits(0).out();
        String choice = list.lines().filter(l -> l.startsWith("auto takes ")).findFirst().orElseThrow();
        String name = choice.substring("auto takes ".length(), choice.indexOf(':'));
        String log = " platform " + name + ": the best here";
        assertTrue(debug().contains(log), list);
        assertTrue(debug("--platform=auto").contains(log), list);
    }

    @Test
    void aNamedOneIsTaken() {
        for (Platform p : Platform.usable()) {
            assertTrue(debug("--platform", p.name()).contains(" platform " + p + ": asked for"));
        }
    }

    /** For every command that starts a sandbox: one line, the usual exit code, and nothing left behind. */
    private void refused(String platform, String why) throws Exception {
        try (Bundle b = Bundle.busybox(new Platform(platform, null))) {
            b.program("/bin/true");
            List<Command> commands = List.of(
                    b.runsc("do", "true"),
                    b.runsc("run", "--bundle", b.directory().toString(), "one"),
                    b.runsc("create", "--bundle", b.directory().toString(), "two"));
            for (Command c : commands) {
                Command.Result r = c.run().exits(128);
                assertTrue(r.out().isEmpty() && r.err().lines().count() == 1, r.toString());
                assertTrue(r.err().contains("platform " + platform) && r.err().contains(why), r.toString());
                assertTrue(b.runsc("list", "-q").run().exits(0).out().isEmpty());
                assertTrue(b.left().stream().noneMatch(n -> n.startsWith("do") || n.equals("one") || n.equals("two")),
                        b.left().toString());
            }
        }
    }

    @Test
    void anUnknownOneIsRefused() throws Exception {
        refused("abacus", "ptrace");
    }

    @Test
    void anUnusableOneIsRefused() throws Exception {
        for (Platform p : Platform.wanted()) {
            if (p.unusable() != null) {
                refused(p.name(), p.unusable());
            }
        }
    }
}
