package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Hooks of config.json. */
class HooksTest extends SandboxTest {
    /** A hook that writes its name, its arguments, its environment and the status it is told into a file. */
    private static String hook(Bundle b, String kind) {
        return "\"%s\": [{\"path\": \"%s\", \"args\": [\"hook\", \"%s\", \"two words\"], \"env\": [\"X=%s\"]}]"
                .formatted(kind, b.directory().resolve("hook"), kind, b.directory());
    }

    private static void writeHook(Bundle b) throws IOException {
        script(b.directory().resolve("hook"), """
                #!/bin/bash
                state=$(cat)
                [[ $state =~ \\"status\\":\\ *\\"([a-z]*)\\" ]] && status=${BASH_REMATCH[1]}
                [[ $state =~ \\"id\\":\\ *\\"([a-z]*)\\" ]] && id=${BASH_REMATCH[1]}
                [[ $state =~ \\"pid\\":\\ *([0-9]*) ]] && pid=${BASH_REMATCH[1]}
                if [ $1 != poststop ] && ! [ -d /proc/$pid ]; then status="no process"; fi
                echo "$1 $2 $id $status" >> "$X/log"
                """);
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String all(Bundle b) {
        return hook(b, "prestart") + ", " + hook(b, "createRuntime") + ", " + hook(b, "createContainer") + ", "
                + "\"startContainer\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\","
                + " \"grep -c 'status.*created' > /tmp/inside\"], \"env\": [\"PATH=/bin\"]}], "
                + hook(b, "poststart") + ", " + hook(b, "poststop");
    }

    private static final String BEFORE = """
            prestart two words box creating
            createRuntime two words box creating
            createContainer two words box creating
            """;

    @OnEachPlatform
    void theyRunAtTheirPointsOfALife() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            writeHook(b);
            b.hooks(all(b)).program("/bin/sh", "-c", "cat /tmp/inside; sleep 100");
            Path log = b.directory().resolve("log");
            b.runsc("create", "--bundle", b.directory().toString(), "box").run().exits(0);
            try {
                assertEquals(BEFORE, Files.readString(log));
                b.runsc("start", "box").run().exits(0);
                assertEquals(BEFORE + "poststart two words box running\n", Files.readString(log));
                assertEquals("1\n", b.runsc("exec", "box", "cat", "/tmp/inside").run().exits(0).out());
            } finally {
                b.runsc("delete", "--force", "box").run().exits(0);
            }
            assertEquals(
                    BEFORE + "poststart two words box running\npoststop two words box stopped\n", Files.readString(log));
        }
    }

    @OnEachPlatform
    void runRunsThemToo() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            writeHook(b);
            b.hooks(all(b)).program("/bin/sh", "-c", "cat /tmp/inside; exit 3");
            assertEquals("1\n", b.runsc("run", "--bundle", b.directory().toString(), "box").run().exits(3).out());
            assertEquals(
                    BEFORE + "poststart two words box running\npoststop two words box stopped\n",
                    Files.readString(b.directory().resolve("log")));
        }
    }

    @OnEachPlatform
    void oneThatFailsOrTakesTooLongEndsTheStart() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            script(b.directory().resolve("fails"), "#!/bin/sh\necho not today >&2\nexit 4\n");
            script(b.directory().resolve("hangs"), "#!/bin/sh\nexec sleep 1000\n");
            String path = "\"path\": \"" + b.directory() + "/";
            b.hooks("\"createRuntime\": [{" + path + "fails\"}]").program("/bin/true");
            Command.Result r = b.runsc("create", "--bundle", b.directory().toString(), "box").run().exits(128);
            assertTrue(r.err().contains("code 4: not today"), r.err());
            r = b.runsc("run", "--bundle", b.directory().toString(), "box").run().exits(128);
            assertTrue(r.err().contains("code 4: not today"), r.err());
            b.hooks("\"prestart\": [{" + path + "hangs\", \"timeout\": 1}]").program("/bin/true");
            r = b.runsc("create", "--bundle", b.directory().toString(), "box").seconds(30).run().exits(128);
            assertTrue(r.err().contains("timeout of 1 s"), r.err());
            b.hooks("\"prestart\": [{" + path + "missing\"}]").program("/bin/true");
            b.runsc("create", "--bundle", b.directory().toString(), "box").run().exits(128);
            b.hooks("\"prestart\": [{\"path\": \"relative\"}]").program("/bin/true");
            r = b.runsc("create", "--bundle", b.directory().toString(), "box").run().exits(128);
            assertTrue(r.err().contains("absolute"), r.err());
            // After the start, and at the end, it is too late for errors.
            b.hooks("\"poststart\": [{" + path + "fails\"}], \"poststop\": [{" + path + "fails\"}]").program("/bin/true");
            b.runsc("run", "--bundle", b.directory().toString(), "box").run().exits(0);
            assertEquals("", b.runsc("list", "-q").run().exits(0).out());
        }
    }
}
