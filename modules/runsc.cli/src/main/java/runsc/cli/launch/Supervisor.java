package runsc.cli.launch;

import host.linux.Poll;
import java.io.IOException;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;

/** Stays with a running sandbox: passes signals on, and finds out how it ended. */
final class Supervisor {
    private static final int EINTR = 4;
    /** How long a Sentry whose gofer died may take to say so. */
    private static final int LAST_WORDS_MS = 500;

    /** Is told when the program begins. */
    interface Started {
        void started() throws RunscException;
    }

    private final Sandbox sandbox;
    private final boolean terminal;

    Supervisor(Sandbox sandbox, boolean terminal) {
        this.sandbox = sandbox;
        this.terminal = terminal;
    }

    /** Waits for the end of the program. Returns its exit code. */
    int watch(Started started) throws RunscException {
        Channel channel = sandbox.toSentry();
        ForwardedSignals signals = ForwardedSignals.to(channel, terminal);
        boolean goferEnded = false;
        try (Poll poll = new Poll(4)) {
            while (true) {
                poll.clear();
                int message = poll.add(channel.fd(), Poll.IN);
                int signal = poll.add(signals.fd(), Poll.IN);
                int gofer = goferEnded ? -1 : poll.add(sandbox.gofer().pidfd(), Poll.IN);
                int ready = poll.await(goferEnded ? LAST_WORDS_MS : -1);
                if (ready == -EINTR) {
                    continue;
                }
                if (ready < 0) {
                    throw new RunscException("cannot wait for the sandbox: poll " + ready);
                }
                if (ready == 0) {
                    throw new RunscException("the gofer died: " + sandbox.goferEnd());
                }
                if (poll.ready(signal) != 0) {
                    signals.forward();
                }
                if (poll.ready(message) != 0) {
                    Frame frame = receive(channel);
                    if (frame == null) {
                        throw new RunscException("the sandbox died: " + sandbox.sentryEnd());
                    }
                    switch (frame.type()) {
                        case CREATED -> {
                            Trace.mark("sentry: created");
                            started.started();
                        }
                        case OK -> {} // it has started
                        case EXITED -> {
                            Trace.mark("exited");
                            return code(frame);
                        }
                        case FAILED -> throw sandbox.failed(frame, goferEnded);
                        default -> throw new RunscException("the sandbox sent an unexpected " + frame.type());
                    }
                } else if (gofer >= 0 && poll.ready(gofer) != 0) {
                    goferEnded = true; // the Sentry sees it too, and may still have the program's exit code for us
                }
            }
        }
    }

    private static Frame receive(Channel channel) throws RunscException {
        try {
            return channel.receive(Channel.SMALL);
        } catch (IOException e) {
            throw new RunscException("the sandbox: " + e.getMessage());
        }
    }

    private static int code(Frame frame) throws RunscException {
        try {
            return frame.reader().u32() & 0xff;
        } catch (IOException e) {
            throw new RunscException("the sandbox: " + e.getMessage());
        }
    }
}
