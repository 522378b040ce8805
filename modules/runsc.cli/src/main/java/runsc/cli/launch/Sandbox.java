package runsc.cli.launch;

import host.linux.EmptyRoot;
import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Poll;
import host.linux.Processes;
import host.linux.Spawn;
import host.linux.Tmpfs;
import host.linux.UnixSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.GlobalOptions;
import runsc.cli.Invocation;
import runsc.cli.ProcessEnd;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.UserLog;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.io.ByteString;

/**
 * The two processes of a sandbox, as their parent sees them. They are started first of all, because a virtual machine
 * takes longer to come up than a configuration takes to read; what they are to do they are told by {@link #configure}.
 */
final class Sandbox {
    private static final int EINVAL = 22;
    private static final int SIGKILL = 9;
    private static final byte[] NULL = "/dev/null".getBytes(StandardCharsets.US_ASCII);
    private static final long NEW_NS = 0x20000;
    private static final long NEW_UTS = 0x4000000;
    private static final long NEW_IPC = 0x8000000;
    private static final long NEW_USER = 0x10000000;
    private static final long NEW_PID = 0x20000000;
    private static final long NEW_NET = 0x40000000;
    private static final long NAMESPACES = NEW_NS | NEW_UTS | NEW_IPC | NEW_PID | NEW_NET;

    private static final byte[] SLASH = "/".getBytes(StandardCharsets.US_ASCII);

    /** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, MKNOD, SYS_CHROOT: what serving files takes. */
    private static final long GOFER_CAPABILITIES = 1L | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 27 | 1 << 18;

    private final Spawn.Child sentry;
    private final Spawn.Child gofer;
    private final Channel toSentry;
    private final Channel toGofer;
    private final RoleOutput sentryOutput;
    private final RoleOutput goferOutput;
    private final boolean sentryApart;
    private final boolean goferApart;

    private Sandbox(
            Spawn.Child sentry,
            Spawn.Child gofer,
            Channel toSentry,
            Channel toGofer,
            RoleOutput sentryOutput,
            RoleOutput goferOutput,
            boolean sentryApart,
            boolean goferApart) {
        this.sentry = sentry;
        this.gofer = gofer;
        this.toSentry = toSentry;
        this.toGofer = toGofer;
        this.sentryOutput = sentryOutput;
        this.goferOutput = goferOutput;
        this.sentryApart = sentryApart;
        this.goferApart = goferApart;
    }

    /**
     * Starts both.
     *
     * @param attached whether they end with us
     */
    static Sandbox spawn(Invocation invocation, boolean attached) throws RunscException {
        GlobalOptions options = invocation.options();
        int nothing = FileIo.open(Files.AT_FDCWD, NULL, Files.O_RDWR, 0);
        // The Sentry, which has no capabilities, could not make it.
        int memory = (int) Tmpfs.largePageFile();
        Spawn.Child sentry = null;
        try {
            int[] sentryPair = UnixSockets.pair();
            int[] goferPair = UnixSockets.pair();
            RoleOutput sentryOutput = RoleOutput.open(options, "boot");
            RoleOutput goferOutput = RoleOutput.open(options, "gofer");
            Trace.mark("sockets made");
            Role boot = new Role("boot", invocation, nothing, sentryOutput, sentryPair[1], memory);
            Role served = new Role("gofer", invocation, nothing, goferOutput, goferPair[1], -1);
            boolean sentryApart = true;
            try {
                sentry = sentry(boot, attached, NAMESPACES | NEW_USER);
            } catch (HostException e) {
                warn(options, "Sentry", e);
                sentryApart = false;
                sentry = sentry(boot, attached, 0);
            }
            Trace.mark("sentry spawned");
            boolean goferApart = true;
            Spawn.Child gofer;
            try {
                gofer = gofer(served, true);
            } catch (HostException e) {
                warn(options, "gofer", e);
                goferApart = false;
                gofer = gofer(served, false);
            }
            Files.close(sentryPair[1]);
            Files.close(goferPair[1]);
            Trace.mark("spawned");
            return new Sandbox(
                    sentry, gofer, new Channel(sentryPair[0]), new Channel(goferPair[0]), sentryOutput, goferOutput, sentryApart, goferApart);
        } catch (HostException e) {
            if (sentry != null) {
                Processes.signal(sentry.pidfd(), SIGKILL);
                Processes.reap(sentry.pid());
            }
            throw new RunscException("cannot start the sandbox's processes: " + e.getMessage());
        } finally {
            Files.close(nothing);
            if (memory >= 0) {
                Files.close(memory);
            }
        }
    }

