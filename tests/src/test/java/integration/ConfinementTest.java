package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** What the Sentry and the gofer of a running program could do to the host if they were taken over. */
class ConfinementTest extends SandboxTest {
    /** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SYS_CHROOT, MKNOD. */
    private static final long GOFER_CAPABILITIES = 0x804001f;

    @TempDir
    Path directory;

    private static String status(Path proc, String field) throws Exception {
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith(field + ":")) {
                return line.substring(field.length() + 1).strip();
            }
        }
        throw new AssertionError("no " + field + " in " + proc);
    }

    private static void confined(long pid, long capabilities, List<String> namespaces) throws Exception {
        Path proc = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> root = Files.list(proc.resolve("root"))) {
            assertEquals(List.of(), root.toList(), "the root directory of " + pid);
        }
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            long held = Long.parseUnsignedLong(status(proc, set), 16);
            assertEquals(0, held & ~capabilities, set + " of " + pid);
        }
        try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
            for (Path task : tasks.toList()) {
                assertEquals("2", status(task, "Seccomp"), "seccomp of " + task);
                assertEquals("1", status(task, "NoNewPrivs"), "no_new_privs of " + task);
                assertEquals(0, Long.parseUnsignedLong(status(task, "CapEff"), 16) & ~capabilities, task.toString());
            }
        }
        for (String ns : namespaces) {
            assertNotEquals(
                    Files.readSymbolicLink(Path.of("/proc/self/ns", ns)),
                    Files.readSymbolicLink(proc.resolve("ns").resolve(ns)),
                    "namespace of " + pid);
        }
    }

    @OnEachPlatform
    void bothHaveNothingButTheirDescriptors() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root sees all of /proc/PID");
        Path out = directory.resolve("out");
        Process cli = on.sandbox("/bin/sh", "-c", "echo ready; read x; cat /etc/hostname").start(out, directory.resolve("err"));
        try (OutputStream in = cli.getOutputStream()) {
            for (int i = 0; i < 1200 && !Files.readString(out).contains("ready"); i++) {
                Thread.sleep(50);
            }
            List<ProcessHandle> roles = cli.descendants().toList();
            for (String role : List.of("boot", "gofer")) {
                long pid = roles.stream()
                        .filter(p -> (p.info().commandLine().orElse("") + " ").contains(" " + role + " "))
                        .findFirst()
                        .orElseThrow()
                        .pid();
                boolean gofer = role.equals("gofer");
                confined(
                        pid,
                        gofer ? GOFER_CAPABILITIES : 0,
                        gofer
                                ? List.of("mnt", "pid", "net", "ipc", "uts")
                                : List.of("mnt", "pid", "net", "ipc", "uts", "user"));
            }
            in.write('\n');
            in.flush();
            assertEquals(0, cli.waitFor());
            assertTrue(Files.readString(out).contains(Files.readString(Path.of("/etc/hostname"))), "files are not served");
        } finally {
            Command.end(cli);
        }
    }
}
