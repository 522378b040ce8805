package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Commands around a running container: list, state, kill, wait, delete. */
class LifecycleTest extends SandboxTest {
    @OnEachPlatform
    void aContainerFromRunToDelete() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/sh", "-c", "trap 'exit 5' USR1; echo ready; while :; do sleep 0.1; done");
            Path out = Files.createTempFile("test", ".out");
            Process cli = b.runsc("run", "--bundle", b.directory().toString(), "one").start(out, out);
            try {
                for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
                    Thread.sleep(50);
                }
                String state = b.runsc("state", "one").run().exits(0).out();
                assertTrue(state.contains("\"status\"") && state.contains("running") && state.contains("\"one\""), state);
                String list = b.runsc("list").run().exits(0).out();
                assertTrue(list.contains("one") && list.contains("running"), list);
                assertEquals("one\n", b.runsc("list", "-q").run().exits(0).out());
                b.runsc("kill", "one", "0").run().exits(0); // asks, and harms nobody
                b.runsc("delete", "one").run().exits(128); // it still runs
                b.runsc("kill", "one", "NOSUCHSIGNAL").run().exits(128);
                b.runsc("run", "--bundle", b.directory().toString(), "one").run().exits(128); // the name is taken
                b.runsc("kill", "one", "SIGUSR1").run().exits(0);
                if (!cli.waitFor(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("the container goes on");
                }
                assertEquals(5, cli.exitValue(), Files.readString(out));
                b.runsc("state", "one").run().exits(128);
                b.runsc("kill", "one").run().exits(128);
                b.runsc("delete", "one").run().exits(128);
                b.runsc("delete", "--force", "one").run().exits(0);
                assertEquals("", b.runsc("list", "-q").run().exits(0).out());
            } finally {
                Command.end(cli);
                Files.delete(out);
            }
        }
    }

    @OnEachPlatform
    void waitTellsTheExitCode() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/sh", "-c", "echo ready; sleep 1; exit 6");
            Path out = Files.createTempFile("test", ".out");
            Process cli = b.runsc("run", "--bundle", b.directory().toString(), "two").start(out, out);
            try {
                for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
                    Thread.sleep(50);
                }
                String status = b.runsc("wait", "two").run().exits(0).out();
                assertTrue(status.contains("6"), status);
                assertTrue(cli.waitFor(20, TimeUnit.SECONDS));
                assertEquals(6, cli.exitValue());
            } finally {
                Command.end(cli);
                Files.delete(out);
            }
        }
    }

    @OnEachPlatform
    void forcedDeleteEndsARunningContainer() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/sh", "-c", "echo ready; sleep 100");
            Path out = Files.createTempFile("test", ".out");
            Process cli = b.runsc("run", "--bundle", b.directory().toString(), "three").start(out, out);
            try {
                for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
                    Thread.sleep(50);
                }
                b.runsc("delete", "--force", "three").run().exits(0);
                assertTrue(cli.waitFor(20, TimeUnit.SECONDS));
                assertEquals(137, cli.exitValue());
            } finally {
                Command.end(cli);
                Files.delete(out);
            }
        }
    }

    @OnEachPlatform
    void specMakesABundleThatRuns() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.runsc("spec", "--bundle", b.directory().toString(), "--", "/bin/echo", "from spec").run().exits(0);
            String out = b.runsc("run", "--bundle", b.directory().toString(), "spec").run().exits(0).out();
            assertEquals("from spec\n", out.replace("\r", ""));
        }
    }
}
