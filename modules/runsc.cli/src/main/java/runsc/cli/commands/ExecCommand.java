package runsc.cli.commands;

import host.linux.Files;
import host.linux.Processes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.flags.Flag;
import runsc.cli.flags.Flags;
import runsc.cli.launch.Bundle;
import runsc.cli.launch.ConsoleSocket;
import runsc.cli.launch.Exec;
import runsc.cli.launch.Paths;
import runsc.cli.oci.CapabilityNames;
import runsc.cli.oci.ProcessSpec;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc exec ID COMMAND}. */
public final class ExecCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "exec",
                "ID COMMAND [ARG]... | --process FILE ID",
                "Run another program in a running container.",
                """
                Runs COMMAND beside the container's own program and waits for it; the exit code is
                the command's, or 128+n when signal n ended it. User, environment and rights are
                those of the bundle's process unless flags say otherwise; with --process they all
                come from FILE, which holds a process object of config.json.""",
                "runsc exec one ps ax",
                "the container's processes",
                "runsc exec --tty --user 1000:1000 one sh",
                "a shell as another user",
                "runsc exec --detach --pid-file sh.pid --process sh.json one",
                "returns at once; the process in sh.pid ends with the program's exit code");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("process", "FILE", null, "Take all from this file.").or('p'),
            Flag.toggle("tty", "Give the program a terminal.").or('t'),
            DescriptorFlags.CONSOLE_SOCKET,
            Flag.toggle("detach", "Return when the program has begun.").or('d'),
            PidFile.FLAG,
            Flag.value("cwd", "DIR", null, "Working directory."),
            Flag.list("env", "NAME=VALUE", "Add to the environment; may be given several times.").or('e'),
            Flag.value("user", "UID[:GID]", null, "User and group, as numbers.").or('u'),
            Flag.list("additional-gids", "GID", "A further group; may be given several times.").or('g'),
            Flag.list("cap", "NAME", "A further capability; may be given several times.").or('c'),
            Flag.toggle("no-new-privs", "Let execve raise no rights."),
            DescriptorFlags.PRESERVE_FDS,
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        Flags flags = invocation.flags();
        if (invocation.arguments().isEmpty()) {
            throw new RunscException("exec: which container? (see 'runsc help exec')");
        }
        boolean detach = flags.isSet("detach");
        String socket = flags.get("console-socket");
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.arguments().get(0));
            Status status = state.current();
            if (status != Status.RUNNING && status != Status.CREATED) {
                throw new RunscException(
                        "container " + state.id() + " is " + status.text() + ": nothing can be run in it");
            }
            ProcessSpec spec = spec(invocation, state);
            if (socket != null && !spec.terminal()) {
                throw new RunscException("--console-socket is for a program with a terminal (--tty)");
            }
            if (detach && spec.terminal() && socket == null) {
                throw new RunscException("--detach with --tty needs --console-socket: nobody keeps the terminal");
            }
            int console = socket == null ? -1 : ConsoleSocket.open(socket);
            Channel channel = root.connect(state.id());
            if (channel == null) {
                throw new RunscException("the sandbox of " + state.id() + " does not answer");
            }
            try {
                int preserved = DescriptorFlags.preserved(invocation);
                Exec exec = Exec.start(channel, spec, Exec.ours(console, preserved));
                PidFile.write(flags.get("pid-file"), detach ? exec.leave(console) : Processes.pid());
                return detach ? 0 : exec.watch();
            } finally {
                channel.close();
                if (console >= 0) {
                    Files.close(console);
                }
            }
        }
    }

    private static ProcessSpec spec(Invocation invocation, ContainerState state) throws RunscException {
        Flags flags = invocation.flags();
        List<String> args = invocation.arguments().subList(1, invocation.arguments().size());
        if (flags.has("process")) {
            if (!args.isEmpty()) {
                throw new RunscException("exec: --process says what to run, so nothing follows the container");
            }
            return Bundle.process(flags.get("process"));
        }
        if (args.isEmpty()) {
            throw new RunscException("exec: which program? (see 'runsc help exec')");
        }
        ProcessSpec base = state.bundle().isEmpty()
                ? DoCommand.process(invocation, args, "/", false)
                : Bundle.plan(state.id(), state.bundle(), OverlayOption.NONE).spec().process();
        List<String> env = new ArrayList<>(base.env());
        for (String variable : flags.all("env")) {
            String name = variable.substring(0, variable.indexOf('=') + 1);
            if (name.length() < 2) {
                throw new RunscException("--env: NAME=VALUE is expected, not " + variable);
            }
            env.removeIf(v -> v.startsWith(name));
            env.add(variable);
        }
        String cwd = flags.get("cwd");
        if (cwd != null && !cwd.startsWith("/")) {
            throw new RunscException("--cwd must be an absolute path");
        }
        return new ProcessSpec(
                flags.isSet("tty"),
                0,
                0,
                user(flags, base.user()),
                args,
                env,
                cwd != null ? cwd : base.cwd(),
                capabilities(flags.all("cap"), base.capabilities()),
                base.rlimits(),
                base.noNewPrivileges() || flags.isSet("no-new-privs"));
    }

    private static ProcessSpec.User user(Flags flags, ProcessSpec.User base) throws RunscException {
        int uid = base.uid();
        int gid = base.gid();
        int[] groups = base.groups();
        String user = flags.get("user");
        if (user != null) {
            int colon = user.indexOf(':');
            uid = Numbers.parse("--user", colon < 0 ? user : user.substring(0, colon), Integer.MAX_VALUE);
            gid = colon < 0 ? 0 : Numbers.parse("--user", user.substring(colon + 1), Integer.MAX_VALUE);
            groups = new int[0];
        }
        List<String> more = flags.all("additional-gids");
        int[] all = Arrays.copyOf(groups, groups.length + more.size());
        for (int i = 0; i < more.size(); i++) {
            all[groups.length + i] = Numbers.parse("--additional-gids", more.get(i), Integer.MAX_VALUE);
        }
        return new ProcessSpec.User(uid, gid, all, base.umask());
    }

    private static ProcessSpec.Capabilities capabilities(List<String> names, ProcessSpec.Capabilities base)
            throws RunscException {
        long more = 0;
        for (String name : names) {
            int number = CapabilityNames.number(name);
            if (number < 0) {
                throw new RunscException("--cap: there is no capability " + name);
            }
            more |= 1L << number;
        }
        return new ProcessSpec.Capabilities(
                base.bounding() | more,
                base.effective() | more,
                base.inheritable(),
                base.permitted() | more,
                base.ambient());
    }
}
