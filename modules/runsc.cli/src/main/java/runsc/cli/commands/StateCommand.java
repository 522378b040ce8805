package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.io.Output;
import runsc.cli.state.StateRoot;

/** {@code runsc state ID}. */
public final class StateCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "state",
                "ID",
                "Print a container's state as JSON.",
                """
                Prints the state that the OCI runtime specification describes (ociVersion, id,
                status, pid, bundle, annotations), and rootfs, created and owner besides.""",
                "runsc state one",
                "the state of the container one");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            Output.print(root.get(invocation.onlyArgument("container")).oci());
            return 0;
        }
    }
}
