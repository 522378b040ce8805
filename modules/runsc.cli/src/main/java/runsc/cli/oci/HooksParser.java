package runsc.cli.oci;

import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.io.JsonSource;

/** Reads the "hooks" object of a config.json. */
public final class HooksParser {
    private final JsonSource in;

    public HooksParser(JsonSource in) {
        this.in = in;
    }

    public List<Hook> hooks() throws RunscException {
        List<Hook> list = new ArrayList<>();
        in.beginObject();
        for (String name; (name = in.nextField()) != null; ) {
            Hook.Kind kind = Hook.Kind.of(name);
            if (kind == null) {
                in.skip();
                continue;
            }
            in.beginArray();
            while (in.nextElement()) {
                list.add(hook(kind));
            }
        }
        return list;
    }

    private Hook hook(Hook.Kind kind) throws RunscException {
        String where = in.path();
        String path = null;
        List<String> args = List.of();
        List<String> env = List.of();
        int timeout = 0;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "path" -> path = in.bytes();
                case "args" -> args = in.byteStrings();
                case "env" -> env = in.byteStrings();
                case "timeout" -> timeout = in.integer(1, Integer.MAX_VALUE);
                default -> in.skip();
            }
        }
        if (path == null || !path.startsWith("/")) {
            throw in.wrong(where + ".path", path == null ? "is missing" : "must be an absolute path");
        }
        return new Hook(kind, path, args, env, timeout);
    }
}
