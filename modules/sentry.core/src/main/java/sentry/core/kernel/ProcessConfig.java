package sentry.core.kernel;

import java.util.List;
import sentry.core.task.Credentials;
import sentry.core.task.UserNamespace;

/**
 * A process that is started from outside: a container's first one, or one that joins it later.
 *
 * @param args argv; args[0] is looked up in PATH of {@code env} when it has no slash
 * @param env "NAME=value" strings, raw bytes
 * @param cwd working directory, must exist or the start fails
 * @param uid user
 * @param gid group
 * @param groups supplementary groups
 * @param capabilities before the rules of execve (capabilities(7)) are applied, as container runtimes have it
 * @param noNewPrivileges whether execve may raise rights
 * @param filter a system call filter for it and its children, an array of struct sock_filter; null for none
 * @param rlimits pairs (soft, hard) by RLIMIT_ number, null for the default
 * @param umask initial umask
 * @param stdio donated host descriptors for 0, 1, 2 and so on (-1: closed)
 * @param terminal whether stdio is a new pty of the sandbox, with the host side on stdio[0] and stdio[1]
 * @param consoleRows its initial size, 0 for the host terminal's
 * @param consoleColumns see {@code consoleRows}
 */
public record ProcessConfig(
        List<String> args,
        List<String> env,
        String cwd,
        int uid,
        int gid,
        int[] groups,
        Capabilities capabilities,
        boolean noNewPrivileges,
        byte[] filter,
        long[][] rlimits,
        int umask,
        int[] stdio,
        boolean terminal,
        int consoleRows,
        int consoleColumns) {

    /** Sets of capabilities: bit n is capability n of linux/capability.h. */
    public record Capabilities(long bounding, long effective, long inheritable, long permitted, long ambient) {}

    /** Who makes the execve. */
    Credentials credentials() {
        Capabilities c = capabilities;
        return new Credentials(
                uid, uid, uid, uid, gid, gid, gid, gid, groups, c.permitted, c.effective, c.inheritable, c.bounding,
                c.ambient, 0, UserNamespace.INITIAL);
    }
}
