package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** {@code runsc run} over a minimal Debian 12, which debootstrap makes once and a cache outside the sources keeps. */
class DebianTest extends SandboxTest {
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "runsc-tests");
    private static final Path ROOT = CACHE.resolve("bookworm-minbase");
    private static final String MIRROR = "http://deb.debian.org/debian";

    @BeforeAll
    static void makeRoot() throws IOException {
        if (Files.isExecutable(ROOT.resolve("bin/dash"))) {
            return;
        }
        Files.createDirectories(CACHE);
        Path part = CACHE.resolve("bookworm-minbase.part-" + ProcessHandle.current().pid());
        Command.Result r;
        try {
            r = Command.of("debootstrap", "--variant=minbase", "bookworm", part.toString(), MIRROR).seconds(900).run();
        } catch (java.io.UncheckedIOException e) {
            r = new Command.Result(java.util.List.of("debootstrap"), 127, "", e.getMessage(), false);
        }
        if (r.exit() != 0) {
            Command.of("rm", "-rf", part.toString()).run();
            String why = (r.out() + r.err()).lines().reduce((a, b) -> b).orElse("no message");
            System.err.println("SKIPPING the tests in a Debian bundle: debootstrap from " + MIRROR + " failed: " + why);
            Assumptions.abort("no Debian root: debootstrap from " + MIRROR + " failed: " + why);
        }
        Files.move(part, ROOT);
    }

    private Command.Result run(String... command) {
        try (Bundle b = Bundle.over(on, ROOT).readonly()) {
            return b.program(command).run().run();
        }
    }

    @OnEachPlatform
    void shellRuns() {
        String out = run("sh", "-c", "uname -s; ls -la / | sort | head -1; echo $((6*7)); cat /etc/debian_version")
                .exits(0)
                .out();
        assertTrue(out.startsWith("Linux\n") && out.contains("\n42\n12."), out);
    }

    @OnEachPlatform
    void perlForks() {
        assertEquals("x\nx\nx\nx\n", run("perl", "-e", "fork;fork;1 while wait != -1;print \"x\\n\"").exits(0).out());
    }

    @OnEachPlatform
    void findSeesAllFiles() {
        String count = "find /usr -xdev | wc -l";
        String host = Command.of("sh", "-c", "find " + ROOT + "/usr -xdev | wc -l").run().exits(0).out();
        assertEquals(host, run("sh", "-c", count).exits(0).out());
    }

    @OnEachPlatform
    void packagesAreListed() {
        String out = run("sh", "-c", "dpkg -l | grep -c ^ii; apt-get --version | head -1; bash -c 'echo ${BASH_VERSION%%.*}'")
                .exits(0)
                .out();
        assertTrue(out.contains("\napt ") && out.endsWith("\n5\n"), out);
    }

    @OnEachPlatform
    void exitCode() {
        run("sh", "-c", "exit 9").exits(9);
    }
}
