package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** More programs in a running container: exec, and terminals that somebody else keeps. */
class ExecTest extends SandboxTest {
    private static final String CLIENT = Path.of("clients/terminal.py").toAbsolutePath().toString();

    /** A container called "box" that does nothing. */
    private static void idle(Bundle b) throws Exception {
        b.program("/bin/sh", "-c", "while :; do sleep 1; done");
        b.runsc("create", "--bundle", b.directory().toString(), "box").run().exits(0);
        b.runsc("start", "box").run().exits(0);
    }

    private static void end(Bundle b) {
        b.runsc("delete", "--force", "box").run().exits(0);
    }

    @OnEachPlatform
    void aProgramJoinsTheContainer() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            idle(b);
            try {
                String ps = b.runsc("exec", "box", "ps", "-o", "pid,ppid,args").run().exits(0).out();
                assertTrue(ps.matches("(?s).*\n +1 +0 .*sleep 1.*\n +[0-9]+ +0 ps -o.*"), ps);
                assertEquals("hello\n", b.runsc("exec", "box", "cat").input("hello\n").run().exits(0).out());
                b.runsc("exec", "box", "sh", "-c", "exit 7").run().exits(7);
                b.runsc("exec", "box", "sh", "-c", "kill -9 $$").run().exits(137);
                assertEquals(
                        "uid=1000 gid=100 groups=5,6\n/tmp\nb\n000000000000000a\n",
                        b.runsc("exec", "--user", "1000:100", "-g", "5", "-g", "6", "-e", "A=b", "--cwd", "/tmp", "--cap",
                                        "CAP_DAC_OVERRIDE", "--cap", "CAP_FOWNER", "box", "sh", "-c",
                                        "id; pwd; echo $A; sed -n 's/CapBnd:.//p' /proc/self/status")
                                .run()
                                .exits(0)
                                .out());
                assertTrue(b.runsc("exec", "box", "nosuch").run().exits(128).err().contains("program not found"));
                assertTrue(b.runsc("exec", "--cwd", "/nosuch", "box", "ls").run().exits(128).err().contains("/nosuch"));
                b.runsc("exec", "box").run().exits(128);
                // What fails leaves nothing behind.
                ps = b.runsc("exec", "box", "ps", "-o", "args").run().exits(0).out();
                assertEquals(0, ps.lines().filter(l -> l.contains("[") || l.contains("init")).count(), ps);
            } finally {
                end(b);
            }
            b.runsc("exec", "box", "ls").run().exits(128);
        }
    }

    @OnEachPlatform
    void aProcessFromAFile() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            idle(b);
            try {
                Path file = b.directory().resolve("process.json");
                Files.writeString(
                        file,
                        "{\"user\": {\"uid\": 7, \"gid\": 8, \"additionalGids\": [9], \"umask\": 63}, \"cwd\": \"/bin\","
                                + " \"args\": [\"sh\", \"-c\", \"id; pwd; umask; ulimit -n; echo $X\"],"
                                + " \"env\": [\"PATH=/bin\", \"X=y\"],"
                                + " \"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 77, \"hard\": 88}]}");
                assertEquals(
                        "uid=7 gid=8 groups=9\n/bin\n0077\n77\ny\n",
                        b.runsc("exec", "--process", file.toString(), "box").run().exits(0).out());
                b.runsc("exec", "--process", file.toString(), "box", "ls").run().exits(128);
                Files.writeString(file, "{\"args\": [\"sh\"]}");
                assertTrue(
                        b.runsc("exec", "--process", file.toString(), "box").run().exits(128).err().contains("cwd"));
            } finally {
                end(b);
            }
        }
    }

    @OnEachPlatform
    void signalsToTheCommandReachTheProgram() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            idle(b);
            Path out = Files.createTempFile("test", ".out");
            Process cli = null;
            try {
                cli = b.runsc("exec", "box", "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done")
                        .start(out, out);
                for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
                    Thread.sleep(50);
                }
                cli.destroy();
                assertTrue(cli.waitFor(20, TimeUnit.SECONDS));
                assertEquals(5, cli.exitValue(), Files.readString(out));
            } finally {
                Command.end(cli);
                Files.delete(out);
                end(b);
            }
        }
    }

    /** The process in the pid file takes signals, and ends with the program's exit code. */
    @OnEachPlatform
    void aDetachedProgramHasAProcessThatStandsForIt() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            idle(b);
            try {
                Path pid = b.directory().resolve("pid");
                b.runsc("exec", "--detach", "--pid-file", pid.toString(), "box", "sh", "-c",
                                "trap 'echo term > /tmp/got; exit 5' TERM; echo > /tmp/ready; while :; do sleep 0.1; done")
                        .run()
                        .exits(0);
                b.runsc("exec", "box", "sh", "-c", "until test -e /tmp/ready; do sleep 0.1; done").run().exits(0);
                ProcessHandle standin = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
                assertTrue(standin.destroy());
                standin.onExit().get(20, TimeUnit.SECONDS);
                b.runsc("exec", "box", "cat", "/tmp/got").run().exits(0);
                // Killed, it takes the program along.
                b.runsc("exec", "--detach", "--pid-file", pid.toString(), "box", "sleep", "1234").run()
                        .exits(0);
                standin = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
                assertTrue(standin.destroyForcibly());
                String gone = "while ps -o args | grep -q '[s]leep 1234'; do sleep 0.1; done";
                b.runsc("exec", "box", "sh", "-c", gone).seconds(20).run().exits(0);
            } finally {
                end(b);
            }
        }
    }

    @OnEachPlatform
    void aTerminalForSomebodyElse() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            idle(b);
            try {
                String out = Command.of("python3", CLIENT, b.directory().toString(),
                                "tty; stty size\\n|sleep 100\\n|\\x03|echo code $?\\n|exit 5\\n", "--")
                        .and(b.runsc("exec", "--detach", "--tty").words())
                        .and(List.of("--", "box", "sh"))
                        .seconds(60)
                        .run()
                        .exits(0)
                        .out();
                assertTrue(out.contains("/dev/pts/0") && out.contains("33 77") && out.contains("code 130"), out);
                assertTrue(out.endsWith("\nended: 5\n"), out);
            } finally {
                end(b);
            }
        }
    }

    @OnEachPlatform
    void theContainersOwnTerminalForSomebodyElse() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.terminal().program("/bin/sh");
            try {
                String out = Command.of("python3", CLIENT, b.directory().toString(),
                                "tty; stty size\\n|sleep 100\\n|\\x03|echo code $?\\n|exit 6\\n", "--")
                        .and(b.runsc("create", "--bundle", b.directory().toString()).words())
                        .and(List.of("--", "box"))
                        .with("START", String.join(" ", b.runsc("start", "box").words()))
                        .seconds(60)
                        .run()
                        .exits(0)
                        .out();
                assertTrue(out.contains("/dev/pts/0") && out.contains("33 77") && out.contains("code 130"), out);
                assertTrue(out.endsWith("\nended: 6\n"), out);
            } finally {
                end(b);
            }
        }
    }

    @OnEachPlatform
    void furtherDescriptorsArePassedOn() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            Path file = Files.writeString(b.directory().resolve("passed"), "passed on\n");
            String shell = "exec 3< " + file + "; exec \"$@\"";
            b.program("/bin/sh", "-c", "cat <&3; while :; do sleep 1; done");
            Path out = Files.createTempFile("test", ".out");
            try {
                // A container that was left alone, from a command that has gone.
                Process run = Command.of("sh", "-c", shell, "sh")
                        .and(b.runsc("run", "--detach", "--preserve-fds", "1", "--bundle", b.directory().toString(),
                                        "--pid-file", b.directory() + "/pid", "box")
                                .words())
                        .start(out, out);
                assertTrue(run.waitFor(30, TimeUnit.SECONDS));
                assertEquals(0, run.exitValue(), Files.readString(out));
                for (int i = 0; i < 200 && Files.size(out) == 0; i++) {
                    Thread.sleep(50);
                }
                assertEquals("passed on\n", Files.readString(out));
                String pid = Files.readString(b.directory().resolve("pid"));
                assertTrue(b.runsc("state", "box").run().exits(0).out().contains("\"pid\": " + pid + ","));
                assertEquals(
                        "passed on\n",
                        Command.of("sh", "-c", shell, "sh")
                                .and(b.runsc("exec", "--preserve-fds", "1", "box", "sh", "-c", "cat <&3").words())
                                .run()
                                .exits(0)
                                .out());
                b.runsc("exec", "--preserve-fds", "9", "box", "true").run().exits(128);
            } finally {
                Files.delete(out);
                end(b);
            }
        }
    }
}
