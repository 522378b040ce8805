package runsc.cli.commands;

import host.linux.Files;
import host.linux.Poll;
import host.linux.Processes;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.flags.Flag;
import runsc.cli.io.WireWriter;
import runsc.cli.launch.Hooks;
import runsc.cli.oci.Hook;
import runsc.cli.state.ContainerState;
import runsc.cli.state.HostProcess;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc delete ID}. */
public final class DeleteCommand implements Command {
    private static final int SIGKILL = 9;
    private static final int PATIENCE_MS = 10_000;

    @Override
    public Help help() {
        return new Help(
                "delete",
                "ID",
                "Remove a container.",
                """
                Removes what is kept of a container that has stopped. A running container is an
                error unless --force ends it first; with --force a container that does not
                exist is none.""",
                "runsc delete one",
                "removes the stopped container one",
                "runsc delete --force one",
                "the same, whatever its state");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {Flag.toggle("force", "End the container first if it still runs.").or('f')};
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        boolean force = invocation.flags().isSet("force");
        String id = invocation.onlyArgument("container");
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.find(id);
            if (state == null) {
                boolean leftover = root.remove(id);
                if (!force && !leftover) {
                    throw new RunscException("there is no container " + id);
                }
                return 0;
            }
            if (!force && state.current() != Status.STOPPED && state.current() != Status.CREATED) {
                throw new RunscException(
                        "container " + id + " is " + state.current().text() + ": stop it first, or use --force");
            }
            if (state.current() == Status.RUNNING || state.current() == Status.PAUSED) {
                killContainer(root, state);
            }
            end(state.sentry());
            end(state.gofer());
            root.remove(id);
            Hooks.runAll(invocation, state, Status.STOPPED, Hook.Kind.POSTSTOP);
            return 0;
        }
    }

    /**
     * Ends the container from inside first, so that whoever waits for it learns that SIGKILL ended it. A Sentry that does
     * not answer or does not end is killed afterwards like any other.
     */
    private static void killContainer(StateRoot root, ContainerState state) {
        try {
            Remote.call(
                    root,
                    state,
                    MessageType.SIGNAL,
                    new WireWriter().u32(SIGKILL).u8(SignalTarget.ALL.ordinal()));
        } catch (RunscException e) {
            return;
        }
        int fd = state.sentry().open();
        if (fd < 0) {
            return;
        }
        try (Poll poll = new Poll(1)) {
            poll.add(fd, Poll.IN);
            poll.await(PATIENCE_MS);
        } finally {
            Files.close(fd);
        }
    }

    private static void end(HostProcess process) throws RunscException {
        int fd = process.open();
        if (fd < 0) {
            return;
        }
        try (Poll poll = new Poll(1)) {
            Processes.signal(fd, SIGKILL);
            poll.add(fd, Poll.IN);
            if (poll.await(PATIENCE_MS) == 0) {
                throw new RunscException("process " + process.pid() + " does not end");
            }
        } finally {
            Files.close(fd);
        }
    }
}
