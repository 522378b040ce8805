package runsc.cli.oci;

import java.util.List;
import java.util.Map;

/**
 * A config.json.
 *
 * @param ociVersion version of the specification it follows
 * @param process the init process, or null
 * @param root the root filesystem
 * @param hostname host name, or null
 * @param domainname NIS domain name, or null
 * @param mounts in the order in which they are to be made
 * @param linux what is particular to Linux
 * @param annotations free for all
 * @param hooks of all kinds
 */
public record Spec(
        String ociVersion,
        ProcessSpec process,
        Root root,
        String hostname,
        String domainname,
        List<MountSpec> mounts,
        LinuxSpec linux,
        Map<String, String> annotations,
        List<Hook> hooks) {

    /** @param path absolute, or relative to the bundle */
    public record Root(String path, boolean readOnly) {}

    /**
     * @param destination absolute path in the container
     * @param type filesystem type, empty for a bind mount
     * @param source of a bind mount a path of the host, absolute or relative to the bundle
     * @param options as mount(8) has them, and bind, rbind
     */
    public record MountSpec(String destination, String type, String source, List<String> options) {
        public boolean bind() {
            return type.equals("bind") || options.contains("bind") || options.contains("rbind");
        }
    }
}
