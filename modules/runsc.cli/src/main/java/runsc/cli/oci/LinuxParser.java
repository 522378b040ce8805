package runsc.cli.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import runsc.cli.RunscException;
import runsc.cli.io.JsonSource;
import sentry.core.cgroup.CgroupLimits;

/** Reads the "linux" object of a config.json. */
final class LinuxParser {
    private final JsonSource in;
    private long memoryLimit;
    private long pids;
    private long cpuQuota;
    private long cpuPeriod;
    private long cpuShares;

    LinuxParser(JsonSource in) {
        this.in = in;
    }

    LinuxSpec linux() throws RunscException {
        List<LinuxSpec.Namespace> namespaces = List.of();
        boolean idMappings = false;
        Map<String, String> sysctl = Map.of();
        String cgroupsPath = null;
        List<String> limits = List.of();
        String seccomp = null;
        List<String> devices = List.of();
        List<String> masked = List.of();
        List<String> readOnly = List.of();
        String personality = null;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "namespaces" -> namespaces = namespaces();
                case "uidMappings", "gidMappings" -> idMappings |= mappings();
                case "sysctl" -> sysctl = in.strings();
                case "cgroupsPath" -> cgroupsPath = in.bytes();
                case "resources" -> limits = resources();
                case "seccomp" -> seccomp = new SeccompParser(in).filter();
                case "devices" -> devices = devices();
                case "maskedPaths" -> masked = in.byteStrings();
                case "readonlyPaths" -> readOnly = in.byteStrings();
                case "personality" -> personality = personality();
                default -> in.skip();
            }
        }
        CgroupLimits cgroup = new CgroupLimits(memoryLimit, pids, cpuQuota, cpuPeriod, cpuShares);
        return new LinuxSpec(
                namespaces, idMappings, sysctl, cgroupsPath, memoryLimit, cgroup, limits, seccomp, devices, masked, readOnly, personality);
    }

    private List<LinuxSpec.Namespace> namespaces() throws RunscException {
        List<LinuxSpec.Namespace> list = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            String where = in.path();
            String type = null;
            String path = null;
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "type" -> type = in.string();
                    case "path" -> path = in.bytes();
                    default -> in.skip();
                }
            }
            if (type == null) {
                throw in.wrong(where + ".type", "is missing");
            }
            switch (type) {
                case "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time" -> {}
                default -> throw in.wrong(where + ".type", "there is no namespace " + type);
            }
            for (LinuxSpec.Namespace other : list) {
                if (other.type().equals(type)) {
                    throw in.wrong(where, "the " + type + " namespace is given twice");
                }
            }
            list.add(new LinuxSpec.Namespace(type, path == null || path.isEmpty() ? null : path));
        }
        return list;
    }

    /** Whether an id is mapped to another one. */
    private boolean mappings() throws RunscException {
        boolean other = false;
        in.beginArray();
        while (in.nextElement()) {
            int inside = 0;
            int outside = 0;
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "containerID" -> inside = in.id();
                    case "hostID" -> outside = in.id();
                    default -> in.skip();
                }
            }
            other |= inside != outside;
        }
        return other;
    }

    /** Takes the memory limit; a limit that is not positive is none. Adds the names of others to {@code list}. */
    private void memory(List<String> list) throws RunscException {
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            if (field.equals("limit")) {
                memoryLimit = Math.max(0, in.signed());
            } else {
                in.skip();
                list.add("memory." + field);
            }
        }
    }

    /** Takes the limit of tasks; one that is not positive is none. */
    private void pids() throws RunscException {
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            if (field.equals("limit")) {
                pids = Math.max(0, in.signed());
            } else {
                in.skip();
            }
        }
    }

    private void cpu() throws RunscException {
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "shares" -> cpuShares = Math.max(0, in.signed());
                case "quota" -> cpuQuota = Math.max(0, in.signed());
                case "period" -> cpuPeriod = Math.max(0, in.signed());
                default -> in.skip();
            }
        }
    }

    /**
     * The kinds of limits that are set, but for that of memory, which is kept; a list of allowed devices is none, for the
     * sandbox has no others.
     */
    private List<String> resources() throws RunscException {
        List<String> list = new ArrayList<>();
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "memory" -> memory(list);
                case "pids" -> pids();
                case "cpu" -> {
                    cpu();
                    list.add(field); // shown inside, but not kept
                }
                case "devices" -> in.skip();
                default -> {
                    in.skip();
                    list.add(field);
                }
            }
        }
        return list;
    }

    private List<String> devices() throws RunscException {
        List<String> list = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                if (field.equals("path")) {
                    list.add(in.bytes());
                } else {
                    in.skip();
                }
            }
        }
        return list;
    }

    private String personality() throws RunscException {
        String domain = null;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            if (field.equals("domain")) {
                domain = in.string();
            } else {
                in.skip();
            }
        }
        return domain;
    }
}
