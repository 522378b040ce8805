package integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The short cases of {@code realprograms/check}: shells, compilers, language runtimes, tracers and load generators of a
 * Debian 12, natively and in a sandbox. The script makes the root filesystem once, in a cache outside the sources.
 */
@Isolated
class RealProgramsTest extends SandboxTest {
    /** What the native runs printed serves for every platform. */
    @TempDir
    static Path results;

    @OnEachPlatform
    void printTheSameAsNatively() {
        Command.Result r = Command.of("realprograms/check", "--fast", "--again", "--results", results.toString(), on.name())
                .with("RUNSC_IMAGE", Image.home().toString())
                .seconds(1800) // the first run makes the root
                .run();
        List<String> skipped = r.out().lines().filter(l -> l.startsWith("SKIPPED")).toList();
        skipped.forEach(l -> System.err.println("real programs: " + l));
        r.exits(0);
        Assumptions.assumeTrue(r.out().contains("PASSED "), () -> "nothing ran: " + skipped);
        assertTrue(r.out().endsWith(" skipped\n"), r.toString());
    }
}
