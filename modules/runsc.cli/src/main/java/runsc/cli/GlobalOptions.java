package runsc.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.flags.Flag;
import runsc.cli.flags.Flags;
import runsc.cli.io.ByteString;

/**
 * What stands before the subcommand.
 *
 * @param root directory of the containers' state, a byte string; null when nothing says where
 * @param platform name of the platform, or null for the best that works
 * @param debug whether to log debugging output
 * @param debugLog directory for debugging output of each process, or null for standard error
 * @param log file for our own messages, or null
 * @param jsonLog whether lines in {@code log} are JSON objects
 * @param strace whether to log every system call of the program
 * @param straceSyscalls only these, by name; empty for all
 * @param overlay whether writes are kept from the trees that a bundle shows
 * @param rootShared whether others may change the root while the sandbox runs
 * @param mountsShared whether others may change what bind mounts show
 * @param ignoreCgroups whether to keep quiet about cgroup limits
 * @param seccomp what the Sentry's filter does to a call that is not allowed
 * @param modules absolute path of a directory of Java modules that extend the kernel, or null
 * @param trace whether to print how long each phase of the start took
 */
public record GlobalOptions(
        String root,
        String platform,
        boolean debug,
        String debugLog,
        String log,
        boolean jsonLog,
        boolean strace,
        List<String> straceSyscalls,
        OverlayOption overlay,
        boolean rootShared,
        boolean mountsShared,
        boolean ignoreCgroups,
        SeccompAction seccomp,
        String modules,
        boolean trace) {

    /** What happens to the Sentry when it makes a host call that its filter does not know. */
    public enum SeccompAction {
        KILL,
        LOG,
        OFF
    }

    /** The {@code --platform} that leaves the choice to us. */
    private static final String AUTO = "auto";

    static final Flag[] FLAGS = {
        Flag.value("root", "DIR", null, "Where the state of containers is kept (default /run/runsc, for other users"
                + " than root $XDG_RUNTIME_DIR/runsc)."),
        Flag.value("platform", "NAME", AUTO, "What runs the program: see 'runsc platforms'; auto is the best that"
                + " works here."),
        Flag.toggle("debug", "Log debugging output."),
        Flag.value("debug-log", "DIR/", null, "Write debugging output to files in this directory, one for each"
                + " process."),
        Flag.value("log", "FILE", null, "Append our own errors and warnings to this file."),
        Flag.value("log-format", "text|json", "text", "Format of --log."),
        Flag.toggle("strace", "Log the program's system calls; implies --debug."),
        Flag.value("strace-syscalls", "A,B", null, "Log these system calls only."),
        Flag.value("network", "none", "none", "Network of the sandbox: only none so far, that is a loopback."),
        Flag.toggle("rootless", "Accepted; runsc runs as the user who calls it, without user namespaces so far."),
        Flag.toggle("ignore-cgroups", "Do not warn that cgroup limits are not applied yet."),
        Flag.toggle("systemd-cgroup", "Accepted; cgroups are not managed yet."),
        Flag.value("overlay2", "none|WHAT:WHERE", "none", "Keep writes from the container's files. WHAT is root, or all for bind"
                + " mounts too; WHERE is memory, self for a nameless file beside them, or dir=/PATH for one there;"
                + " ,size=BYTES limits each."),
        Flag.value("file-access", "exclusive|shared", "exclusive", "Whether others may change the root while the container"
                + " runs: exclusive is faster, shared sees their changes."),
        Flag.value("file-access-mounts", "exclusive|shared", "shared", "The same of bind mounts."),
        Flag.value("sentry-seccomp", "kill|log|off", "kill", "For debugging runsc itself: what a host system call"
                + " outside the Sentry's list does."),
        Flag.value("modules", "DIR", null, "Extend the kernel by the Java modules in this directory: system calls,"
                + " filesystem types, platforms. They run inside the Sentry, so trust them."),
        Flag.toggle("version", "Print the version."),
    };

    static GlobalOptions of(Flags flags, List<String> environment, boolean root) throws RunscException {
        String format = flags.get("log-format");
        if (!format.equals("text") && !format.equals("json")) {
            throw new RunscException("--log-format is text or json, not " + format);
        }
        checkNotThereYet(flags);
        String state = flags.get("root");
        if (state == null) {
            String runtime = Environment.get(environment, "XDG_RUNTIME_DIR");
            state = root ? "/run/runsc" : runtime != null ? runtime + "/runsc" : null;
        }
        String platform = flags.get("platform");
        String names = flags.get("strace-syscalls");
        String trace = Environment.get(environment, "RUNSC_TRACE_START");
        boolean strace = flags.isSet("strace") || names != null;
        return new GlobalOptions(
                state,
                platform.equals(AUTO) ? null : platform,
                flags.isSet("debug") || strace,
                flags.get("debug-log"),
                flags.get("log"),
                format.equals("json"),
                strace,
                names == null ? List.of() : split(names),
                OverlayOption.parse(flags.get("overlay2")),
                shared(flags, "file-access"),
                shared(flags, "file-access-mounts"),
                flags.isSet("ignore-cgroups"),
                seccomp(flags.get("sentry-seccomp")),
                absolute(flags.get("modules")),
                trace != null && !trace.isEmpty());
    }

    private static void checkNotThereYet(Flags flags) throws RunscException {
        String network = flags.get("network");
        if (network.equals("host") || network.equals("sandbox")) {
            throw new RunscException("--network=" + network + " is not there yet: only none is");
        }
        if (!network.equals("none")) {
            throw new RunscException("--network is none, host or sandbox, not " + network);
        }
    }

    private static boolean shared(Flags flags, String flag) throws RunscException {
        String access = flags.get(flag);
        if (!access.equals("exclusive") && !access.equals("shared")) {
            throw new RunscException("--" + flag + " is exclusive or shared, not " + access);
        }
        return access.equals("shared");
    }

    /** The roles run in the root directory. */
    private static String absolute(String directory) {
        if (directory == null) {
            return null;
        }
        return ByteString.fromText(
                Path.of(ByteString.toText(directory)).toAbsolutePath().toString());
    }

    private static SeccompAction seccomp(String name) throws RunscException {
        return switch (name) {
            case "kill" -> SeccompAction.KILL;
            case "log" -> SeccompAction.LOG;
            case "off" -> SeccompAction.OFF;
            default -> throw new RunscException("--sentry-seccomp is kill, log or off, not " + name);
        };
    }

    private static List<String> split(String names) {
        List<String> list = new ArrayList<>();
        int from = 0;
        while (from <= names.length()) {
            int comma = names.indexOf(',', from);
            int to = comma < 0 ? names.length() : comma;
            if (to > from) {
                list.add(names.substring(from, to));
            }
            from = to + 1;
        }
        return list;
    }
}
