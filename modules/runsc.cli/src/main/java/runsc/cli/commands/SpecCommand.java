package runsc.cli.commands;

import com.google.gson.stream.JsonWriter;
import host.linux.Errnos;
import host.linux.FileIo;
import host.linux.Files;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.Version;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;

/** {@code runsc spec}: a config.json to start from. */
public final class SpecCommand implements Command {
    private static final String[] CAPABILITIES = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
    private static final int EEXIST = 17;

    @Override
    public Help help() {
        return new Help(
                "spec",
                "[-- CMD [ARG...]]",
                "Write a config.json to start from.",
                """
                Writes config.json in the bundle's directory: a container with the root
                filesystem in rootfs/, its own /proc, /dev and /sys, and CMD (or a shell) in it.
                An existing config.json is left alone, and that is an error.""",
                "runsc spec -- /bin/hello",
                "a config.json here, for /bin/hello",
                "runsc spec --bundle /containers/one",
                "a config.json there, for a shell");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("bundle", "DIR", ".", "The bundle's directory.").or('b'),
            Flag.value("cwd", "DIR", "/", "Working directory of the program."),
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        List<String> arguments = invocation.arguments();
        String cwd = invocation.flags().get("cwd");
        String text = config(arguments.isEmpty() ? List.of("sh") : arguments, cwd, arguments.isEmpty());
        String path = invocation.flags().get("bundle") + "/config.json";
        int fd = FileIo.open(
                Files.AT_FDCWD, ByteString.bytes(path), Files.O_WRONLY | Files.O_CREAT | Files.O_EXCL, 0644);
        if (fd == -EEXIST) {
            throw new RunscException(path + " is there already");
        }
        int r = fd < 0 ? fd : FileIo.write(fd, text.getBytes(StandardCharsets.UTF_8));
        if (r < 0) {
            throw new RunscException("cannot write " + path + ": " + Errnos.name(-r));
        }
        Files.close(fd);
        return 0;
    }

    static String config(List<String> arguments, String cwd, boolean terminal) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setIndent("  ");
            json.beginObject();
            json.name("ociVersion").value(Version.OCI);
            process(json, arguments, cwd, terminal);
            json.name("root").beginObject();
            json.name("path").value("rootfs").name("readonly").value(true).endObject();
            json.name("hostname").value("runsc");
            json.name("mounts").beginArray();
            mount(json, "/proc", "proc", "proc");
            mount(json, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
            mount(json, "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance",
                    "ptmxmode=0666", "mode=0620");
            mount(json, "/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k");
            mount(json, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
            mount(json, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
            mount(json, "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "ro");
            json.endArray();
            json.name("linux").beginObject();
            json.name("namespaces").beginArray();
            for (String type : new String[] {"pid", "network", "ipc", "uts", "mount"}) {
                json.beginObject().name("type").value(type).endObject();
            }
            json.endArray().endObject().endObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text + "\n";
    }

    private static void process(JsonWriter json, List<String> arguments, String cwd, boolean terminal)
            throws IOException {
        json.name("process").beginObject();
        json.name("terminal").value(terminal);
        json.name("user").beginObject().name("uid").value(0).name("gid").value(0).endObject();
        json.name("args").beginArray();
        for (String a : arguments) {
            json.value(ByteString.toText(a));
        }
        json.endArray();
        json.name("env").beginArray();
        json.value("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        if (terminal) {
            json.value("TERM=xterm");
        }
        json.endArray();
        json.name("cwd").value(ByteString.toText(cwd));
        json.name("capabilities").beginObject();
        for (String set : new String[] {"bounding", "effective", "permitted"}) {
            json.name(set).beginArray();
            for (String c : CAPABILITIES) {
                json.value(c);
            }
            json.endArray();
        }
        json.endObject();
        json.name("rlimits").beginArray().beginObject();
        json.name("type").value("RLIMIT_NOFILE").name("hard").value(1024).name("soft").value(1024);
        json.endObject().endArray();
        json.name("noNewPrivileges").value(true);
        json.endObject();
    }

    private static void mount(JsonWriter json, String destination, String type, String source, String... options)
            throws IOException {
        json.beginObject();
        json.name("destination").value(destination).name("type").value(type).name("source").value(source);
        if (options.length > 0) {
            json.name("options").beginArray();
            for (String o : options) {
                json.value(o);
            }
            json.endArray();
        }
        json.endObject();
    }
}
