package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;
import runsc.cli.io.WireWriter;
import runsc.cli.launch.SignalNames;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc kill ID [SIGNAL]}. */
public final class KillCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "kill",
                "ID [SIGNAL]",
                "Send a signal to a container.",
                """
                Sends SIGNAL (a number, or a name with or without SIG; SIGTERM when none is given)
                to the container's first process, or with --all to each of its processes.""",
                "runsc kill one KILL",
                "ends the container one",
                "runsc kill --all one 15",
                "asks all its processes to end");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {Flag.toggle("all", "Send it to every process of the container.").or('a')};
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        if (invocation.arguments().isEmpty() || invocation.arguments().size() > 2) {
            throw new RunscException("kill takes a container and a signal (see 'runsc help kill')");
        }
        String text = invocation.arguments().size() > 1 ? invocation.arguments().get(1) : "TERM";
        int signal = SignalNames.number(text);
        if (signal < 0) {
            throw new RunscException("there is no signal " + ByteString.toText(text));
        }
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.arguments().get(0));
            if (state.current() == Status.STOPPED) {
                throw new RunscException("container " + state.id() + " is not running");
            }
            SignalTarget target = invocation.flags().isSet("all") ? SignalTarget.ALL : SignalTarget.INIT;
            Remote.call(root, state, MessageType.SIGNAL, new WireWriter().u32(signal).u8(target.ordinal()));
            return 0;
        }
    }
}
