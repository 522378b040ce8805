package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.launch.Bundle;
import runsc.cli.launch.Launcher;
import runsc.cli.state.ContainerId;

/** {@code runsc create ID}. */
public final class CreateCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "create",
                "ID",
                "Make a container from a bundle, without starting it.",
                """
                Makes a sandbox with all that the bundle's program needs, and returns. 'runsc
                start' begins the program, which has the standard input and output of create.
                'runsc delete' removes the container in the end.""",
                "runsc create --bundle /containers/one --pid-file one.pid one",
                "one.pid holds the process that lives as long as the container");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("bundle", "DIR", ".", "The bundle's directory.").or('b'),
            PidFile.FLAG,
            DescriptorFlags.CONSOLE_SOCKET,
            DescriptorFlags.PRESERVE_FDS,
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        String id = ContainerId.check(invocation.onlyArgument("container"));
        OverlayOption overlay = invocation.options().overlay();
        int pid = Launcher.create(
                invocation, DescriptorFlags.of(invocation), () -> Bundle.plan(id, invocation.flags().get("bundle"), overlay));
        PidFile.write(invocation.flags().get("pid-file"), pid);
        return 0;
    }
}
