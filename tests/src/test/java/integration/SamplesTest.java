package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Everyday programs of this machine in {@code runsc do}. */
class SamplesTest extends SandboxTest {
    private void same(String... command) {
        String host = Command.of(command).run().exits(0).out();
        Command.Result sandbox = on.sandbox(command).run().exits(0);
        assertEquals(host, sandbox.out(), sandbox.toString());
    }

    @OnEachPlatform
    void unameTellsOfLinux() {
        String out = on.sandbox("uname", "-a").run().exits(0).out();
        assertTrue(out.startsWith("Linux ") && out.contains(" x86_64 "), out);
    }

    @OnEachPlatform
    void shellListsTheRootAndCalculates() {
        String out = on.sandbox("sh", "-c", "ls -la / | sort | head; echo $((6*7))").run().exits(0).out();
        assertTrue(out.endsWith("\n42\n"), out);
        String names = Command.of("sh", "-c", "ls -A / | sort").run().out();
        assertEquals(names, on.sandbox("sh", "-c", "ls -A / | sort").run().exits(0).out());
    }

    @OnEachPlatform
    void pythonStartsProcesses() {
        same(
                "python3",
                "-c",
                "import json,subprocess,threading;"
                        + "print(subprocess.run(['ls','/etc'],capture_output=True).stdout[:20])");
    }

    @OnEachPlatform
    void pythonRunsThreads() {
        same("python3", "-c", """
                import threading, queue
                q = queue.Queue()
                ts = [threading.Thread(target=lambda i=i: q.put(i * i)) for i in range(20)]
                [t.start() for t in ts]; [t.join() for t in ts]
                print(sorted(q.get() for _ in ts))
                """);
    }

    @OnEachPlatform
    void compilerMakesAProgramThatRuns() {
        String out = on.sandbox(
                        "sh",
                        "-c",
                        "cd /tmp && printf 'int main(){return 7;}' > a.c && gcc a.c -o a && ./a; echo $?")
                .run()
                .exits(0)
                .out();
        assertEquals("7\n", out);
        assertTrue(Files.notExists(Path.of("/tmp/a.c")), "a write of the sandbox reached the host");
    }

    @OnEachPlatform
    void findSeesAsManyFilesAsTheHost() {
        String count = "find /usr -xdev | wc -l";
        String host = Command.of("sh", "-c", count).run().exits(0).out();
        assertEquals(host, on.sandbox("sh", "-c", count).seconds(300).run().exits(0).out());
    }

    @OnEachPlatform
    void perlForks() {
        String all = "fork;fork;1 while wait != -1;print \"x\\n\"";
        assertEquals("x\nx\nx\nx\n", on.sandbox("perl", "-e", all).run().exits(0).out());
        // This one waits for one child only. It is process 1, whose end is everybody's: who has not printed yet, never will.
        String one = on.sandbox("perl", "-e", "fork;fork;wait;print \"x\\n\"").run().exits(0).out();
        assertTrue(one.matches("(x\n){1,4}"), one);
    }

    @OnEachPlatform
    void pipelinesPassData() {
        same("sh", "-c", "seq 1 20000 | grep 7 | sed s/7/x/ | sort -r | tail -n 3; seq 100000 | sha256sum");
    }

    @OnEachPlatform
    void archivesComeBackWhole() {
        same("sh", "-c", "cd /usr/include && tar cf - linux | (mkdir /tmp/tar$$ && cd /tmp/tar$$ && tar xf - "
                + "&& find . -type f | sort | xargs cat | sha256sum; cd / && rm -rf /tmp/tar$$)");
    }

    @OnEachPlatform
    void workingDirectoryAndInputAreTheCallers(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("file"), "content\n");
        String out = on.sandbox("sh", "-c", "pwd; cat file; cat; echo made > new; cat new")
                .in(directory)
                .input("from stdin\n")
                .run()
                .exits(0)
                .out();
        assertEquals(directory + "\ncontent\nfrom stdin\nmade\n", out);
        assertTrue(Files.notExists(directory.resolve("new")), "a write of the sandbox reached the host");
    }

    @OnEachPlatform
    void standardErrorIsApart() {
        Command.Result r = on.sandbox("sh", "-c", "echo out; echo err >&2").run().exits(0);
        assertEquals("out\n", r.out());
        assertEquals("err\n", r.err());
    }

    @OnEachPlatform
    void toolsReadProc() {
        String out = on.sandbox("sh", "-c", "ps -o pid,comm,args | tail -n +2 | head -1; free -m | head -2 | tail -1; "
                        + "uptime; nproc; lsof -p $$ 2>/dev/null | grep -c cwd; top -bn1 | head -1")
                .run()
                .exits(0)
                .out();
        assertTrue(out.contains("sh") && out.contains("Mem:") && out.contains("load average"), out);
    }
}