    /** A host, or a container that we run in, may not let us have namespaces. The filters hold without them. */
    private static void warn(GlobalOptions options, String who, HostException e) {
        UserLog.warn(options, "the " + who + " shares the host's namespaces, it may not have its own: " + e.getMessage());
    }

    private static Spawn.Child sentry(Role role, boolean attached, long namespaces) throws HostException {
        Spawn s = role.spawn().namespaces(namespaces);
        if (!attached) {
            s.outlivingCaller();
        }
        return (root() ? s.capabilities(0) : s).start();
    }

    /** Root's gofer acts on files of all users, so it stays in the host's user namespace, with few capabilities. */
    private static Spawn.Child gofer(Role role, boolean namespaces) throws HostException {
        Spawn s = role.spawn().outlivingCaller(); // it sees our end of the socket close, and tidies up first
        if (!root()) {
            return s.namespaces(namespaces ? NAMESPACES | NEW_USER : 0).start();
        }
        s.capabilities(GOFER_CAPABILITIES);
        return (namespaces ? s.namespaces(NAMESPACES).ownProc() : s).start();
    }

    private static boolean root() {
        return Processes.effectiveUser() == 0;
    }

    /** How a role's process is started, whatever the namespaces; {@code memory} is a file for it, or -1. */
    private record Role(String name, Invocation invocation, int nothing, RoleOutput output, int channel, int memory) {
        Spawn spawn() {
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
            String[] own = memory < 0 ? new String[0] : new String[] {"--" + SandboxConfig.MEMORY_FILE_FLAG};
            byte[][] arguments = Image.arguments(name, flags, own);
            int[] descriptors = memory < 0
                    ? new int[] {nothing, output.fd(), output.fd(), channel}
                    : new int[] {nothing, output.fd(), output.fd(), channel, memory};
            return Spawn.of(Image.java(), arguments, environment.toArray(new byte[0][]))
                    .descriptors(descriptors)
                    .directory(SLASH)
                    .newSession()
                    .noCoreFile();
        }
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

    /**
     * Waits until both have opened all that they need, and takes their file systems away: then neither has a path to anything.
     */
    void confine() throws RunscException {
        try {
            Frame frame = toSentry.receive(Channel.SMALL);
            if (frame == null) {
                throw new RunscException("the sandbox died: " + sentryEnd());
            }
            if (frame.type() == MessageType.FAILED) {
                throw failed(frame, false);
            }
            if (frame.type() != MessageType.BUILT) {
                throw new RunscException("the sandbox sent an unexpected " + frame.type());
            }
            if (ProcessEnd.training()) {
                rehearseEmptying();
            } else if (ProcessEnd.fromImage()) {
                if (goferApart) {
                    empty(gofer, !root());
                }
                if (sentryApart) {
                    empty(sentry, true);
                }
            }
            toSentry.send(MessageType.CONFINED, null);
        } catch (IOException e) {
            throw new RunscException("the sandbox did not start: " + e.getMessage());
        }
    }

    private static void empty(Spawn.Child child, boolean ownsUser) throws RunscException {
        try {
            EmptyRoot.give(child.pidfd(), ownsUser);
        } catch (HostException e) {
            if (e.errno() != EINVAL) {
                throw new RunscException("cannot confine the sandbox: " + e.getMessage());
            }
            // We run in a root that cannot be replaced, a chroot say. The filters hold without.
        }
    }

    /** Both write down what they learned when they end; so the way to {@link #empty} is gone without arriving. */
    private static void rehearseEmptying() {
        try {
            EmptyRoot.give(-1, false);
        } catch (HostException e) {
            Trace.mark("rehearsed");
        }
    }

    /** What a FAILED frame says. */
    RunscException failed(Frame frame, boolean goferEnded) {
        String text;
        try {
            text = ByteString.toText(String.valueOf(frame.reader().string()));
        } catch (IOException e) {
            text = "the sandbox: " + e.getMessage();
        }
        boolean alone = goferEnded;
        if (!alone) {
            try (Poll poll = new Poll(1)) {
                poll.add(gofer.pidfd(), Poll.IN);
                alone = poll.await(0) > 0;
            }
        }
        return new RunscException(alone ? text + ": " + goferEnd() : text);
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
