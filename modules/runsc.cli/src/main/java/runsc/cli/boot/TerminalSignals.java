package runsc.cli.boot;

import host.linux.FileIo;
import host.linux.HostException;
import host.linux.Poll;
import host.linux.SignalPipe;
import runsc.cli.RunscException;
import runsc.cli.control.SignalTarget;

/** What the host says of a terminal that is ours alone: its size has changed, its other end is closed. */
final class TerminalSignals {
    private static final int SIGHUP = 1;
    private static final int SIGWINCH = 28;

    private TerminalSignals() {}

    /** Tells {@code process} from now on. Before the lock-down. */
    static void forward(GuestProcess process) throws RunscException {
        SignalPipe pipe;
        try {
            pipe = SignalPipe.open(SIGHUP, SIGWINCH);
        } catch (HostException e) {
            throw new RunscException("cannot catch the terminal's signals: " + e.getMessage());
        }
        Thread.ofPlatform().name("terminal").daemon().start(() -> relay(pipe, process));
    }

    private static void relay(SignalPipe pipe, GuestProcess process) {
        try (Poll poll = new Poll(1)) {
            while (true) {
                poll.clear();
                poll.add(pipe.fd(), Poll.IN);
                poll.await(-1);
                byte[] signals = FileIo.readAll(pipe.fd());
                for (int i = 0; signals != null && i < signals.length; i++) {
                    process.signal(signals[i], SignalTarget.FOREGROUND);
                }
            }
        }
    }
}
