package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.launch.Hooks;
import runsc.cli.oci.Hook;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc start ID}. */
public final class StartCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "start",
                "ID",
                "Begin the program of a container that was created.",
                "Begins the program of a container that 'runsc create' made, and returns.",
                "runsc start one",
                "begins the program of the container one");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.onlyArgument("container"));
            if (state.current() != Status.CREATED) {
                throw new RunscException("container " + state.id() + " is "
                        + state.current().text() + ", not created: it cannot be started");
            }
            start(invocation, root, state);
            return 0;
        }
    }

    /** Begins the program of a container that was created. */
    static void start(Invocation invocation, StateRoot root, ContainerState state) throws RunscException {
        Hooks.runInside(root, state);
        Remote.call(root, state, MessageType.START, null);
        ContainerState running = state.with(Status.RUNNING);
        root.update(running);
        Hooks.runAll(invocation, running, Status.RUNNING, Hook.Kind.POSTSTART);
    }
}
