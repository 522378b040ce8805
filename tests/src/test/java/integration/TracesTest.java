package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Sandboxes leave nothing behind: no process, mount or file, however they end. */
@Isolated
class TracesTest extends SandboxTest {
    @TempDir
    Path states;

    private Set<Long> processes;
    private List<String> mounts;
    private Set<String> files;

    @BeforeEach
    void remember() throws IOException {
        processes = pids();
        mounts = Files.readAllLines(Path.of("/proc/mounts"));
        files = files();
    }

    private static Set<Long> pids() {
        Set<Long> set = new HashSet<>();
        Image.processes().forEach(p -> set.add(p.pid()));
        return set;
    }

    /** runsc do with a place for states of our own, so that others' sandboxes do not count. */
    private Command sandbox(String... arguments) {
        List<String> words = new ArrayList<>(List.of("--root", states.toString(), "do"));
        words.addAll(List.of(arguments));
        return on.runsc(words.toArray(new String[0]));
    }

    /** Names of ours where programs leave files; image builds that run meanwhile do not count. */
    private static Set<String> files() throws IOException {
        Set<String> set = new TreeSet<>();
        for (String directory : new String[] {"/tmp", "/dev/shm", "/var/tmp"}) {
            try (Stream<Path> list = Files.list(Path.of(directory))) {
                list.map(Path::toString)
                        .filter(n -> n.contains("runsc") && !n.contains("runsc-train"))
                        .forEach(set::add);
            }
        }
        return set;
    }

    private void nothingLeft() throws Exception {
        nothingLeft(false);
    }

    /** @param stateStays whether the killed command could not remove its state: the next command may find and clear it */
    private void nothingLeft(boolean stateStays) throws Exception {
        Set<Long> left = null;
        for (int i = 0; i < 50; i++) { // an end may take a moment to reach all processes
            left = pids();
            left.removeAll(processes);
            if (left.isEmpty()) {
                break;
            }
            Thread.sleep(100);
        }
        StringBuilder who = new StringBuilder();
        for (long pid : left) {
            ProcessHandle.of(pid).ifPresent(p -> who.append(pid).append(' ').append(p.info().commandLine().orElse("?")).append('\n'));
        }
        assertEquals("", who.toString(), "processes were left");
        assertEquals(mounts, Files.readAllLines(Path.of("/proc/mounts")), "mounts were left");
        Set<String> leftFiles = files();
        leftFiles.removeAll(files);
        assertEquals(Set.of(), leftFiles, "files were left");
        if (stateStays) {
            Image.runsc("--root", states.toString(), "list").run().exits(0);
        }
        try (Stream<Path> list = Files.list(states)) {
            assertEquals(List.of(), list.map(p -> p.getFileName().toString()).filter(n -> n.startsWith("do")).toList());
        }
    }

    @OnEachPlatform
    void twentyOneAfterAnother() throws Exception {
        for (int i = 0; i < 20; i++) {
            sandbox("sh", "-c", "echo x > /tmp/file; sleep 0; exit " + i).run().exits(i);
        }
        nothingLeft();
    }

