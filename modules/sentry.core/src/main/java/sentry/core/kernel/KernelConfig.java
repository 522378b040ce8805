package sentry.core.kernel;

import java.util.List;
import sentry.core.cgroup.CgroupLimits;
import sentry.core.vfs.FileSystem;

/**
 * What a container is made of, with everything of the host already opened.
 *
 * @param hostname initial host name
 * @param process the first process
 * @param root the root filesystem
 * @param rootSource what /proc/mounts shows as its source
 * @param rootReadOnly whether the root mount is read-only
 * @param mounts the other mounts, in order
 * @param maskedPaths absolute paths that show nothing
 * @param readOnlyPaths absolute paths that cannot be written to
 * @param limits what the container may use
 * @param host facts of the host read before the lock-down
 */
public record KernelConfig(
        String hostname,
        ProcessConfig process,
        FileSystem root,
        String rootSource,
        boolean rootReadOnly,
        List<MountSpec> mounts,
        List<String> maskedPaths,
        List<String> readOnlyPaths,
        CgroupLimits limits,
        HostFacts host) {

    /**
     * One mount.
     *
     * @param destination absolute path inside
     * @param type filesystem type by name, when {@code fileSystem} is null
     * @param source for /proc/mounts
     * @param options comma-separated data for the filesystem
     * @param flags MS_ flags
     * @param fileSystem a ready filesystem (bind mounts through the gofer), or null
     */
    public record MountSpec(
            String destination, String type, String source, String options, long flags, FileSystem fileSystem) {}

    /**
     * What the kernel wants to know of the host, and may not ask for later.
     *
     * @param cpus how many CPUs the sandbox may use
     * @param cpuinfo text of the host's /proc/cpuinfo
     * @param memoryBytes memory that programs may believe in
     * @param memoryLimited whether they may not use more
     * @param kernelRelease the release that uname(2) reports
     */
    public record HostFacts(int cpus, String cpuinfo, long memoryBytes, boolean memoryLimited, String kernelRelease) {}
}
