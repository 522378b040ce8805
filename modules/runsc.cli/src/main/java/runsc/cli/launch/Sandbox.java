package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Poll;
import host.linux.Processes;
import host.linux.Spawn;
import host.linux.UnixSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.GlobalOptions;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.control.Channel;
import runsc.cli.control.MessageType;

/**
 * The two processes of a sandbox, as their parent sees them. They are started first of all, because a virtual machine
 * takes longer to come up than a configuration takes to read; what they are to do they are told by {@link #configure}.
 */
final class Sandbox {
    private static final int SIGKILL = 9;
    private static final byte[] NULL = "/dev/null".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SLASH = "/".getBytes(StandardCharsets.US_ASCII);

    /** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, MKNOD, SYS_CHROOT: what serving files takes. */
    private static final long GOFER_CAPABILITIES = 1L | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 27 | 1 << 18;

    private final Spawn.Child sentry;
    private final Spawn.Child gofer;
    private final Channel toSentry;
    private final Channel toGofer;
    private final RoleOutput sentryOutput;
    private final RoleOutput goferOutput;

    private Sandbox(
            Spawn.Child sentry,
            Spawn.Child gofer,
            Channel toSentry,
            Channel toGofer,
            RoleOutput sentryOutput,
            RoleOutput goferOutput) {
        this.sentry = sentry;
        this.gofer = gofer;
        this.toSentry = toSentry;
        this.toGofer = toGofer;
        this.sentryOutput = sentryOutput;
        this.goferOutput = goferOutput;
    }

    /**
     * Starts both.
     *
     * @param attached whether they end with us
     */
    static Sandbox spawn(Invocation invocation, boolean attached) throws RunscException {
        GlobalOptions options = invocation.options();
        int nothing = FileIo.open(Files.AT_FDCWD, NULL, Files.O_RDWR, 0);
        Spawn.Child sentry = null;
        try {
            int[] sentryPair = UnixSockets.pair();
            int[] goferPair = UnixSockets.pair();
            RoleOutput sentryOutput = RoleOutput.open(options, "boot");
            RoleOutput goferOutput = RoleOutput.open(options, "gofer");
            Trace.mark("sockets made");
            Spawn s = role("boot", invocation, nothing, sentryOutput, sentryPair[1]);
            if (!attached) {
                s.outlivingCaller();
            }
            sentry = root(s, 0).start();
            Trace.mark("sentry spawned");
            Spawn.Child gofer = root(role("gofer", invocation, nothing, goferOutput, goferPair[1]), GOFER_CAPABILITIES)
                    .outlivingCaller() // it sees our end of the socket close, and tidies up first
                    .start();
            Files.close(sentryPair[1]);
            Files.close(goferPair[1]);
            Trace.mark("spawned");
            return new Sandbox(
                    sentry, gofer, new Channel(sentryPair[0]), new Channel(goferPair[0]), sentryOutput, goferOutput);
        } catch (HostException e) {
            if (sentry != null) {
                Processes.signal(sentry.pidfd(), SIGKILL);
                Processes.reap(sentry.pid());
            }
            throw new RunscException("cannot start the sandbox's processes: " + e.getMessage());
        } finally {
            Files.close(nothing);
        }
    }

    private static Spawn role(String role, Invocation invocation, int nothing, RoleOutput output, int channel) {
        List<byte[]> environment = new ArrayList<>();
        String platform = invocation.options().platform();
        List<String> flags = new ArrayList<>();
        if (platform != null) {
            flags.add("--platform=" + platform);
        }
        if (invocation.options().modules() != null) {
            flags.add("--modules=" + invocation.options().modules());
        }
        for (String variable : invocation.environment()) {
            if (variable.startsWith("RUNSC_TRACE_START=")) {
                environment.add(variable.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        // A place for namespaces: Spawn.namespaces makes the role in new ones. For the Sentry in a user namespace that
        // needs its id maps written before the CONFIGURE message, for which it waits anyway.
        byte[][] arguments = Image.arguments(role, flags.toArray(new String[0]));
        return Spawn.of(Image.java(), arguments, environment.toArray(new byte[0][]))
                .descriptors(nothing, output.fd(), output.fd(), channel)
                .directory(SLASH)
                .newSession()
                .noCoreFile();
    }

    /** Only root has capabilities to give up. */
    private static Spawn root(Spawn spawn, long capabilities) {
        return Processes.effectiveUser() == 0 ? spawn.capabilities(capabilities) : spawn;
    }

    Spawn.Child sentry() {
        return sentry;
    }

    Spawn.Child gofer() {
        return gofer;
    }

    Channel toSentry() {
        return toSentry;
    }

    void configure(SandboxConfig config, int[] descriptors) throws RunscException {
        try {
            toSentry.send(MessageType.CONFIGURE, config.encode(), descriptors);
        } catch (IOException e) {
            throw new RunscException("the sandbox did not start: " + sentryEnd());
        }
    }

    void configure(GoferConfig config, int[] descriptors) throws RunscException {
        try {
            toGofer.send(MessageType.CONFIGURE, config.encode(), descriptors);
        } catch (IOException e) {
            throw new RunscException("the gofer did not start: " + goferEnd());
        }
    }

    /** Says how the Sentry ended, when it should not have; waits for it. */
    String sentryEnd() {
        return describe(Processes.reap(sentry.pid()), sentryOutput);
    }

    /** Says how the gofer ended, when it should not have; waits for it. */
    String goferEnd() {
        return describe(Processes.reap(gofer.pid()), goferOutput);
    }

    private static String describe(int status, RoleOutput output) {
        String how = status == -1
                ? "it is gone"
                : Processes.signaled(status)
                        ? "it was killed by " + SignalNames.name(Processes.signal(status))
                        : "it ended with code " + Processes.exitCode(status);
        String said = output.lastWords();
        return said.isEmpty() ? how : how + ": " + said;
    }

    /** Lets the Sentry end by itself for so long, then ends what is left. Afterwards neither exists. */
    void end(int patienceMilliseconds) {
        Processes.signal(gofer.pidfd(), SIGKILL);
        if (patienceMilliseconds > 0) {
            try (Poll poll = new Poll(1)) {
                poll.add(sentry.pidfd(), Poll.IN);
                poll.await(patienceMilliseconds);
            }
        }
        Processes.signal(sentry.pidfd(), SIGKILL);
        Processes.reap(sentry.pid());
        Processes.reap(gofer.pid());
        toSentry.close();
        toGofer.close();
    }

    /** As {@link #end}, for training: both are let go to their own, orderly ends. */
    void endOrderly() {
        Processes.reap(sentry.pid());
        toGofer.close();
        Processes.reap(gofer.pid());
    }
}
