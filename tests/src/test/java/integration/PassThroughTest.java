package integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing of a program reaches the host's kernel by way of the Sentry: its calls, marked by odd arguments, do not turn up in
 * a trace of the Sentry that strace writes from before the program makes them. A platform without stubs runs the program in
 * the Sentry's own threads, so the trace is of all there is. Stubs are traced by the Sentry already and cannot be traced a
 * second time; this test does not see them.
 */
class PassThroughTest extends SandboxTest {
    @TempDir
    Path directory;

    /** A program that waits, then makes calls that cannot be mistaken. */
    private static final String PROGRAM = """
            #include "t.h"
            #include <sys/socket.h>
            int main(void) {
                setvbuf(stdout, NULL, _IONBF, 0);
                printf("ready\\n");
                char c;
                read(0, &c, 1);
                open("/marked-open-path", O_RDONLY);
                socket(AF_UNIX, SOCK_SEQPACKET, 0);
                socket(38, 5, 0);
                char *argv[] = {"marked-argument", NULL};
                execve("/marked-exec-path", argv, NULL);
                mkdir("/marked-directory", 0123);
                kill(4242424, 0);
                dup2(0, 777);
                syscall(SYS_sethostname, "marked-host", 11);
                syscall(SYS_getpriority, 1, 0x4321);
                char *const echo[] = {"/bin/echo", "done", NULL};
                execve("/bin/echo", echo, NULL);
                return 1;
            }
            """;

    @OnEachPlatform
    void markedCallsStayInside() throws Exception {
        Path source = directory.resolve("marked.c");
        Files.writeString(source, PROGRAM);
        Path program = Programs.build(source, true);
        Path out = directory.resolve("out");
        Path trace = directory.resolve("trace");
        Process cli = on.sandbox(program.toString()).start(out, directory.resolve("err"));
        Process strace = null;
        try {
            for (int i = 0; i < 200 && !Files.readString(out).contains("ready"); i++) {
                Thread.sleep(50);
            }
            List<ProcessHandle> sentry = cli.descendants()
                    .filter(p -> p.info().commandLine().orElse("").contains("boot"))
                    .toList();
            assertTrue(!sentry.isEmpty(), "no Sentry among the descendants of runsc");
            ProcessBuilder b = new ProcessBuilder("strace", "-f", "-qq", "-s", "200", "-o", trace.toString(), "-p",
                    Long.toString(sentry.getFirst().pid()));
            b.redirectErrorStream(true).redirectOutput(directory.resolve("strace").toFile());
            strace = b.start();
            for (int i = 0; i < 100 && (Files.notExists(trace) || Files.size(trace) == 0); i++) {
                Thread.sleep(50);
            }
            cli.getOutputStream().write('x');
            cli.getOutputStream().close();
            assertTrue(cli.waitFor(60, TimeUnit.SECONDS), "the program does not end");
            strace.waitFor(20, TimeUnit.SECONDS);
            assertTrue(Files.readString(out).endsWith("done\n"), Files.readString(out) + Files.readString(directory.resolve("err")));
            String all = Files.readString(trace);
            assertTrue(all.contains(on.switchCall()), "strace saw nothing:\n" + all.lines().limit(5).toList());
            for (String line : all.lines().toList()) {
                boolean call = line.contains("open(") || line.contains("openat(") || line.contains("openat2(")
                        || line.contains("socket(") || line.contains("execve(") || line.contains("mkdir(")
                        || line.contains("sethostname(") || line.contains("getpriority(") || line.contains("dup2(")
                        || line.contains("kill(4242424");
                // The virtual machine looks for files of the image when it exits; the filter refuses, and it does without.
                call &= !(line.contains("openat(") && line.contains(Image.home().toString()) && line.contains("EPERM"));
                assertTrue(!call, "the Sentry made a call of the program: " + line);
            }
        } finally {
            Command.end(cli);
            if (strace != null) {
                Command.end(strace);
            }
        }
    }
}
