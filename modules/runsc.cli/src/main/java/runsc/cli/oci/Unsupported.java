package runsc.cli.oci;

import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/**
 * What of a config.json we cannot do yet. Where leaving it out would give the program more than the config allows, that
 * is an error; else the caller gets a warning for the log.
 */
public final class Unsupported {
    private Unsupported() {}

    /** Returns one line for each thing that is left out. */
    public static List<String> check(Spec spec, boolean cgroupsIgnored) throws RunscException {
        List<String> warnings = new ArrayList<>();
        LinuxSpec linux = spec.linux();
        if (linux.idMappings()) {
            throw new RunscException("linux.uidMappings, linux.gidMappings: mapped ids are not there yet, and without"
                    + " them files would be opened with the rights of other users");
        }
        if (linux.personality() != null && !linux.personality().equals("LINUX")) {
            throw new RunscException("linux.personality: only LINUX is there, not " + linux.personality());
        }
        for (LinuxSpec.Namespace n : linux.namespaces()) {
            if (n.path() != null) {
                warnings.add("linux.namespaces: joining the " + n.type() + " namespace " + ByteString.toText(n.path())
                        + " is not there yet; the container gets one of its own");
            }
        }
        if (!linux.limits().isEmpty() && !cgroupsIgnored) {
            warnings.add("linux.resources: limits (" + join(linux.limits()) + ") are not applied yet");
        }
        if (!linux.devices().isEmpty()) {
            warnings.add(
                    "linux.devices: further devices are not there yet: " + ByteString.toText(join(linux.devices())));
        }
        if (!linux.sysctl().isEmpty()) {
            warnings.add("linux.sysctl: parameters are not set yet: " + join(new ArrayList<>(linux.sysctl().keySet())));
        }
        return warnings;
    }

    private static String join(List<String> list) {
        return String.join(", ", list);
    }
}
