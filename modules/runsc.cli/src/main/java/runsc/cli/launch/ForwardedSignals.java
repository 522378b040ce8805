package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.HostException;
import host.linux.SignalPipe;
import java.io.IOException;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.io.WireWriter;

/** Signals to the command that are meant for the program. */
final class ForwardedSignals {
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGUSR1 = 10;
    private static final int SIGUSR2 = 12;
    private static final int SIGALRM = 14;
    private static final int SIGTERM = 15;
    private static final int SIGWINCH = 28;
    private static final int[] FORWARDED = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGWINCH};

    private final SignalPipe pipe;
    private final Channel channel;
    private final boolean terminal;

    private ForwardedSignals(SignalPipe pipe, Channel channel, boolean terminal) {
        this.pipe = pipe;
        this.channel = channel;
        this.terminal = terminal;
    }

    /**
     * Catches them from now on.
     *
     * @param channel where to the Sentry they go
     * @param terminal whether the program has our terminal: then what its keyboard sends is for its foreground
     */
    static ForwardedSignals to(Channel channel, boolean terminal) throws RunscException {
        try {
            return new ForwardedSignals(SignalPipe.open(FORWARDED), channel, terminal);
        } catch (HostException e) {
            throw new RunscException("cannot catch signals: " + e.getMessage());
        }
    }

    /** Readable when there is something to forward. */
    int fd() {
        return pipe.fd();
    }

    void forward() {
        byte[] pending = FileIo.readAll(pipe.fd());
        if (pending == null) {
            return;
        }
        for (byte signal : pending) {
            boolean keyboard = signal == SIGINT || signal == SIGQUIT || signal == SIGWINCH;
            SignalTarget target = keyboard && terminal ? SignalTarget.FOREGROUND : SignalTarget.INIT;
            try {
                channel.send(MessageType.SIGNAL, message(signal, target));
            } catch (IOException e) {
                return; // it is ending; who waits for that sees it too
            }
        }
    }

    /** The payload of a SIGNAL message. */
    static WireWriter message(int signal, SignalTarget target) {
        return new WireWriter().u32(signal).u8(target.ordinal());
    }
}
