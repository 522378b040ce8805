package runsc.cli.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import host.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import runsc.cli.oci.Hook;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import runsc.cli.RunscException;

class StateRootTest {
    @TempDir
    private Path directory;

    private StateRoot root;

    @BeforeEach
    void open() throws RunscException {
        root = StateRoot.open(directory + "/a/b");
    }

    @AfterEach
    void close() {
        root.close();
    }

    private static ContainerState state(String id, Status status, HostProcess sentry, boolean attached) {
        return new ContainerState(
                id, status, sentry, HostProcess.NONE, "/b", "/b/rootfs", "2026-01-02T03:04:05Z", 7, attached,
                Map.of("k", "v"),
                List.of(new Hook(Hook.Kind.POSTSTOP, "/bin/h", List.of("h", "1"), List.of("A=b"), 5)));
    }

    private static HostProcess ourselves() {
        return HostProcess.of(Processes.pid());
    }

    private static HostProcess dead() {
        HostProcess us = ourselves();
        return new HostProcess(us.pid(), us.start() + 1, us.boot()); // our pid, but started at another time
    }

    @Test
    void whatIsWrittenIsRead() throws RunscException {
        ContainerState state = state("one", Status.RUNNING, ourselves(), false);
        root.create(state);
        assertEquals(state, root.get("one"));
        assertEquals(Status.RUNNING, root.get("one").current());
        root.update(state.with(Status.STOPPED));
        assertEquals(Status.STOPPED, root.get("one").current());
        assertTrue(root.remove("one"));
        assertFalse(root.remove("one"));
        assertNull(root.find("one"));
        assertThrows(RunscException.class, () -> root.get("one"));
    }

    @Test
    void anIdIsTakenOnce() throws RunscException {
        root.create(state("one", Status.STOPPED, dead(), false));
        RunscException e = assertThrows(
                RunscException.class, () -> root.create(state("one", Status.CREATING, ourselves(), false)));
        assertEquals("container one exists already", e.getMessage());
    }

    @Test
    void ofManyAtOnceOneGetsTheId() throws Exception {
        AtomicInteger made = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try (StateRoot mine = StateRoot.open(directory + "/a/b")) {
                    mine.create(state("one", Status.CREATING, ourselves(), true));
                    made.incrementAndGet();
                } catch (RunscException e) {
                    // somebody else has it
                }
            }));
        }
        for (Thread t : threads) {
            t.join();
        }
        assertEquals(1, made.get());
    }

    @Test
    void aDeadSandboxIsStopped() throws RunscException {
        root.create(state("one", Status.RUNNING, dead(), false));
        assertEquals(Status.STOPPED, root.get("one").current());
        HostProcess us = ourselves();
        assertTrue(us.alive());
        assertFalse(new HostProcess(us.pid(), us.start(), "another boot").alive());
        assertFalse(HostProcess.NONE.alive());
        assertEquals(-1, dead().open());
    }

    @Test
    void whatAKilledRunLeftIsGone() throws RunscException {
        root.create(state("left", Status.RUNNING, dead(), true));
        assertNull(root.find("left"));
        root.create(state("left", Status.CREATING, ourselves(), true));
        assertEquals(Status.CREATING, root.get("left").current());
        root.update(state("left", Status.RUNNING, dead(), true));
        assertEquals(List.of(), root.list());
        assertFalse(Files.exists(directory.resolve("a/b/left")));
    }

    @Test
    void aDirectoryInTheMakingIsNobodys() throws RunscException, IOException {
        Files.createDirectory(directory.resolve("a/b/new:77"));
        Files.writeString(directory.resolve("a/b/new:77/state.json.new"), "");
        assertEquals(List.of(), root.list());
        assertFalse(Files.exists(directory.resolve("a/b/new:77")));
    }

    @Test
    void theGoferRemovesWhatIsItsOwn() throws RunscException, IOException {
        HostProcess us = ourselves();
        root.create(new ContainerState(
                "mine", Status.RUNNING, us, us, "", "/", "2026-01-02T03:04:05Z", 0, true, Map.of(), List.of()));
        Files.createDirectory(directory.resolve("a/b/new:" + us.pid()));
        StateRoot.removeOf(root.fd(), "mine", us.pid() + 1);
        assertTrue(Files.exists(directory.resolve("a/b/mine")));
        StateRoot.removeOf(root.fd(), "mine", us.pid());
        assertFalse(Files.exists(directory.resolve("a/b/mine")));
        assertFalse(Files.exists(directory.resolve("a/b/new:" + us.pid())));
    }

    @Test
    void listsInOrderAndOverlooksStrangers() throws RunscException, IOException {
        root.create(state("b", Status.CREATED, ourselves(), false));
        root.create(state("a", Status.CREATED, ourselves(), false));
        Files.writeString(directory.resolve("a/b/file"), "x");
        Files.createDirectory(directory.resolve("a/b/other"));
        List<ContainerState> list = root.list();
        assertEquals(List.of("a", "b"), list.stream().map(ContainerState::id).toList());
        assertTrue(Files.exists(directory.resolve("a/b/other")));
    }

    @Test
    void damagedStateIsReportedWithItsFile() throws RunscException, IOException {
        root.create(state("one", Status.CREATED, ourselves(), false));
        Files.writeString(directory.resolve("a/b/one/state.json"), "{\"id\": 3}");
        String message = assertThrows(RunscException.class, () -> root.get("one")).getMessage();
        assertTrue(message.contains("one/state.json:1:"), message);
    }

    @Test
    void theControlSocketMayHaveALongPath() throws RunscException {
        String id = "x".repeat(255);
        root.create(state(id, Status.CREATED, ourselves(), false));
        int listener = root.listen(id);
        assertTrue(listener >= 0);
        root.connect(id).close();
        host.linux.Files.close(listener);
        assertNull(root.connect(id));
    }

    @Test
    void exitCodesAreKept() throws RunscException {
        root.create(state("one", Status.CREATED, ourselves(), false));
        assertEquals(-1, root.exitCode("one"));
        int file = root.exitFile("one");
        assertEquals(-1, root.exitCode("one"));
        host.linux.FileIo.write(file, "137".getBytes());
        host.linux.Files.close(file);
        assertEquals(137, root.exitCode("one"));
    }

    @Test
    void theOciStateHasWhatTheSpecificationDemands() {
        String json = state("one", Status.RUNNING, ourselves(), false).oci();
        for (String field : new String[] {"ociVersion", "id", "status", "pid", "bundle", "annotations"}) {
            assertTrue(json.contains("\"" + field + "\""), json);
        }
        assertTrue(json.contains("\"status\": \"running\""), json);
        assertFalse(json.contains("sentry"), json);
    }

    @Test
    void idsAreValidated() throws RunscException {
        for (String id : new String[] {"a", "A-b_c.d+1", "9", "x".repeat(255)}) {
            assertEquals(id, ContainerId.check(id));
        }
        for (String id : new String[] {"", ".", "..", "a/b", "../x", "a b", "\u00fc", "x".repeat(256), "a\0"}) {
            assertThrows(RunscException.class, () -> ContainerId.check(id), id);
        }
    }
}
