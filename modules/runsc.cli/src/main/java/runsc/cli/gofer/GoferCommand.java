package runsc.cli.gofer;

import gofer.p9.server.Export;
import gofer.p9.server.Gofer;
import host.linux.FileIo;
import host.linux.HostException;
import host.linux.Poll;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.ProcessEnd;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.boot.LateClasses;
import runsc.cli.boot.Lockdown;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.launch.GoferConfig;
import runsc.cli.state.StateRoot;

/**
 * {@code runsc gofer}: serves files to the Sentry. Started by the other commands, with a socket as descriptor 3; not
 * for users.
 *
 * <p>It came with few capabilities and no way to more, in namespaces of its own. Before it serves it cuts itself off from all
 * host calls but those on files, and before the program begins the command takes its root directory away: then it has the
 * exports' descriptors and nothing else.
 */
public final class GoferCommand implements Command {
    private static final int PARENT = 3;

    @Override
    public Help help() {
        return new Help("gofer", "", "Be a gofer (internal).", "Started by the other commands; not for users.");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        Trace.role("gofer");
        Trace.mark("main");
        Channel parent = new Channel(PARENT);
        try {
            LateClasses.prepare();
            Trace.mark("ready for configuration");
            Frame frame = parent.receive(Channel.LARGE);
            if (frame == null) {
                return RunscException.EXIT_CODE; // the command gave up
            }
            if (frame.type() != MessageType.CONFIGURE) {
                throw new IOException("unexpected message " + frame.type());
            }
            serve(GoferConfig.decode(frame.reader()), frame.descriptors(), parent);
            return 0;
        } catch (HostException e) {
            throw new RunscException("the gofer cannot serve: " + e.getMessage());
        } catch (IOException e) {
            throw new RunscException("the gofer: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError(e); // nobody interrupts us
        }
    }

    private static void serve(GoferConfig config, int[] received, Channel parent)
            throws IOException, InterruptedException {
        if (received.length != 2 + 2 * config.exports().size()) {
            throw new IOException("malformed message: " + received.length + " descriptors");
        }
        // received[0] is the lifeline: it closes when we end, and that is all it is for.
        int stateRoot = received[1];
        List<Export> exports = new ArrayList<>();
        for (int i = 0; i < config.exports().size(); i++) {
            exports.add(new Export(received[3 + 2 * i], received[2 + 2 * i], config.exports().get(i)));
        }
        Thread keeper = null;
        if (config.attached()) {
            keeper = Thread.ofPlatform().name("keeper").daemon().start(() -> keep(parent, stateRoot, config));
        }
        Gofer gofer = Gofer.ofProcess(exports);
        Trace.mark("ready");
        Lockdown.enterGofer(config.seccomp());
        Trace.mark("serving");
        gofer.serve();
        if (keeper != null) {
            keeper.join(); // the Sentry is gone, and the command will end us, or end
        }
    }

    /** Waits for the end of the command that runs the container, and tidies up in its place if it was killed. */
    private static void keep(Channel parent, int stateRoot, GoferConfig config) {
        try (Poll poll = new Poll(1)) {
            poll.add(parent.fd(), Poll.IN);
            while (poll.await(-1) <= 0) {
                // interrupted
            }
        }
        try {
            FileIo.lock(stateRoot, FileIo.LOCK_EX);
        } catch (HostException e) {
            System.err.println("the state directory cannot be locked: " + e.getMessage());
        }
        StateRoot.removeOf(stateRoot, config.id(), config.pid());
        ProcessEnd.exit(0);
    }
}
