package runsc.cli.oci;

import java.util.List;

/**
 * A process to start in a container.
 *
 * @param terminal whether standard input and output are a terminal
 * @param consoleHeight rows of the terminal, 0 when not given
 * @param consoleWidth columns of the terminal, 0 when not given
 * @param args argv
 * @param env "NAME=value"
 * @param cwd absolute working directory
 * @param noNewPrivileges whether execve may raise rights
 */
public record ProcessSpec(
        boolean terminal,
        int consoleHeight,
        int consoleWidth,
        User user,
        List<String> args,
        List<String> env,
        String cwd,
        Capabilities capabilities,
        List<Rlimit> rlimits,
        boolean noNewPrivileges) {

    /** @param umask initial umask, -1 when not given */
    public record User(int uid, int gid, int[] groups, int umask) {}

    /** Sets of capabilities; bit n is capability n of linux/capability.h. */
    public record Capabilities(long bounding, long effective, long inheritable, long permitted, long ambient) {
        public static final Capabilities NONE = new Capabilities(0, 0, 0, 0, 0);
    }

    /** @param resource RLIMIT_ number of asm-generic/resource.h; limits are unsigned, -1 is RLIM_INFINITY */
    public record Rlimit(int resource, long soft, long hard) {}
}
