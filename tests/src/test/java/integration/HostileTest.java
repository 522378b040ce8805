package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The programs in hostile/ try to get out of the program's world by odd instructions and forged entries. */
class HostileTest extends SandboxTest {
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
}
