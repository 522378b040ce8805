package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc pause ID}. */
public final class PauseCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "pause",
                "ID",
                "Hold all processes of a container.",
                """
                Holds all processes of the container where they are, until 'runsc resume'. Time
                goes on meanwhile. A paused container can be killed.""",
                "runsc pause one",
                "holds the container one");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.onlyArgument("container"));
            if (state.current() != Status.RUNNING) {
                throw new RunscException("container " + state.id() + " is "
                        + state.current().text() + ", not running: it cannot be paused");
            }
            Remote.call(root, state, MessageType.PAUSE, null);
            root.update(state.with(Status.PAUSED));
            return 0;
        }
    }
}
