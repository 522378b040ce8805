package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** pause, resume, ps. */
class PauseTest extends SandboxTest {
    /** Counts as fast as it can, one process in the program and one that sleeps in the kernel. */
    private static final String COUNTER = "(while :; do sleep 0.05; echo -n s; done) & while :; do echo -n .; done";

    private static long settled(Path out) throws Exception {
        long size = Files.size(out);
        Thread.sleep(700);
        assertEquals(size, Files.size(out), "it still runs");
        return size;
    }

    private static void grows(Path out, long from) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (Files.size(out) > from) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("it does not run");
    }

    @OnEachPlatform
    void aPausedContainerStandsStill() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/sh", "-c", COUNTER);
            Path out = Files.createTempFile("test", ".out");
            Process cli = b.runsc("run", "--bundle", b.directory().toString(), "box").start(out, out);
            try {
                grows(out, 10);
                String ps = b.runsc("ps", "box").run().exits(0).out();
                assertTrue(ps.matches("UID +PID +PPID +STIME +TIME +CMD\n0 +1 +0 +[0-9:]+ +00:00:[0-9]+ +sh\n(?s).*"), ps);
                assertTrue(b.runsc("ps", "--format", "json", "box").run().exits(0).out().matches("\\[[0-9]+\\]\n"));
                for (int round = 0; round < 3; round++) {
                    b.runsc("pause", "box").run().exits(0);
                    long size = settled(out);
                    assertTrue(b.runsc("state", "box").run().exits(0).out().contains("\"paused\""));
                    b.runsc("pause", "box").run().exits(128);
                    b.runsc("exec", "box", "ls").run().exits(128);
                    b.runsc("delete", "box").run().exits(128);
                    b.runsc("resume", "box").run().exits(0);
                    grows(out, size);
                    b.runsc("resume", "box").run().exits(128);
                }
                b.runsc("pause", "box").run().exits(0);
                b.runsc("kill", "box", "KILL").run().exits(0);
                assertTrue(cli.waitFor(20, TimeUnit.SECONDS));
                assertEquals(137, cli.exitValue());
            } finally {
                Command.end(cli);
                Files.delete(out);
            }
        }
    }
}
