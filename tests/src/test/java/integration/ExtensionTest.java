package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A user's system call module, plugged into the finished image: the one of examples/. */
class ExtensionTest extends SandboxTest {
    private static final String MODULES =
            Path.of("../examples/syscall-module/target/classes").toAbsolutePath().normalize().toString();

    private static final String PROGRAM = """
            #include <errno.h>
            #include <stdio.h>
            #include <string.h>
            #include <unistd.h>
            int main(void) {
                char text[] = "Hello";
                for (int i = 0; i < 3; i++) getpid();
                long n = syscall(1000, text, strlen(text));
                if (n < 0) { printf("errno %d\\n", errno); return 1; }
                printf("%s %ld\\n", text, n);
                n = syscall(1000, (char *) 1, 1L);
                printf("%ld %d\\n", n, errno);
                return 0;
            }
            """;

    private static String program(Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("rot13.c"), PROGRAM);
        return Programs.build(source, true).toString();
    }

    @OnEachPlatform
    void aModuleAddsAndWrapsCalls(@TempDir Path directory) throws Exception {
        String out = on.runsc("--modules", MODULES, "do", program(directory)).run().exits(0).out();
        assertEquals("Uryyb 3\n-1 14\n", out);
    }

    @OnEachPlatform
    void withoutTheModuleTheCallIsMissing(@TempDir Path directory) throws Exception {
        assertEquals("errno 38\n", on.sandbox(program(directory)).run().exits(1).out());
    }

    @OnEachPlatform
    void theTableOfCallsShowsTheModules() throws Exception {
        String out = on.runsc("--modules", MODULES, "syscalls").run().exits(0).out();
        assertTrue(out.lines().anyMatch(l -> l.startsWith("1000 ") && l.contains("full")), out);
    }

    @OnEachPlatform
    void aDirectoryWithoutModulesIsSaid(@TempDir Path directory) throws Exception {
        String err = on.runsc("--modules", directory.toString(), "do", "/bin/true").run().exits(128).err();
        assertTrue(err.contains("there is no module in"), err);
    }
}
