package runsc.cli.oci;

import java.util.List;
import java.util.Map;
import sentry.core.cgroup.CgroupLimits;

/**
 * The "linux" object of a config.json, as far as we look at it.
 *
 * @param namespaces those that the container shall have
 * @param idMappings whether user or group ids are mapped to other ids than themselves
 * @param sysctl kernel parameters by name
 * @param cgroupsPath where the container's cgroup is, or null
 * @param memoryLimit bytes that the programs may use, or 0 for no limit
 * @param cgroup what the container may use, as control groups say it
 * @param limits names of the other resource limits that are set
 * @param seccomp the filter for the program, an array of struct sock_filter as a byte string; null for none
 * @param devices paths of further devices
 * @param maskedPaths paths that shall be unreadable
 * @param readOnlyPaths paths that shall not be writable
 * @param personality execution domain, or null
 */
public record LinuxSpec(
        List<Namespace> namespaces,
        boolean idMappings,
        Map<String, String> sysctl,
        String cgroupsPath,
        long memoryLimit,
        CgroupLimits cgroup,
        List<String> limits,
        String seccomp,
        List<String> devices,
        List<String> maskedPaths,
        List<String> readOnlyPaths,
        String personality) {

    /** @param path of an existing namespace to join, or null for a new one */
    public record Namespace(String type, String path) {}

    public static final LinuxSpec NONE = new LinuxSpec(
            List.of(), false, Map.of(), null, 0, CgroupLimits.NONE, List.of(), null, List.of(), List.of(), List.of(), null);
}
