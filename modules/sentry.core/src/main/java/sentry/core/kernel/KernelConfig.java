package sentry.core.kernel;

import java.util.List;
import sentry.core.vfs.FileSystem;

/**
 * What a container is made of, with everything of the host already opened.
 *
 * @param hostname initial host name
 * @param args the init process's argv; args[0] is looked up in PATH of {@code env} when it has no slash
 * @param env "NAME=value" strings, raw bytes
 * @param cwd working directory, must exist (EOK) or the start fails
 * @param uid init's user
 * @param gid init's group
 * @param groups supplementary groups
 * @param capabilities init's permitted and effective set and the bound, as a bit mask
 * @param noNewPrivileges whether execve may raise rights
 * @param filter a system call filter for all processes, an array of struct sock_filter; null for none
 * @param rlimits pairs (soft, hard) by RLIMIT_ number, null for the default
 * @param umask initial umask
 * @param root the root filesystem
 * @param rootSource what /proc/mounts shows as its source
 * @param rootReadOnly whether the root mount is read-only
 * @param mounts the other mounts, in order
 * @param stdio donated host descriptors for fds 0, 1, 2 (-1: closed)
 * @param terminal whether stdio is a new pty of the sandbox, with the host side on stdio[0]
 * @param consoleRows its initial size, 0 for the host terminal's
 * @param consoleColumns see {@code consoleRows}
 * @param host facts of the host read before the lock-down
 */
public record KernelConfig(
        String hostname,
        List<String> args,
        List<String> env,
        String cwd,
        int uid,
        int gid,
        int[] groups,
        long capabilities,
        boolean noNewPrivileges,
        byte[] filter,
        long[][] rlimits,
        int umask,
        FileSystem root,
        String rootSource,
        boolean rootReadOnly,
        List<MountSpec> mounts,
        int[] stdio,
        boolean terminal,
        int consoleRows,
        int consoleColumns,
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
