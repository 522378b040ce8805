package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The programs in hostile/ try to get out of the program's world by odd instructions and forged entries. */
class HostileTest extends SandboxTest {
    @TempDir
    Path logs;

    private static final Path SOURCES = Path.of("hostile").toAbsolutePath();

    private static Path program(String name) {
        return Programs.build(SOURCES.resolve(name + ".c"), true);
    }

    /** What Linux fixes. The rest depends on the processor, and on what virtualises it. */
    private static String fixed(String out) {
        List<String> lines = out.lines().filter(l -> l.startsWith("= ")).toList();
        assertTrue(lines.size() > 50, out);
        return lines.stream().collect(Collectors.joining("\n"));
    }

    @OnEachPlatform
    void oddInstructionsEndInASignal() {
        Path program = program("instructions");
        String host = Command.of(program.toString()).run().exits(0).out();
        String sandbox = on.sandbox(program.toString()).seconds(120).run().exits(0).out();
        assertEquals(null, Difference.of(fixed(host), fixed(sandbox)));
        assertTrue(sandbox.endsWith("0 hang\nalive\n"), sandbox);
    }

    @OnEachPlatform
    void thePlatformsOwnPagesAreOfNoUse() {
        Command.Result r = on.sandbox(program("pages").toString()).seconds(120).run().exits(0);
        assertEquals("alive\n", r.out(), r.err());
    }

    /** Random arguments at every call, from several processes, with the same seed each time. */
    @OnEachPlatform
    void randomCallsHarmNobody() throws IOException {
        String fuzz = program("fuzz").toString();
        Command.Result r = on.runsc("--debug", "--debug-log", logs + "/", "do", fuzz, "20261123", "60", "6")
                .seconds(180)
                .run();
        assertEquals("seed 20261123\nalive\n", r.out(), r.err());
        assertEquals(0, r.exit(), r.err());
        try (Stream<Path> files = Files.list(logs)) {
            for (Path log : files.toList()) {
                String text = Files.readString(log, StandardCharsets.ISO_8859_1);
                int inside = text.indexOf("failed inside the kernel");
                int at = inside >= 0 ? inside : text.indexOf("failed at its end");
                if (at >= 0) {
                    fail(text.substring(text.lastIndexOf('\n', at) + 1, Math.min(text.length(), at + 4000)));
                }
            }
        }
    }
}
