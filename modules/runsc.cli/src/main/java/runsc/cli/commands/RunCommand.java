package runsc.cli.commands;

import host.linux.Processes;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.launch.Bundle;
import runsc.cli.launch.Launcher;
import runsc.cli.launch.Plan;
import runsc.cli.state.ContainerId;
import runsc.cli.state.StateRoot;

/** {@code runsc run ID}. */
public final class RunCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "run",
                "ID",
                "Make a container from a bundle, run it and remove it.",
                """
                Reads config.json in the bundle, runs the program in a new sandbox and waits for
                it. Signals that runsc gets are passed on to it. The exit code is the program's,
                or 128+n when signal n ended it. With "terminal": true the program gets our
                terminal. With --detach returns when the program has begun; the container is
                then like one of 'runsc create' and 'runsc start'.""",
                "runsc run --bundle /containers/one one",
                "the container in that directory, under the name one");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("bundle", "DIR", ".", "The bundle's directory.").or('b'),
            Flag.toggle("detach", "Return when the program has begun.").or('d'),
            PidFile.FLAG,
            DescriptorFlags.CONSOLE_SOCKET,
            DescriptorFlags.PRESERVE_FDS,
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        String id = ContainerId.check(invocation.onlyArgument("container"));
        OverlayOption overlay = invocation.options().overlay();
        Plan.Source source = () -> Bundle.plan(id, invocation.flags().get("bundle"), overlay);
        Launcher.Descriptors descriptors = DescriptorFlags.of(invocation);
        if (!invocation.flags().isSet("detach")) {
            if (descriptors.consoleSocket() != null) {
                throw new RunscException("--console-socket is for a container that is left alone (--detach)");
            }
            PidFile.write(invocation.flags().get("pid-file"), Processes.pid());
            return Launcher.run(invocation, descriptors, source);
        }
        int pid = Launcher.create(invocation, descriptors, source);
        PidFile.write(invocation.flags().get("pid-file"), pid);
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            StartCommand.start(invocation, root, root.get(id));
        }
        return 0;
    }
}
