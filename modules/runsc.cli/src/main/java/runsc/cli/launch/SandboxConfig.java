package runsc.cli.launch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.GlobalOptions.SeccompAction;
import runsc.cli.io.WireReader;
import runsc.cli.io.WireWriter;
import runsc.cli.oci.ProcessSpec;
import sentry.core.cgroup.CgroupLimits;

/**
 * All that the Sentry is told, in its one CONFIGURE message. Descriptors come along in this order: standard input,
 * output and error and what else the program gets, as far as {@code stdio} says they are there; the listening control socket; a socket whose other end
 * the gofer holds; the file for the exit code, if {@code hasExitFile}; a 9P connection for the root, and one for each
 * bind mount in order; each followed by a file for what is written, if the tree has an {@link Overlay#FILE}.
 *
 * @param id the container's id
 * @param hostname host name
 * @param domainname NIS domain name, or null
 * @param process the init process
 * @param rootReadOnly whether the root mount is read-only
 * @param rootOverlay where writes to the root are kept, if not in the gofer's tree
 * @param rootShared whether others may change the root while the sandbox runs
 * @param mountsShared whether others may change what bind mounts show
 * @param overlaySize most bytes of content in each overlay, or 0
 * @param mounts in order
 * @param platform name, or null for the best
 * @param debug whether the Sentry logs
 * @param strace whether the program's calls are logged
 * @param straceSyscalls only these; empty for all
 * @param seccomp what the Sentry's own filter does
 * @param filter the program's filter, an array of struct sock_filter as a byte string; null for none
 * @param attached whether the command stays until the end, and is told the exit code
 * @param waitForStart whether to wait for START once all is made
 * @param stdio which descriptors the program gets, from 0 on
 * @param memoryLimit bytes that the programs may use, or 0 for no limit
 * @param limits what control groups inside say
 * @param maskedPaths absolute paths that show nothing
 * @param readOnlyPaths absolute paths that cannot be written to
 * @param hasExitFile whether the exit code is to be written to a file
 */
public record SandboxConfig(
        String id,
        String hostname,
        String domainname,
        ProcessSpec process,
        boolean rootReadOnly,
        Overlay rootOverlay,
        boolean rootShared,
        boolean mountsShared,
        long overlaySize,
        List<Mount> mounts,
        String platform,
        boolean debug,
        boolean strace,
        List<String> straceSyscalls,
        SeccompAction seccomp,
        String filter,
        boolean attached,
        boolean waitForStart,
        boolean[] stdio,
        long memoryLimit,
        CgroupLimits limits,
        List<String> maskedPaths,
        List<String> readOnlyPaths,
        boolean hasExitFile) {
    /** Flag of the Sentry's command: descriptor 4 is an empty file for the memory of programs. */
    public static final String MEMORY_FILE_FLAG = "memory-file";

    /** What holds the content of files that are written to a tree that shall stay as it is. */
    public enum Overlay {
        /** There is none: the tree is written. */
        NONE,
        MEMORY,
        FILE;

        static Overlay decode(WireReader r) throws IOException {
            int code = r.u8();
            if (code > FILE.ordinal()) {
                throw new IOException("malformed message: overlay " + code);
            }
            return values()[code];
        }
    }

    /**
     * @param bind whether it shows a tree that the gofer serves
     * @param overlay of such a tree
     */
    public record Mount(
            String destination, String type, String source, List<String> options, boolean bind, Overlay overlay) {
        int descriptors() {
            return (bind ? 1 : 0) + (overlay == Overlay.FILE ? 1 : 0);
        }
    }

    public int descriptorCount() {
        int count = 2 + (hasExitFile ? 1 : 0) + 1 + (rootOverlay == Overlay.FILE ? 1 : 0);
        for (boolean there : stdio) {
            count += there ? 1 : 0;
        }
        for (Mount m : mounts) {
            count += m.descriptors();
        }
        return count;
    }

    public WireWriter encode() {
        WireWriter w = new WireWriter();
        w.string(id).string(hostname).string(domainname);
        ProcessWire.encode(w, process);
        w.truth(rootReadOnly).u8(rootOverlay.ordinal()).truth(rootShared).truth(mountsShared).u64(overlaySize);
        w.u32(mounts.size());
        for (Mount m : mounts) {
            w.string(m.destination).string(m.type).string(m.source).strings(m.options).truth(m.bind);
            w.u8(m.overlay.ordinal());
        }
        w.string(platform).truth(debug).truth(strace).strings(straceSyscalls).u8(seccomp.ordinal()).string(filter);
        w.truth(attached).truth(waitForStart);
        w.u32(stdio.length);
        for (boolean there : stdio) {
            w.truth(there);
        }
        w.u64(memoryLimit);
        w.u64(limits.memory()).u64(limits.pids()).u64(limits.cpuQuota()).u64(limits.cpuPeriod()).u64(limits.cpuShares());
        return w.strings(maskedPaths).strings(readOnlyPaths).truth(hasExitFile);
    }

    public static SandboxConfig decode(WireReader r) throws IOException {
        String id = r.string();
        String hostname = r.string();
        String domainname = r.string();
        ProcessSpec process = ProcessWire.decode(r);
        boolean readOnly = r.truth();
        Overlay overlay = Overlay.decode(r);
        boolean shared = r.truth();
        boolean mountsShared = r.truth();
        long overlaySize = r.u64();
        int count = r.count(18);
        List<Mount> mounts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            mounts.add(new Mount(r.string(), r.string(), r.string(), r.strings(), r.truth(), Overlay.decode(r)));
        }
        String platform = r.string();
        boolean debug = r.truth();
        boolean strace = r.truth();
        List<String> names = r.strings();
        SeccompAction[] actions = SeccompAction.values();
        int action = r.u8();
        if (action >= actions.length) {
            throw new IOException("malformed message: seccomp action " + action);
        }
        String filter = r.string();
        boolean attached = r.truth();
        boolean wait = r.truth();
        boolean[] stdio = new boolean[r.count(1)];
        for (int i = 0; i < stdio.length; i++) {
            stdio[i] = r.truth();
        }
        long memoryLimit = r.u64();
        CgroupLimits limits = new CgroupLimits(r.u64(), r.u64(), r.u64(), r.u64(), r.u64());
        List<String> masked = r.strings();
        List<String> readOnlyPaths = r.strings();
        boolean exitFile = r.truth();
        r.end();
        return new SandboxConfig(
                id,
                hostname,
                domainname,
                process,
                readOnly,
                overlay,
                shared,
                mountsShared,
                overlaySize,
                mounts,
                platform,
                debug,
                strace,
                names,
                actions[action],
                filter,
                attached,
                wait,
                stdio,
                memoryLimit,
                limits,
                masked,
                readOnlyPaths,
                exitFile);
    }
}
