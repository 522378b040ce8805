package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes: the program's own, 128+n for signal n, 128 and one line on stderr for errors of ours. */
class ExitCodesTest extends SandboxTest {
    @TempDir
    Path directory;

    private static void oneLine(Command.Result r, String... parts) {
        r.exits(128);
        assertEquals("", r.out(), r.toString());
        assertEquals(1, r.err().lines().count(), r.toString());
        for (String part : parts) {
            assertTrue(r.err().contains(part), "'" + part + "' is missing in: " + r.err());
        }
    }

    @OnEachPlatform
    void programsOwn() {
        for (int code : new int[] {0, 1, 42, 127, 255}) {
            on.sandbox("sh", "-c", "exit " + code).run().exits(code);
        }
    }

    @OnEachPlatform
    void signalled() {
        // The first process of a pid namespace is not harmed by signals from inside it, but by its own faults.
        on.sandbox("sh", "-c", "kill -KILL $$; exit 5").run().exits(5);
        on.sandbox("python3", "-c", "import ctypes; ctypes.string_at(0)").run().exits(128 + 11);
        on.sandbox("sh", "-c", "sh -c 'kill -TERM $$'; exit $?").run().exits(128 + 15);
    }

    @OnEachPlatform
    void programNotFound() {
        oneLine(on.sandbox("no-such-program").run(), "no-such-program");
        oneLine(on.sandbox("/no/such/program").run(), "/no/such/program");
    }

    @OnEachPlatform
    void programNotExecutable() {
        oneLine(on.sandbox("/etc/passwd").run(), "/etc/passwd");
        oneLine(on.sandbox("/etc").run(), "/etc");
    }

    @OnEachPlatform
    void missingBundle() {
        oneLine(on.runsc("--root", directory.toString(), "run", "--bundle", "/no/such/bundle", "x").run(), "/no/such/bundle");
    }

    @OnEachPlatform
    void brokenConfiguration() throws Exception {
        Files.writeString(directory.resolve("config.json"), "{\n \"ociVersion\": \"1.0.2\",\n \"process\": {]\n}\n");
        oneLine(
                on.runsc("--root", directory + "/state", "run", "--bundle", directory.toString(), "x").run(),
                "config.json",
                "3");
    }
}
