package runsc.cli.commands;

import host.linux.Processes;
import java.util.List;
import java.util.Map;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.Version;
import runsc.cli.flags.Flag;
import runsc.cli.launch.HostName;
import runsc.cli.launch.Launcher;
import runsc.cli.launch.Paths;
import runsc.cli.launch.Plan;
import runsc.cli.oci.CapabilityNames;
import runsc.cli.oci.LinuxSpec;
import runsc.cli.oci.ProcessSpec;
import runsc.cli.oci.Spec;

/** {@code runsc do CMD}: a program of this machine, in a sandbox, with no set-up at all. */
public final class DoCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "do",
                "CMD [ARG...]",
                "Run a program of this machine in a sandbox.",
                """
                Runs CMD in a new sandbox that shows this machine's files. Nothing on the machine
                changes: what the program writes is kept in memory and is gone with it.
                Working directory, environment, standard input and output, user and exit code are
                those of a direct call.""",
                "runsc do uname -a",
                "the sandbox's kernel introduces itself",
                "runsc do sh -c 'cd /tmp && touch a && ls'",
                "writes go nowhere",
                "runsc do --cwd / --root /srv/debian bash",
                "a shell over another root filesystem");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("root", "DIR", "/", "The root filesystem to show."),
            Flag.value("cwd", "DIR", null, "Working directory (default: the current one; / with another root)."),
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        if (invocation.arguments().isEmpty()) {
            throw new RunscException("do: which program? (see 'runsc help do')");
        }
        return Launcher.run(invocation, () -> plan(invocation));
    }

    private static Plan plan(Invocation invocation) throws RunscException {
        String here = Paths.workingDirectory();
        String root = Paths.resolve(here, invocation.flags().get("root"));
        String cwd = invocation.flags().get("cwd");
        if (cwd == null) {
            cwd = root.equals("/") ? here : "/";
        } else {
            cwd = Paths.resolve(here, cwd);
        }
        // Else what is piped elsewhere would get the line ends of a terminal.
        boolean terminal = Terminal.isTerminal(0) && Terminal.isTerminal(1) && Terminal.isTerminal(2);
        ProcessSpec process = process(invocation, invocation.arguments(), cwd, terminal);
        List<Spec.MountSpec> mounts = List.of(
                new Spec.MountSpec("/proc", "proc", "proc", List.of()),
                new Spec.MountSpec("/dev", "tmpfs", "tmpfs", List.of("nosuid", "mode=755")),
                new Spec.MountSpec("/dev/pts", "devpts", "devpts", List.of("nosuid", "noexec", "ptmxmode=0666")),
                new Spec.MountSpec("/dev/shm", "tmpfs", "shm", List.of("nosuid", "nodev", "mode=1777")),
                new Spec.MountSpec("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro")),
                new Spec.MountSpec(
                        "/sys/fs/cgroup", "cgroup2", "cgroup", List.of("nosuid", "noexec", "nodev")));
        Spec spec = new Spec(
                Version.OCI,
                process,
                new Spec.Root(root, false),
                HostName.get(),
                null,
                mounts,
                LinuxSpec.NONE,
                Map.of(),
                List.of());
        OverlayOption asked = invocation.options().overlay();
        OverlayOption overlay = asked.isNone() ? OverlayOption.ROOT_MEMORY : asked;
        return new Plan("do-" + Processes.pid(), "", root, overlay, spec);
    }

    /** A process with our own user, rights and environment. */
    static ProcessSpec process(Invocation invocation, List<String> args, String cwd, boolean terminal) {
        int user = Processes.effectiveUser();
        long all = user == 0 ? CapabilityNames.ALL : 0;
        return new ProcessSpec(
                terminal,
                0,
                0,
                new ProcessSpec.User(user, Processes.effectiveGroup(), Processes.groups(), Processes.umask()),
                args,
                invocation.environment(),
                cwd,
                new ProcessSpec.Capabilities(all, all, 0, all, 0),
                List.of(),
                false);
    }
}
