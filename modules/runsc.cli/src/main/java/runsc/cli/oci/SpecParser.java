package runsc.cli.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import runsc.cli.RunscException;
import runsc.cli.io.JsonSource;

/** Reads a config.json. Fields that it does not know are skipped, as the specification demands. */
public final class SpecParser {
    private final JsonSource in;

    private SpecParser(JsonSource in) {
        this.in = in;
    }

    /** @param file the file's name, for messages */
    public static Spec parse(String file, byte[] content) throws RunscException {
        JsonSource in = new JsonSource(file, content);
        Spec spec = new SpecParser(in).spec();
        in.end();
        return spec;
    }

    /** Reads a file that holds the "process" object alone. */
    public static ProcessSpec parseProcess(String file, byte[] content) throws RunscException {
        JsonSource in = new JsonSource(file, content);
        ProcessSpec process = new ProcessParser(in).process();
        in.end();
        return process;
    }

    private Spec spec() throws RunscException {
        String version = null;
        ProcessSpec process = null;
        Spec.Root root = null;
        String hostname = null;
        String domainname = null;
        List<Spec.MountSpec> mounts = List.of();
        LinuxSpec linux = LinuxSpec.NONE;
        Map<String, String> annotations = Map.of();
        List<Hook> hooks = List.of();
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "ociVersion" -> version = in.string();
                case "process" -> process = new ProcessParser(in).process();
                case "root" -> root = root();
                case "hostname" -> hostname = in.bytes();
                case "domainname" -> domainname = in.bytes();
                case "mounts" -> mounts = mounts();
                case "linux" -> linux = new LinuxParser(in).linux();
                case "annotations" -> annotations = in.strings();
                case "hooks" -> hooks = new HooksParser(in).hooks();
                default -> in.skip();
            }
        }
        if (version == null) {
            throw in.wrong("ociVersion", "is missing");
        }
        if (!version.startsWith("1.")) {
            throw in.wrong("ociVersion", "version " + version + " is not known, only 1.x is");
        }
        if (root == null) {
            throw in.wrong("root", "is missing");
        }
        return new Spec(version, process, root, hostname, domainname, mounts, linux, annotations, hooks);
    }

    private Spec.Root root() throws RunscException {
        String path = null;
        boolean readOnly = false;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "path" -> path = in.bytes();
                case "readonly" -> readOnly = in.truth();
                default -> in.skip();
            }
        }
        if (path == null || path.isEmpty()) {
            throw in.wrong("root.path", "is missing");
        }
        return new Spec.Root(path, readOnly);
    }

    private List<Spec.MountSpec> mounts() throws RunscException {
        List<Spec.MountSpec> list = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            String where = in.path();
            String destination = null;
            String type = "";
            String source = "";
            List<String> options = List.of();
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "destination" -> destination = in.bytes();
                    case "type" -> type = in.bytes();
                    case "source" -> source = in.bytes();
                    case "options" -> options = in.byteStrings();
                    default -> in.skip();
                }
            }
            if (destination == null || destination.isEmpty()) {
                throw in.wrong(where + ".destination", "is missing");
            }
            if (destination.charAt(0) != '/') {
                destination = "/" + destination; // the specification's older versions allowed it
            }
            Spec.MountSpec mount = new Spec.MountSpec(destination, type, source, options);
            if (!mount.bind() && type.isEmpty()) {
                throw in.wrong(where + ".type", "is missing");
            }
            if (mount.bind() && source.isEmpty()) {
                throw in.wrong(where + ".source", "is missing");
            }
            list.add(mount);
        }
        return list;
    }
}
