package integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** An OCI bundle in a directory of its own, with its own place for states. Closing removes both. */
final class Bundle implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Platform platform;
    private final Path directory;
    private final Path root;
    private final Path state;
    private String cwd = "/";
    private String environment = "\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"";
    private boolean readonly;
    private boolean terminal;
    private String user = "{\"uid\": 0, \"gid\": 0}";
    private String moreMounts = "";
    private String moreProcess = "";
    private String moreLinux = "";
    private String hooks = "";

    private Bundle(Platform platform, Path root) {
        this.platform = platform;
        try {
            directory = Files.createTempDirectory("bundle");
            state = Files.createDirectory(directory.resolve("state"));
            this.root = root == null ? Files.createDirectory(directory.resolve("rootfs")) : root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bundle over an existing root filesystem, which stays when the bundle is closed. */
    static Bundle over(Platform platform, Path root) {
        return new Bundle(platform, root);
    }

    /** A root filesystem made of busybox alone. */
    static Bundle busybox(Platform platform) {
        Bundle b = new Bundle(platform, null);
        try {
            Path bin = Files.createDirectories(b.root.resolve("bin"));
            Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
            String applets = Command.of("/bin/busybox", "--list").run().exits(0).out();
            for (String name : applets.lines().toList()) {
                Path link = bin.resolve(name);
                if (Files.notExists(link)) {
                    Files.createSymbolicLink(link, Path.of("busybox"));
                }
            }
            for (String name : List.of("tmp", "etc", "proc", "dev", "sys", "root")) {
                Files.createDirectory(b.root.resolve(name));
            }
            Files.writeString(b.root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return b;
    }

    Path directory() {
        return directory;
    }

    Path root() {
        return root;
    }

    Path state() {
        return state;
    }

    Bundle cwd(String value) {
        cwd = value;
        return this;
    }

    Bundle readonly() {
        readonly = true;
        return this;
    }

    Bundle terminal() {
        terminal = true;
        return this;
    }

    Bundle user(int uid, int gid) {
        user = "{\"uid\": " + uid + ", \"gid\": " + gid + "}";
        return this;
    }

    /** @param json a mount object of config.json */
    Bundle mount(String json) {
        moreMounts += ", " + json;
        return this;
    }

    Bundle mount(String destination, String type, String source) {
        return mount("{\"destination\": \"%s\", \"type\": \"%s\", \"source\": \"%s\"}"
                .formatted(destination, type, source));
    }

    /** @param json members for the process object, such as {@code "rlimits": [...]} */
    Bundle process(String json) {
        moreProcess += ", " + json;
        return this;
    }

    /** @param json members for the linux object, such as {@code "resources": {...}} */
    Bundle linux(String json) {
        moreLinux += ", " + json;
        return this;
    }

    /** @param json members of the hooks object */
    Bundle hooks(String json) {
        hooks = json;
        return this;
    }

    /** Writes config.json for a program with these arguments. */
    Bundle program(String... arguments) {
        StringBuilder args = new StringBuilder();
        for (String a : arguments) {
            args.append(args.isEmpty() ? "" : ", ").append(quote(a));
        }
        String json = """
                {"ociVersion": "1.0.2",
                 "process": {"terminal": %b, "user": %s, "args": [%s], "env": [%s], "cwd": "%s"%s},
                 "root": {"path": %s, "readonly": %b},
                 "hostname": "test-host",
                 "hooks": {%s},
                 "mounts": [
                   {"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
                   {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                    "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
                   {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
                   {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}%s],
                 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}]%s}}
                """
                .formatted(
                        terminal, user, args, environment, cwd, moreProcess, quote(root.toString()), readonly, hooks, moreMounts, moreLinux);
        try {
            Files.writeString(directory.resolve("config.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            switch (c) {
                case '"', '\\' -> b.append('\\').append(c);
                case '\n' -> b.append("\\n");
                case '\t' -> b.append("\\t");
                default -> b.append(c);
            }
        }
        return b.append('"').toString();
    }

    /** {@code runsc run} of this bundle. */
    Command run() {
        return runsc("run", "--bundle", directory.toString(), "t" + NEXT.incrementAndGet());
    }

    /** runsc on the bundle's platform, with the bundle's place for states. */
    Command runsc(String... arguments) {
        List<String> words = new ArrayList<>(List.of("--root", state.toString()));
        words.addAll(List.of(arguments));
        return platform.runsc(words.toArray(new String[0]));
    }

    /** Names that are left in the place for states. */
    List<String> left() {
        try (Stream<Path> files = Files.list(state)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
