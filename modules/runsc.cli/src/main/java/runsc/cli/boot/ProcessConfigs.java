package runsc.cli.boot;

import runsc.cli.io.ByteString;
import runsc.cli.oci.ProcessSpec;
import sentry.core.kernel.ProcessConfig;

/** What the specification says of a process, in the kernel's terms. */
final class ProcessConfigs {
    private static final int RLIMITS = 16;
    private static final int DEFAULT_UMASK = 022;

    private final byte[] filter;

    /** @param filter of all processes of the container, an array of struct sock_filter as a byte string; null for none */
    ProcessConfigs(String filter) {
        this.filter = filter == null ? null : ByteString.bytes(filter);
    }

    /** @param stdio the host's descriptors for 0 to 2, or -1 */
    ProcessConfig of(ProcessSpec p, int[] stdio) {
        long[][] limits = new long[RLIMITS][];
        for (ProcessSpec.Rlimit limit : p.rlimits()) {
            limits[limit.resource()] = new long[] {limit.soft(), limit.hard()};
        }
        ProcessSpec.Capabilities c = p.capabilities();
        return new ProcessConfig(
                p.args(),
                p.env(),
                p.cwd(),
                p.user().uid(),
                p.user().gid(),
                p.user().groups(),
                new ProcessConfig.Capabilities(
                        c.bounding(), c.effective(), c.inheritable(), c.permitted(), c.ambient()),
                p.noNewPrivileges(),
                filter,
                limits,
                p.user().umask() < 0 ? DEFAULT_UMASK : p.user().umask(),
                stdio,
                p.terminal(),
                p.consoleHeight(),
                p.consoleWidth());
    }
}
