package runsc.cli.control;

import host.linux.Errnos;
import host.linux.Files;
import host.linux.Poll;
import host.linux.Processes;
import host.linux.UnixSockets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import runsc.cli.io.WireReader;
import runsc.cli.io.WireWriter;

/**
 * The Sentry's side: serves its parent's channel and the connections to the control socket, on a thread of its own.
 * Connections are taken from our own user and root only. A connection that sends nonsense, half a message, or does not
 * read its answers is dropped; it cannot hold up the others for longer than {@link #STALL_MS}.
 */
public final class ControlServer implements Runnable {
    private static final int MAX_CONNECTIONS = 64;
    private static final int STALL_MS = 1000;
    private static final int EINVAL = 22;
    private static final int LAST_SIGNAL = 64;

    /** What the server needs of the container. */
    public interface Target {
        /** Begins the program; returns null, or why not. */
        String start();

        /** Returns 0 or an errno. */
        int signal(int signal, SignalTarget target);

        /** Holds all processes; returns null, or why not. */
        String pause();

        /** Lets them go on. */
        void resume();

        /** The payload of a PROCESSES message. */
        WireWriter processes();

        /** Runs another program, as {@code frame} says, which the target now owns. Answers by itself. */
        Session exec(Channel channel, Frame frame);

        /** The process that started us is gone, or does not need us any more. */
        void parentGone();

        /** The gofer is gone. */
        void goferGone();
    }

    /** A process that was started over a connection. */
    public interface Session {
        /** Returns 0 or an errno. */
        int signal(int signal, SignalTarget target);

        /** The connection is closed. */
        void gone();
    }

    private final Target target;
    private final Channel parent;
    private final int listener;
    private final int lifeline;
    private final List<Channel> connections = new ArrayList<>();
    private final Map<Channel, Session> sessions = new HashMap<>();
    /** Guards {@link #waiting} and {@link #exitCode}. */
    private final Object lock = new Object();

    private final List<Channel> waiting = new ArrayList<>();
    private int exitCode = -1;
    private boolean parentOpen = true;
    private boolean goferOpen = true;

    /**
     * @param parent the channel to the process that started us
     * @param parentWaits whether it is told the exit code
     */
    public ControlServer(Target target, Channel parent, boolean parentWaits, int listener, int lifeline) {
        this.target = target;
        this.parent = parent;
        this.listener = listener;
        this.lifeline = lifeline;
        if (parentWaits) {
            waiting.add(parent);
        }
    }

    /** Serves for ever. */
    @Override
    public void run() {
        try (Poll poll = new Poll(MAX_CONNECTIONS + 3)) {
            while (true) {
                poll.clear();
                poll.add(parentOpen ? parent.fd() : -1, Poll.IN);
                poll.add(goferOpen ? lifeline : -1, Poll.IN);
                poll.add(connections.size() < MAX_CONNECTIONS ? listener : -1, Poll.IN);
                for (Channel c : connections) {
                    poll.add(c.fd(), Poll.IN);
                }
                if (poll.await(-1) <= 0) {
                    continue;
                }
                if (poll.ready(1) != 0) {
                    goferOpen = false;
                    target.goferGone();
                }
                if (poll.ready(0) != 0 && !serve(parent)) {
                    parentOpen = false;
                    forget(parent);
                    target.parentGone();
                }
                int count = connections.size();
                for (int i = count - 1; i >= 0; i--) {
                    if (poll.ready(i + 3) != 0 && !serve(connections.get(i))) {
                        forget(connections.get(i));
                        connections.remove(i).close();
                    }
                }
                if (poll.ready(2) != 0) {
                    accept();
                }
            }
        }
    }

    private void accept() {
        int fd = UnixSockets.accept(listener);
        if (fd < 0) {
            return;
        }
        int user = UnixSockets.peerUser(fd);
        if (user != 0 && user != Processes.effectiveUser() || !UnixSockets.limitStalls(fd, STALL_MS)) {
            Files.close(fd);
            return;
        }
        connections.add(new Channel(fd));
    }

    /** Serves one message; false when the connection is to be closed. */
    private boolean serve(Channel channel) {
        try {
            Frame frame = channel.receive(Channel.LARGE);
            if (frame == null) {
                return false;
            }
            if (frame.type() == MessageType.EXEC && channel != parent && !sessions.containsKey(channel)) {
                sessions.put(channel, target.exec(channel, frame));
                return true;
            }
            for (int fd : frame.descriptors()) {
                Files.close(fd); // nobody is asked for any
            }
            return serve(channel, frame);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean serve(Channel channel, Frame frame) throws IOException {
        switch (frame.type()) {
            case START -> {
                String why = target.start();
                answer(channel, why);
            }
            case SIGNAL -> {
                Session session = sessions.get(channel);
                int errno = signal(frame.reader(), session);
                if (channel != parent && session == null) { // who passes signals on asks for no answer
                    answer(channel, errno == 0 ? null : "cannot send the signal: " + Errnos.name(errno));
                }
            }
            case WAIT -> {
                synchronized (lock) {
                    if (exitCode < 0) {
                        waiting.add(channel);
                    } else {
                        channel.send(MessageType.EXITED, new WireWriter().u32(exitCode));
                    }
                }
            }
            case PAUSE -> answer(channel, target.pause());
            case RESUME -> {
                target.resume();
                answer(channel, null);
            }
            case LIST -> channel.send(MessageType.PROCESSES, target.processes());
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void answer(Channel channel, String why) throws IOException {
        if (why == null) {
            channel.send(MessageType.OK, null);
        } else {
            channel.send(MessageType.FAILED, new WireWriter().string(why));
        }
    }

    private int signal(WireReader reader, Session session) throws IOException {
        int signal = reader.u32();
        int who = reader.u8();
        reader.end();
        SignalTarget[] targets = SignalTarget.values();
        if (signal < 0 || signal > LAST_SIGNAL || who >= targets.length) {
            return EINVAL;
        }
        if (signal == 0) {
            return 0; // only asks whether there is somebody
        }
        return session == null ? target.signal(signal, targets[who]) : session.signal(signal, targets[who]);
    }

    private void forget(Channel channel) {
        Session session = sessions.remove(channel);
        if (session != null) {
            session.gone();
        }
        synchronized (lock) {
            waiting.remove(channel);
        }
    }

    /** Tells everybody who waits. Called once, from another thread. */
    public void exited(int code) {
        synchronized (lock) {
            exitCode = code;
            for (Channel c : waiting) {
                try {
                    c.send(MessageType.EXITED, new WireWriter().u32(code));
                } catch (IOException e) {
                    // whoever it was does not wait any more
                }
            }
            waiting.clear();
        }
    }
}
