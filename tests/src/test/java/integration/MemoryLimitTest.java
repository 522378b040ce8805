package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;

/** linux.resources.memory.limit holds inside the sandbox: what is over it ends, by the rules of oom_score_adj. */
class MemoryLimitTest extends SandboxTest {
    @OnEachPlatform
    void whoTakesTooMuchIsKilled() throws Exception {
        Path source = Path.of("programs/limit/oom.c").toAbsolutePath();
        try (Bundle b = Bundle.busybox(on)) {
            Files.copy(Programs.build(source, true), b.root().resolve("oom"));
            Command.Result r = b.linux("\"resources\": {\"memory\": {\"limit\": 134217728}}").program("/oom").run().run();
            r.exits(0);
            assertEquals(
                    """
                    128 MiB, 128 MiB
                    adjusted: KILL
                    large: KILL
                    alive
                    """,
                    r.out());
        }
    }
}
