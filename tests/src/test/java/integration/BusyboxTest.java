package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/** {@code runsc run} of bundles whose root filesystem is one static busybox. */
class BusyboxTest extends SandboxTest {
    private static String run(Bundle bundle, String script) {
        return bundle.program("/bin/sh", "-c", script).run().run().exits(0).out();
    }

    @OnEachPlatform
    void programsRun() {
        try (Bundle b = Bundle.busybox(on)) {
            String out = run(b, "uname -a; ls / | sort | tr '\\n' ' '; echo $((6*7)); hostname; pwd; id -u");
            assertTrue(out.startsWith("Linux test-host "), out);
            assertTrue(out.endsWith("bin dev etc proc root sys tmp 42\ntest-host\n/\n0\n"), out);
        }
    }

    @OnEachPlatform
    void everyAppletIsThere() {
        try (Bundle b = Bundle.busybox(on)) {
            String host = Command.of("/bin/busybox", "--list").run().exits(0).out();
            assertEquals(host, run(b, "busybox --list"));
        }
    }

    @OnEachPlatform
    void pipelinesAndProcesses() {
        try (Bundle b = Bundle.busybox(on)) {
            assertEquals(
                    "5050\n10\n3\n",
                    run(
                            b,
                            "seq 100 | awk '{s+=$1} END {print s}'; seq 10 | wc -l; "
                                    + "for i in 1 2 3; do sh -c 'exit 1' || n=$((n+1)); done; echo $n"));
        }
    }

    @OnEachPlatform
    void exitCodesAreThePrograms() {
        try (Bundle b = Bundle.busybox(on)) {
            b.program("/bin/sh", "-c", "exit 17").run().run().exits(17);
            b.program("/bin/sh", "-c", "sh -c 'kill -TERM $$'; exit $?").run().run().exits(143);
        }
    }

    @OnEachPlatform
    void argumentsEnvironmentAndDirectoryAreTheConfigurations() {
        try (Bundle b = Bundle.busybox(on)) {
            b.cwd("/etc").program("/bin/sh", "-c", "echo \"$0|$1|$2\"; pwd; echo $PATH", "zero", "with space", "");
            String out = b.run().run().exits(0).out();
            assertEquals("zero|with space|\n/etc\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n", out);
        }
    }

    @OnEachPlatform
    void programIsLookedUpInPath() {
        try (Bundle b = Bundle.busybox(on)) {
            assertEquals("found\n", b.program("echo", "found").run().run().exits(0).out());
        }
    }

    @OnEachPlatform
    void writesGoToTheRoot() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            run(b, "echo content > /root/made; mkdir /root/d; ln -s made /root/l; chmod 640 /root/made");
            Path made = b.root().resolve("root/made");
            assertEquals("content\n", Files.readString(made));
            assertEquals("made", Files.readSymbolicLink(b.root().resolve("root/l")).toString());
            assertTrue(Files.isDirectory(b.root().resolve("root/d")));
        }
    }

    @OnEachPlatform
    void readOnlyRootRefusesWrites() throws Exception {
        try (Bundle b = Bundle.busybox(on).readonly()) {
            String out = run(b, "echo x > /root/made; echo $?; touch /tmp/fine && echo tmp; rm /etc/passwd; echo $?");
            assertEquals("1\ntmp\n1\n", out);
            assertTrue(Files.notExists(b.root().resolve("root/made")));
        }
    }

    @OnEachPlatform
    void mountsAreThere() {
        try (Bundle b = Bundle.busybox(on)) {
            String out = run(b, "awk '{print $2, $3}' /proc/mounts | sort; ls /sys/devices/system/cpu/online; ls /dev/pts");
            for (String line : new String[] {"/dev tmpfs", "/dev/pts devpts", "/proc proc", "/sys sysfs", "/tmp tmpfs"}) {
                assertTrue(out.contains(line + "\n"), "'" + line + "' is missing in\n" + out);
            }
        }
    }

    @OnEachPlatform
    void devicesWork() {
        try (Bundle b = Bundle.busybox(on)) {
            String out = run(
                    b,
                    "echo gone > /dev/null; head -c 5 /dev/zero | od -An -tx1; head -c 100 /dev/urandom | wc -c; "
                            + "echo x > /dev/full || echo full; ls -l /dev | awk '{print $1, $NF}' | sort -k 2; "
                            + "echo in | cat /dev/stdin");
            assertTrue(out.contains(" 00 00 00 00 00\n100\nfull\n"), out);
            assertTrue(out.contains("crw-rw-rw- null\n") && out.contains("in\n"), out);
        }
    }

    @OnEachPlatform
    void bindMountsShowHostDirectories(@TempDir Path host) throws Exception {
        Files.writeString(host.resolve("file"), "of the host\n");
        try (Bundle b = Bundle.busybox(on)) {
            b.mount("{\"destination\": \"/mnt/rw\", \"type\": \"bind\", \"source\": \"" + host
                    + "\", \"options\": [\"rbind\", \"rw\"]}");
            b.mount("{\"destination\": \"/mnt/ro\", \"type\": \"bind\", \"source\": \"" + host
                    + "\", \"options\": [\"rbind\", \"ro\"]}");
            String out = run(b, "cat /mnt/ro/file; echo x > /mnt/ro/no; echo $?; echo new > /mnt/rw/made; cat /mnt/ro/made");
            assertEquals("of the host\n1\nnew\n", out);
            assertEquals("new\n", Files.readString(host.resolve("made")));
        }
    }

    @OnEachPlatform
    void userAndLimitsAreTheConfigurations() {
        try (Bundle b = Bundle.busybox(on).user(1234, 567)) {
            b.process("\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 100, \"hard\": 200}]");
            assertEquals(
                    "1234 567\n100 200\n1\n",
                    run(b, "echo $(id -u) $(id -g); echo $(ulimit -n) $(ulimit -Hn); touch /root/x 2>/dev/null; echo $?"));
        }
    }

    @OnEachPlatform
    void processesSeeOnlyTheSandbox() {
        try (Bundle b = Bundle.busybox(on)) {
            Set<String> pids = new TreeSet<>(run(b, "echo $$; ls /proc | grep '^[0-9]'").lines().toList());
            assertTrue(pids.contains("1") && pids.size() < 6, pids.toString());
        }
    }
}
