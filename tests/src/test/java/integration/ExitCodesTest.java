package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes: the program's own, 128+n for signal n, 128 and one line on stderr for errors of ours. */
class ExitCodesTest {
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

    @Test
    void programsOwn() {
        for (int code : new int[] {0, 1, 42, 127, 255}) {
            Image.sandbox("sh", "-c", "exit " + code).run().exits(code);
        }
    }

    @Test
    void signalled() {
        // The first process of a pid namespace is not harmed by signals from inside it, but by its own faults.
        Image.sandbox("sh", "-c", "kill -KILL $$; exit 5").run().exits(5);
        Image.sandbox("python3", "-c", "import ctypes; ctypes.string_at(0)").run().exits(128 + 11);
        Image.sandbox("sh", "-c", "sh -c 'kill -TERM $$'; exit $?").run().exits(128 + 15);
    }

    @Test
    void programNotFound() {
        oneLine(Image.sandbox("no-such-program").run(), "no-such-program");
        oneLine(Image.sandbox("/no/such/program").run(), "/no/such/program");
    }

    @Test
    void programNotExecutable() {
        oneLine(Image.sandbox("/etc/passwd").run(), "/etc/passwd");
        oneLine(Image.sandbox("/etc").run(), "/etc");
    }

    @Test
    void missingBundle() {
        oneLine(Image.runsc("--root", directory.toString(), "run", "--bundle", "/no/such/bundle", "x").run(), "/no/such/bundle");
    }

    @Test
    void brokenConfiguration() throws Exception {
        Files.writeString(directory.resolve("config.json"), "{\n \"ociVersion\": \"1.0.2\",\n \"process\": {]\n}\n");
        oneLine(
                Image.runsc("--root", directory + "/state", "run", "--bundle", directory.toString(), "x").run(),
                "config.json",
                "3");
    }

    @Test
    void unknownPlatform() {
        oneLine(Image.runsc("--platform", "abacus", "do", "true").run(), "abacus");
    }

    @Test
    void unknownCommand() {
        Command.Result r = Image.runsc("dance").run().exits(128);
        assertTrue(r.err().contains("dance"), r.toString());
    }
}
