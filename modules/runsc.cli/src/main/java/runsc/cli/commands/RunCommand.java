package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.launch.Bundle;
import runsc.cli.launch.Launcher;
import runsc.cli.state.ContainerId;

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
                terminal.""",
                "runsc run --bundle /containers/one one",
                "the container in that directory, under the name one");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {Flag.value("bundle", "DIR", ".", "The bundle's directory.").or('b')};
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        String id = ContainerId.check(invocation.onlyArgument("container"));
        boolean overlay = invocation.options().rootInMemory();
        return Launcher.run(invocation, () -> Bundle.plan(id, invocation.flags().get("bundle"), overlay));
    }
}