    @OnEachPlatform
    void tenAtOnce() throws Exception {
        List<Process> started = new ArrayList<>();
        List<Path> outputs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Path out = Files.createTempFile("test", ".out");
            outputs.add(out);
            started.add(sandbox("sh", "-c", "for i in 1 2 3; do ls /usr/bin | wc -l; done; sleep 1; echo end " + i)
                    .start(out, out));
        }
        try {
            for (int i = 0; i < 10; i++) {
                Process p = started.get(i);
                if (!p.waitFor(120, TimeUnit.SECONDS)) {
                    throw new AssertionError("sandbox " + i + " does not end");
                }
                String out = Files.readString(outputs.get(i));
                assertEquals(0, p.exitValue(), out);
                assertEquals("end " + i, out.lines().reduce((a, b) -> b).orElse(""));
            }
        } finally {
            started.forEach(Command::end);
            for (Path p : outputs) {
                Files.delete(p);
            }
        }
        nothingLeft();
    }

    @OnEachPlatform
    void twentyContainersOneAfterAnother() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/echo", "ran");
            for (int i = 0; i < 20; i++) {
                assertEquals("ran\n", b.run().run().exits(0).out());
            }
            assertEquals(List.of(), b.left().stream().filter(n -> n.startsWith("t")).toList());
        }
        nothingLeft();
    }

    @OnEachPlatform
    void whenTheCommandIsKilledTheRestEnd() throws Exception {
        kill(Role.COMMAND);
    }

    @OnEachPlatform
    void whenTheSentryIsKilledTheRestEnd() throws Exception {
        kill(Role.SENTRY);
    }

    @OnEachPlatform
    void whenTheGoferIsKilledTheRestEnd() throws Exception {
        kill(Role.GOFER);
    }

    @OnEachPlatform
    void whenTheStubsAreKilledTheRestEnd() throws Exception {
        if (on.hasStubs()) {
            kill(Role.STUB);
        }
    }

    @OnEachPlatform
    void aSandboxIsThreeProcessesAndItsStubs() throws Exception {
        Path out = Files.createTempFile("test", ".out");
        Process cli = sandbox("sh", "-c", "sleep 100 & echo ready; wait").start(out, out);
        try {
            ready(out);
            List<Role> roles = new ArrayList<>();
            for (ProcessHandle p : Image.processes()) {
                if (!processes.contains(p.pid())) {
                    roles.add(Role.of(p));
                }
            }
            boolean stubs = roles.removeIf(r -> r == Role.STUB);
            assertEquals(List.of(Role.COMMAND, Role.SENTRY, Role.GOFER), roles.stream().sorted().toList());
            assertEquals(on.hasStubs(), stubs, "stubs");
        } finally {
            Command.end(cli);
            Files.delete(out);
        }
        nothingLeft(true);
    }

    /** The host processes of a sandbox. */
    private enum Role {
        COMMAND,
        SENTRY,
        GOFER,
        /** Carries a program; its own memory, command line included, is gone. */
        STUB;

        static Role of(ProcessHandle p) {
            String line = p.info().commandLine().orElse("");
            if (line.contains(" boot")) {
                return SENTRY;
            }
            if (line.contains(" gofer")) {
                return GOFER;
            }
            return line.contains(" do") ? COMMAND : STUB;
        }
    }

    /** Kills a sandbox's processes of one role and sees the others end. */
    private void kill(Role victim) throws Exception {
        Path out = Files.createTempFile("test", ".out");
        Process cli = sandbox("sh", "-c", "echo ready; sleep 100 & wait; sleep 100").start(out, out);
        try {
            ready(out);
            List<ProcessHandle> all = new ArrayList<>(Image.processes());
            all.removeIf(p -> processes.contains(p.pid()));
            int killed = 0;
            for (ProcessHandle p : all) {
                if (Role.of(p) == victim) {
                    p.destroyForcibly();
                    killed++;
                }
            }
            if (killed == 0) {
                throw new AssertionError("no process is the " + victim + " among " + all.size());
            }
            if (!cli.waitFor(20, TimeUnit.SECONDS)) {
                throw new AssertionError("runsc goes on without its " + victim + ": " + Files.readString(out));
            }
            int expected = victim == Role.SENTRY || victim == Role.GOFER ? 128 : 137;
            assertEquals(expected, cli.exitValue(), Files.readString(out));
            nothingLeft(victim == Role.COMMAND);
        } finally {
            Command.end(cli);
            Files.delete(out);
        }
    }

    private static void ready(Path out) throws Exception {
        for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
            Thread.sleep(50);
        }
    }

    @OnEachPlatform
    void aProgramThatIsInterruptedEnds() throws Exception {
        Path out = Files.createTempFile("test", ".out");
        Process cli = sandbox("sh", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.1; done")
                .start(out, out);
        try {
            ready(out);
            cli.destroy(); // SIGTERM is passed on
            if (!cli.waitFor(20, TimeUnit.SECONDS)) {
                throw new AssertionError("SIGTERM did not end it: " + Files.readString(out));
            }
            assertEquals(3, cli.exitValue(), Files.readString(out));
        } finally {
            Command.end(cli);
            Files.delete(out);
        }
        nothingLeft();
    }
}
