package runsc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/usage.md says what the help says. {@code -Drunsc.write-usage=true} writes it anew. */
class UsageDocTest {
    private static final Path FILE = Path.of("../../docs/usage.md");
    private static final String HEAD = """
            # Using runsc

            This page holds what `runsc help` and `runsc help COMMAND` print. A test compares them;
            `mvn -pl modules/runsc.cli -am test -Dtest=UsageDocTest -Drunsc.write-usage=true
            -Dsurefire.failIfNoSpecifiedTests=false` writes the page anew.

            ## runsc

            """;

    private static String page() {
        StringBuilder s = new StringBuilder(HEAD);
        block(s, HelpText.overview());
        for (String name : Commands.NAMES) {
            s.append("\n## runsc ").append(name).append("\n\n");
            block(s, HelpText.of(Commands.find(name)));
        }
        return s.toString();
    }

    private static void block(StringBuilder s, String text) {
        s.append("```text\n").append(text).append("```\n");
    }

    @Test
    void thePageIsCurrent() throws IOException {
        if (Boolean.getBoolean("runsc.write-usage")) {
            Files.writeString(FILE, page());
        }
        assertEquals(page(), Files.readString(FILE));
    }

    @Test
    void everyCommandExplainsItselfWithAnExample() {
        for (String name : Commands.NAMES) {
            Command.Help help = Commands.find(name).help();
            assertEquals(name, help.name());
            assertTrue(help.summary().endsWith("."), name);
            assertTrue(help.examples().length >= 2 && help.examples().length % 2 == 0, name);
            for (String line : HelpText.of(Commands.find(name)).split("\n")) {
                assertTrue(line.length() <= 90, line);
            }
        }
    }
}
