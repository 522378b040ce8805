package runsc.cli.state;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import runsc.cli.RunscException;
import runsc.cli.Version;
import runsc.cli.io.ByteString;
import runsc.cli.io.JsonSource;
import runsc.cli.oci.Hook;
import runsc.cli.oci.HooksParser;

/**
 * What state.json holds: the OCI state and what we need besides.
 *
 * @param id the container's id
 * @param status as last written; see {@link #current}
 * @param sentry the process that is the container to the host
 * @param gofer its gofer
 * @param bundle absolute path of the bundle, empty for {@code do}
 * @param rootfs absolute path of the root filesystem
 * @param created RFC 3339, UTC
 * @param owner user id of who made it
 * @param attached whether the command that made it stays until it ends, and removes it then
 * @param annotations of the config.json
 * @param hooks of the config.json
 */
public record ContainerState(
        String id,
        Status status,
        HostProcess sentry,
        HostProcess gofer,
        String bundle,
        String rootfs,
        String created,
        int owner,
        boolean attached,
        Map<String, String> annotations,
        List<Hook> hooks) {

    /** The status now: a container whose Sentry is gone is stopped, whatever was written. */
    public Status current() {
        return status != Status.STOPPED && sentry.alive() ? status : Status.STOPPED;
    }

    public ContainerState with(Status newStatus) {
        return new ContainerState(id, newStatus, sentry, gofer, bundle, rootfs, created, owner, attached, annotations, hooks);
    }

    /** state.json's content. */
    byte[] encode() {
        return text(true, status).getBytes(StandardCharsets.UTF_8);
    }

    /** What {@code runsc state} prints. */
    public String oci() {
        return oci(current());
    }

    /** The same, with a status that is about to be reached, or just past. */
    public String oci(Status shown) {
        return text(false, shown);
    }

    /** Writes the fields that everybody may see into the open object {@code json}. */
    public void write(JsonWriter json, Status shown) throws IOException {
        json.name("ociVersion").value(Version.OCI);
        json.name("id").value(id);
        json.name("status").value(shown.text());
        json.name("pid").value(shown == Status.STOPPED ? 0 : sentry.pid());
        json.name("bundle").value(ByteString.toText(bundle));
        json.name("rootfs").value(ByteString.toText(rootfs));
        json.name("created").value(created);
        json.name("owner").value(Integer.toUnsignedString(owner));
        json.name("annotations").beginObject();
        for (Map.Entry<String, String> e : annotations.entrySet()) {
            json.name(e.getKey()).value(e.getValue());
        }
        json.endObject();
    }

    private String text(boolean internal, Status shown) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setIndent("  ");
            json.beginObject();
            write(json, shown);
            if (internal) {
                process(json, "sentry", sentry);
                process(json, "gofer", gofer);
                json.name("attached").value(attached);
                hooks(json);
            }
            json.endObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text + "\n";
    }

    /** As config.json has them. */
    private void hooks(JsonWriter json) throws IOException {
        json.name("hooks").beginObject();
        for (Hook.Kind kind : Hook.Kind.values()) {
            json.name(kind.text()).beginArray();
            for (Hook hook : Hook.of(hooks, kind)) {
                json.beginObject();
                json.name("path").value(ByteString.toText(hook.path()));
                strings(json, "args", hook.args());
                strings(json, "env", hook.env());
                if (hook.timeout() > 0) {
                    json.name("timeout").value(hook.timeout());
                }
                json.endObject();
            }
            json.endArray();
        }
        json.endObject();
    }

    private static void strings(JsonWriter json, String name, List<String> list) throws IOException {
        json.name(name).beginArray();
        for (String s : list) {
            json.value(ByteString.toText(s));
        }
        json.endArray();
    }

    private static void process(JsonWriter json, String name, HostProcess process) throws IOException {
        json.name(name).beginObject();
        json.name("pid").value(process.pid());
        json.name("start").value(process.start());
        json.name("boot").value(process.boot());
        json.endObject();
    }

    static ContainerState decode(String file, byte[] content) throws RunscException {
        JsonSource in = new JsonSource(file, content);
        String id = null;
        Status status = null;
        HostProcess sentry = HostProcess.NONE;
        HostProcess gofer = HostProcess.NONE;
        String bundle = "";
        String rootfs = "";
        String created = "";
        int owner = 0;
        boolean attached = false;
        Map<String, String> annotations = new LinkedHashMap<>();
        List<Hook> hooks = List.of();
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "id" -> id = in.string();
                case "status" -> status = Status.of(in.string());
                case "sentry" -> sentry = process(in);
                case "gofer" -> gofer = process(in);
                case "bundle" -> bundle = in.bytes();
                case "rootfs" -> rootfs = in.bytes();
                case "created" -> created = in.string();
                case "owner" -> {
                    String text = in.string();
                    try {
                        owner = Integer.parseUnsignedInt(text);
                    } catch (NumberFormatException e) {
                        throw in.wrong("owner", text + " is not a user id");
                    }
                }
                case "attached" -> attached = in.truth();
                case "annotations" -> annotations = in.strings();
                case "hooks" -> hooks = new HooksParser(in).hooks();
                default -> in.skip();
            }
        }
        if (id == null || status == null) {
            throw in.wrong("id, status", "missing or unknown");
        }
        return new ContainerState(id, status, sentry, gofer, bundle, rootfs, created, owner, attached, annotations, hooks);
    }

    private static HostProcess process(JsonSource in) throws RunscException {
        int pid = 0;
        long start = 0;
        String boot = "";
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "pid" -> pid = in.integer(0, Integer.MAX_VALUE);
                case "start" -> start = in.signed();
                case "boot" -> boot = in.string();
                default -> in.skip();
            }
        }
        return new HostProcess(pid, start, boot);
    }
}
