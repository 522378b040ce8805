package integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes, threads and mappings that are gone cost the Sentry nothing: after a second round of many it holds as many
 * descriptors, threads and mappings of the host as after the first.
 */
class LeaksTest extends SandboxTest {
    private static final String PROGRAM = """
            #include "t.h"
            #include <pthread.h>
            #include <sys/mman.h>
            #include <sys/wait.h>
            static void *nothing(void *p) { return p; }
            static void wait_all(int n) {
                for (int i = 0; i < n; i++) {
                    int status;
                    if (wait(&status) < 0 || status) { printf("a child failed\\n"); exit(1); }
                }
            }
            int main(int argc, char **argv) {
                if (argc > 1) return 0;
                setvbuf(stdout, NULL, _IONBF, 0);
                int file = open(argv[0], O_RDONLY);
                for (int round = 1; round <= 2; round++) {
                    for (int i = 0; i < 40; i++) {
                        for (int j = 0; j < 5; j++) {
                            if (fork() == 0) {
                                char *args[] = {argv[0], "child", NULL};
                                if (j) execv("/proc/self/exe", args);
                                _exit(0);
                            }
                        }
                        wait_all(5);
                    }
                    for (int i = 0; i < 50; i++) {
                        pthread_t t[4];
                        for (int j = 0; j < 4; j++) pthread_create(&t[j], NULL, nothing, NULL);
                        for (int j = 0; j < 4; j++) pthread_join(t[j], NULL);
                    }
                    for (int i = 0; i < 500; i++) {
                        size_t size = (1 + i % 7) << 20;
                        char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                        for (size_t at = 0; at < size; at += size / 4) m[at] = 1;
                        munmap(m, size);
                        char *f = mmap((void *) (0x100000000000 + ((long) i << 30)), 4096, PROT_READ, MAP_SHARED, file, 0);
                        if (f != MAP_FAILED) { if (*f != 0x7f) return 2; munmap(f, 4096); }
                    }
                    printf("round %d\\n", round);
                    char c;
                    read(0, &c, 1);
                }
                return 0;
            }
            """;

    @TempDir
    Path directory;

    private static long entries(Path where) throws IOException {
        try (Stream<Path> list = Files.list(where)) {
            return list.count();
        }
    }

    /** What the process holds of the host. */
    private static TreeMap<String, Long> held(long pid) throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid));
        TreeMap<String, Long> map = new TreeMap<>();
        map.put("descriptors", entries(proc.resolve("fd")));
        map.put("threads", entries(proc.resolve("task")));
        map.put("mappings", (long) Files.readAllLines(proc.resolve("maps")).size());
        return map;
    }

    private static void awaitLine(Path out, String line) throws Exception {
        for (int i = 0; i < 1200 && !Files.readString(out).contains(line); i++) {
            Thread.sleep(50);
        }
        assertTrue(Files.readString(out).contains(line), "no '" + line + "' after a minute: " + Files.readString(out));
        Thread.sleep(500); // what is released late
    }

    @OnEachPlatform
    void nothingStaysOfWhatIsGone() throws Exception {
        Path program = Programs.build(Files.writeString(directory.resolve("leaks.c"), PROGRAM), true);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process cli = on.sandbox(program.toString()).start(out, err);
        try (OutputStream in = cli.getOutputStream()) {
            awaitLine(out, "round 1");
            long sentry = cli.descendants()
                    .filter(p -> p.info().commandLine().orElse("").contains(" boot"))
                    .findFirst()
                    .orElseThrow()
                    .pid();
            TreeMap<String, Long> first = held(sentry);
            in.write('x');
            in.flush();
            awaitLine(out, "round 2");
            TreeMap<String, Long> second = held(sentry);
            // The virtual machine adds a thread or a mapping of its own now and then, and virtual processors are made when
            // as many tasks run at once. A leak shows in forty rounds, hundreds of tasks and mappings.
            boolean same = second.get("descriptors") <= first.get("descriptors") + 16
                    && second.get("threads") <= first.get("threads") + 4
                    && second.get("mappings") <= first.get("mappings") + 40;
            assertTrue(same, "after the first round " + first + ", after the second " + second);
            in.write('x');
            in.flush();
            assertTrue(cli.waitFor(20, TimeUnit.SECONDS), "the program does not end");
            assertTrue(cli.exitValue() == 0, "exit code " + cli.exitValue() + ": " + Files.readString(out) + Files.readString(err));
        } finally {
            Command.end(cli);
        }
    }
}
