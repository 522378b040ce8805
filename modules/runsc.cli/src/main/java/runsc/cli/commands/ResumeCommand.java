package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc resume ID}. */
public final class ResumeCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "resume",
                "ID",
                "Let a paused container go on.",
                """
                Lets the processes of a container go on that 'runsc pause' holds.""",
                "runsc resume one",
                "lets it go on");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.onlyArgument("container"));
            if (state.current() != Status.PAUSED) {
                throw new RunscException("container " + state.id() + " is "
                        + state.current().text() + ", not paused: it cannot be resumed");
            }
            Remote.call(root, state, MessageType.RESUME, null);
            root.update(state.with(Status.RUNNING));
            return 0;
        }
    }
}
