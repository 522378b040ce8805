package runsc.cli.launch;

import host.linux.HostException;
import host.linux.Poll;
import host.linux.Standin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.io.ByteString;
import runsc.cli.io.WireWriter;
import runsc.cli.oci.ProcessSpec;

/** Another process in a running container, as the command that asked for it sees it. */
public final class Exec {
    private static final int EINTR = 4;

    private final Channel channel;
    private final boolean terminal;

    private Exec(Channel channel, boolean terminal) {
        this.channel = channel;
        this.terminal = terminal;
    }

    /**
     * Our standard input, output and error, and so many descriptors behind them; -1 where there is none.
     *
     * @param console a terminal to take for the first three, or -1
     */
    public static int[] ours(int console, int preserved) throws RunscException {
        int[] descriptors = new int[3 + preserved];
        for (int fd = 0; fd < descriptors.length; fd++) {
            descriptors[fd] = fd < 3 && console >= 0 ? console : Stdio.given(fd) ? fd : -1;
            if (fd >= 3 && descriptors[fd] < 0) {
                throw new RunscException("--preserve-fds: there is no descriptor " + fd);
            }
        }
        return descriptors;
    }

    /**
     * Starts it.
     *
     * @param channel a connection to the Sentry that is used for nothing else
     * @param stdio what it gets as its descriptors 0, 1 and so on; -1 for none
     */
    public static Exec start(Channel channel, ProcessSpec spec, int[] stdio) throws RunscException {
        List<Integer> descriptors = new ArrayList<>();
        WireWriter message = new WireWriter();
        ProcessWire.encode(message, spec);
        message.u32(stdio.length);
        for (int fd : stdio) {
            message.truth(fd >= 0);
            if (fd >= 0) {
                descriptors.add(fd);
            }
        }
        int[] array = new int[descriptors.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = descriptors.get(i);
        }
        try {
            channel.send(MessageType.EXEC, message, array);
            Frame answer = channel.receive(Channel.SMALL);
            if (answer == null) {
                throw new RunscException("the sandbox ended before the program began");
            }
            if (answer.type() != MessageType.STARTED) {
                throw new RunscException(ByteString.toText(String.valueOf(answer.reader().string())));
            }
        } catch (IOException e) {
            throw new RunscException("the sandbox: " + e.getMessage());
        }
        return new Exec(channel, spec.terminal());
    }

    /** Stays with it until its end. Returns the exit code. */
    public int watch() throws RunscException {
        try (RawTerminal unused = terminal ? RawTerminal.enter(0) : null;
                Poll poll = new Poll(2)) {
            ForwardedSignals signals = ForwardedSignals.to(channel, terminal);
            while (true) {
                poll.clear();
                int message = poll.add(channel.fd(), Poll.IN);
                int signal = poll.add(signals.fd(), Poll.IN);
                int ready = poll.await(-1);
                if (ready < 0 && ready != -EINTR) {
                    throw new RunscException("cannot wait for the sandbox: poll " + ready);
                }
                if (ready > 0 && poll.ready(signal) != 0) {
                    signals.forward();
                }
                if (ready > 0 && poll.ready(message) != 0) {
                    Frame frame = channel.receive(Channel.SMALL);
                    if (frame == null) {
                        throw new RunscException("the sandbox died");
                    }
                    if (frame.type() == MessageType.EXITED) {
                        return frame.reader().u32() & 0xff;
                    }
                }
            }
        } catch (IOException e) {
            throw new RunscException("the sandbox: " + e.getMessage());
        }
    }

    /** Leaves it with a process of the host that stands for it and ends with its exit code. Returns that one's pid. */
    public int leave(int console) throws RunscException {
        byte[] signal = Channel.frame(
                MessageType.SIGNAL,
                ForwardedSignals.message(0, terminal ? SignalTarget.FOREGROUND : SignalTarget.INIT));
        int exited = Channel.frame(MessageType.EXITED, new WireWriter().u32(0)).length;
        try {
            Standin.Protocol protocol = new Standin.Protocol(signal, Channel.HEADER, exited, Channel.HEADER);
            return Standin.start(channel.fd(), console, protocol);
        } catch (HostException e) {
            throw new RunscException("cannot make a process that stands for the program: " + e.getMessage());
        }
    }
}
