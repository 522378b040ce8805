package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** {@code --file-access}, {@code --file-access-mounts} and {@code --overlay2}: what goes to the host, what is seen of it. */
class FileAccessTest extends SandboxTest {
    private static final String CHANGES = "echo new > /etc/new; echo more >> /etc/passwd; rm /etc/old; mkdir /etc/d; "
            + "head -c 20000000 /dev/zero | tr '\\0' x > /etc/big; md5sum < /etc/big; "
            + "echo there > /data/new; echo more >> /data/kept; rm /data/gone; ls /etc /data | tr '\\n' ' '; cat /data/kept";

    @TempDir
    Path data;

    private Bundle bundle() throws IOException {
        Bundle b = Bundle.busybox(on);
        Files.writeString(b.root().resolve("etc/old"), "old");
        Files.writeString(data.resolve("kept"), "kept\n");
        Files.writeString(data.resolve("gone"), "gone\n");
        b.mount("{\"destination\": \"/data\", \"type\": \"bind\", \"source\": \"" + data + "\", \"options\": [\"rbind\"]}");
        return b;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    private String change(Bundle b, String overlay) {
        b.program("/bin/sh", "-c", CHANGES);
        return b.runsc("--overlay2=" + overlay, "run", "--bundle", b.directory().toString(), "overlay").run().exits(0).out();
    }

    private void rootAsItWas(Bundle b) throws IOException {
        assertEquals(List.of("old", "passwd"), names(b.root().resolve("etc")));
        assertEquals("root:x:0:0:root:/root:/bin/sh\n", Files.readString(b.root().resolve("etc/passwd")));
        assertFalse(Files.exists(b.root().resolve("data/new")));
        assertTrue(names(b.root()).stream().noneMatch(n -> n.startsWith(".")), names(b.root()).toString());
    }

    @OnEachPlatform
    void overlaysKeepTheRootAsItIs() throws Exception {
        String out = null;
        for (String overlay : List.of("root:memory", "root:self", "root:dir=" + data)) {
            try (Bundle b = bundle()) {
                String one = change(b, overlay);
                assertTrue(one.contains("/data: kept new  /etc: big d new passwd"), one);
                assertEquals(out == null ? one : out, one);
                out = one;
                rootAsItWas(b);
                assertEquals(List.of("kept", "new"), names(data), "a bind mount has no overlay");
                assertEquals("kept\nmore\n", Files.readString(data.resolve("kept")));
                Files.delete(data.resolve("new"));
            }
        }
    }

    @OnEachPlatform
    void overlaysKeepTheMountsToo() throws Exception {
        for (String overlay : List.of("all:memory", "all:self")) {
            try (Bundle b = bundle()) {
                assertTrue(change(b, overlay).endsWith("kept\nmore\n"));
                rootAsItWas(b);
                assertEquals(List.of("gone", "kept"), names(data));
                assertEquals("kept\n", Files.readString(data.resolve("kept")));
            }
        }
    }

    @OnEachPlatform
    void withoutAnOverlayTheHostIsWritten() throws Exception {
        try (Bundle b = bundle()) {
            change(b, "none");
            assertEquals(List.of("big", "d", "new", "passwd"), names(b.root().resolve("etc")));
            assertEquals(20_000_000, Files.size(b.root().resolve("etc/big")));
            assertEquals(List.of("kept", "new"), names(data));
        }
    }

    @OnEachPlatform
    void anOverlayHasItsSize() throws Exception {
        try (Bundle b = bundle()) {
            b.program("/bin/sh", "-c", "head -c 3000000 /dev/zero > /etc/big; echo $?; wc -c < /etc/big");
            for (String medium : List.of("memory", "self")) {
                String out = b.runsc("--overlay2=root:" + medium + ",size=1m", "run", "--bundle", b.directory().toString(), "s")
                        .run()
                        .exits(0)
                        .out();
                assertEquals("1\n1048576\n", out);
            }
        }
    }

    /** A shell inside that is told line by line what to do. */
    private static final class Shell implements AutoCloseable {
        final Process process;
        final OutputStream in;
        final BufferedReader out;

        Shell(Process process) {
            this.process = process;
            in = process.getOutputStream();
            out = process.inputReader();
        }

        String ask(String line) throws IOException {
            in.write((line + "\necho ==\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
            StringBuilder answer = new StringBuilder();
            for (String l = out.readLine(); l != null && !l.equals("=="); l = out.readLine()) {
                answer.append(l).append('\n');
            }
            return answer.toString();
        }

        @Override
        public void close() {
            Command.end(process);
        }
    }

    private static Shell shell(Bundle b, String... flags) throws IOException {
        b.program("/bin/sh");
        Stream<String> words = Stream.concat(
                Stream.of(flags), Stream.of("run", "--bundle", b.directory().toString(), "shell"));
        return new Shell(b.runsc(words.toArray(String[]::new)).start());
    }

    private static void hostChangesAreSeen(Shell sh, Path host, String inside) throws IOException {
        String at = "cd " + inside + "; ";
        Files.writeString(host.resolve("a"), "one\n");
        assertEquals("one\n", sh.ask(at + "cat a"));
        assertEquals("", sh.ask(at + "cat missing 2> /dev/null"));
        Files.writeString(host.resolve("missing"), "now\n");
        assertEquals("now\n", sh.ask(at + "cat missing"));
        Files.writeString(host.resolve("a"), "two and more\n");
        assertEquals("two and more\n13\n", sh.ask(at + "cat a; stat -c %s a"));
        sh.ask(at + "exec 5< a");
        Files.writeString(host.resolve("a"), "three\n", StandardOpenOption.TRUNCATE_EXISTING);
        assertEquals("three\n", sh.ask("cat <&5"), "an open file");
        Files.move(host.resolve("a"), host.resolve("b"));
        assertEquals("no\nthree\n", sh.ask(at + "test -e a || echo no; cat b"));
        Files.delete(host.resolve("b"));
        assertEquals("no\n", sh.ask(at + "test -e b || echo no"));
        Files.createDirectories(host.resolve("d/e"));
        Files.writeString(host.resolve("d/e/f"), "deep");
        assertEquals("deep", sh.ask(at + "cat d/e/f; echo").strip());
        Files.delete(host.resolve("d/e/f"));
        Files.delete(host.resolve("d/e"));
        Files.writeString(host.resolve("d/e"), "file now\n");
        assertEquals("file now\n", sh.ask(at + "cat d/e"));
        Path other = Files.writeString(host.resolve("other"), "replaced\n");
        Files.move(other, host.resolve("missing"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals("replaced\nd missing\n", sh.ask(at + "cat missing; echo *"));
        assertEquals("replaced\n", sh.ask(at + "echo inside > missing; rm missing; test -e missing || echo replaced"));
        assertFalse(Files.exists(host.resolve("missing")));
    }

    @OnEachPlatform
    void sharedMountsShowWhatTheHostDoes() throws Exception {
        try (Bundle b = bundle(); Shell sh = shell(b)) {
            Files.delete(data.resolve("kept"));
            Files.delete(data.resolve("gone"));
            hostChangesAreSeen(sh, data, "/data");
        }
    }

    @OnEachPlatform
    void aSharedRootShowsWhatTheHostDoes() throws Exception {
        try (Bundle b = bundle()) {
            Path host = Files.createDirectory(b.root().resolve("work"));
            try (Shell sh = shell(b, "--file-access=shared")) {
                hostChangesAreSeen(sh, host, "/work");
            }
        }
    }

    @OnEachPlatform
    void exclusiveMountsAreAskedForOnce() throws Exception {
        try (Bundle b = bundle(); Shell sh = shell(b, "--file-access-mounts=exclusive")) {
            assertEquals("", sh.ask("cat /data/late 2> /dev/null"));
            Files.writeString(data.resolve("late"), "too late\n");
            assertEquals("", sh.ask("cat /data/late 2> /dev/null"));
            assertEquals("kept\n", sh.ask("cat /data/kept"));
        }
    }
}
