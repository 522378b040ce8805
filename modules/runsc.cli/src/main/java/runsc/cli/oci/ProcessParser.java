package runsc.cli.oci;

import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.io.JsonSource;

/** Reads the "process" object of a config.json, which is also what {@code exec --process} takes. */
final class ProcessParser {
    private final JsonSource in;

    ProcessParser(JsonSource in) {
        this.in = in;
    }

    ProcessSpec process() throws RunscException {
        String where = in.path();
        boolean terminal = false;
        int[] size = {0, 0};
        ProcessSpec.User user = new ProcessSpec.User(0, 0, new int[0], -1);
        List<String> args = null;
        List<String> env = List.of();
        String cwd = null;
        ProcessSpec.Capabilities capabilities = ProcessSpec.Capabilities.NONE;
        List<ProcessSpec.Rlimit> rlimits = List.of();
        boolean noNewPrivileges = false;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "terminal" -> terminal = in.truth();
                case "consoleSize" -> size = consoleSize();
                case "user" -> user = user();
                case "args" -> args = in.byteStrings();
                case "env" -> env = in.byteStrings();
                case "cwd" -> cwd = in.bytes();
                case "capabilities" -> capabilities = capabilities();
                case "rlimits" -> rlimits = rlimits();
                case "noNewPrivileges" -> noNewPrivileges = in.truth();
                default -> in.skip();
            }
        }
        if (args == null || args.isEmpty()) {
            throw in.wrong(where + ".args", args == null ? "is missing" : "is empty: there is no program to run");
        }
        if (cwd == null || cwd.isEmpty()) {
            throw in.wrong(where + ".cwd", "is missing");
        }
        if (cwd.charAt(0) != '/') {
            throw in.wrong(where + ".cwd", "must be an absolute path");
        }
        return new ProcessSpec(
                terminal, size[0], size[1], user, args, env, cwd, capabilities, rlimits, noNewPrivileges);
    }

    private int[] consoleSize() throws RunscException {
        int[] size = {0, 0};
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "height" -> size[0] = in.integer(0, 0xffff);
                case "width" -> size[1] = in.integer(0, 0xffff);
                default -> in.skip();
            }
        }
        return size;
    }

    private ProcessSpec.User user() throws RunscException {
        int uid = 0;
        int gid = 0;
        int umask = -1;
        List<Integer> groups = new ArrayList<>();
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "uid" -> uid = in.id();
                case "gid" -> gid = in.id();
                case "umask" -> umask = in.integer(0, 0777);
                case "additionalGids" -> {
                    in.beginArray();
                    while (in.nextElement()) {
                        groups.add(in.id());
                    }
                }
                default -> in.skip();
            }
        }
        int[] ids = new int[groups.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = groups.get(i);
        }
        return new ProcessSpec.User(uid, gid, ids, umask);
    }

    private ProcessSpec.Capabilities capabilities() throws RunscException {
        long bounding = 0;
        long effective = 0;
        long inheritable = 0;
        long permitted = 0;
        long ambient = 0;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "bounding" -> bounding = capabilitySet();
                case "effective" -> effective = capabilitySet();
                case "inheritable" -> inheritable = capabilitySet();
                case "permitted" -> permitted = capabilitySet();
                case "ambient" -> ambient = capabilitySet();
                default -> in.skip();
            }
        }
        return new ProcessSpec.Capabilities(bounding, effective, inheritable, permitted, ambient);
    }

    private long capabilitySet() throws RunscException {
        long set = 0;
        in.beginArray();
        while (in.nextElement()) {
            String where = in.path();
            String name = in.string();
            int number = CapabilityNames.number(name);
            if (number < 0) {
                throw in.wrong(where, "there is no capability " + name);
            }
            set |= 1L << number;
        }
        return set;
    }

    private List<ProcessSpec.Rlimit> rlimits() throws RunscException {
        List<ProcessSpec.Rlimit> list = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            String where = in.path();
            int resource = -1;
            long soft = 0;
            long hard = 0;
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "type" -> {
                        String name = in.string();
                        resource = RlimitNames.number(name);
                        if (resource < 0) {
                            throw in.wrong(where + ".type", "there is no resource " + name);
                        }
                    }
                    case "soft" -> soft = in.unsigned();
                    case "hard" -> hard = in.unsigned();
                    default -> in.skip();
                }
            }
            if (resource < 0) {
                throw in.wrong(where + ".type", "is missing");
            }
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw in.wrong(where, "the soft limit is above the hard limit");
            }
            for (ProcessSpec.Rlimit other : list) {
                if (other.resource() == resource) {
                    throw in.wrong(where, "the resource is limited twice");
                }
            }
            list.add(new ProcessSpec.Rlimit(resource, soft, hard));
        }
        return list;
    }
}
