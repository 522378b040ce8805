package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Processes;
import host.linux.UnixSockets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.Invocation;
import runsc.cli.Messages;
import runsc.cli.OverlayOption;
import runsc.cli.ProcessEnd;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.UserLog;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.io.ByteString;
import runsc.cli.oci.Hook;
import runsc.cli.oci.Spec;
import runsc.cli.oci.Unsupported;
import runsc.cli.state.ContainerState;
import runsc.cli.state.HostProcess;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;
import runsc.cli.state.Timestamp;

/** Makes a sandbox with one container in it, and for {@code run} and {@code do} stays with it. */
public final class Launcher {
    /** How long a Sentry whose program has ended may take to end itself. */
    private static final int PATIENCE_MS = 2000;

    /**
     * What descriptors a program gets.
     *
     * @param consoleSocket where its terminal goes, or null: then it gets our standard input, output and error
     * @param preserved how many of ours from 3 on it gets besides
     */
    public record Descriptors(String consoleSocket, int preserved) {
        static final Descriptors OURS = new Descriptors(null, 0);
    }

    private final Invocation invocation;
    private final boolean attached;
    private final Sandbox sandbox;
    private final List<Integer> opened = new ArrayList<>();
    private StateRoot root;
    private ContainerState state;
    private Descriptors wishes = Descriptors.OURS;

    private Launcher(Invocation invocation, boolean attached) throws RunscException {
        this.invocation = invocation;
        this.attached = attached;
        this.sandbox = Sandbox.spawn(invocation, attached);
    }

    /** Makes a container, runs it to its end and removes it. Returns the exit code. */
    public static int run(Invocation invocation, Plan.Source source) throws RunscException {
        return run(invocation, Descriptors.OURS, source);
    }

    /** The same, with other descriptors for the program. */
    public static int run(Invocation invocation, Descriptors wishes, Plan.Source source) throws RunscException {
        Launcher launcher = new Launcher(invocation, true);
        launcher.wishes = wishes;
        int patience = 0;
        try {
            Plan plan = launcher.make(source);
            boolean terminal = plan.spec().process().terminal();
            try (RawTerminal unused = terminal ? RawTerminal.enter(0) : null) {
                int code = new Supervisor(launcher.sandbox, terminal).watch(launcher::started);
                patience = PATIENCE_MS;
                return code;
            }
        } finally {
            launcher.end(patience);
        }
    }

    /**
     * Makes a container and leaves it waiting for {@code start}. Returns the pid that stands for it.
     *
     * @param wishes what its descriptors are
     */
    public static int create(Invocation invocation, Descriptors wishes, Plan.Source source) throws RunscException {
        Launcher launcher = new Launcher(invocation, false);
        launcher.wishes = wishes;
        boolean made = false;
        try {
            launcher.make(source);
            Frame frame = launcher.sandbox.toSentry().receive(Channel.SMALL);
            if (frame == null) {
                throw new RunscException("the sandbox did not start: " + launcher.sandbox.sentryEnd());
            }
            if (frame.type() != MessageType.CREATED) {
                throw new RunscException(frame.reader().string());
            }
            launcher.created();
            launcher.update(Status.CREATED);
            made = true;
            return launcher.sandbox.sentry().pid();
        } catch (IOException e) {
            throw new RunscException("the sandbox did not start: " + e.getMessage());
        } finally {
            if (!made) {
                launcher.end(0);
            }
        }
    }

    private Plan make(Plan.Source source) throws RunscException {
        Plan plan = source.plan();
        Spec spec = plan.spec();
        if (spec.process() == null) {
            throw new RunscException("config.json: process is missing: there is nothing to run");
        }
        if (!attached && spec.process().terminal() != (wishes.consoleSocket() != null)) {
            throw new RunscException(
                    wishes.consoleSocket() == null
                            ? "process.terminal: --console-socket must say who gets the terminal"
                            : "--console-socket is for a program with a terminal, and process.terminal is false");
        }
        for (String warning : Unsupported.check(spec, invocation.options().ignoreCgroups())) {
            UserLog.warn(invocation.options(), warning);
        }
        Trace.mark("planned");
        root = StateRoot.open(invocation.options().root());
        ContainerState fresh = new ContainerState(
                plan.id(),
                Status.CREATING,
                HostProcess.of(sandbox.sentry().pid()),
                HostProcess.of(sandbox.gofer().pid()),
                plan.bundle(),
                plan.rootfs(),
                Timestamp.now(),
                Processes.effectiveUser(),
                attached,
                spec.annotations(),
                spec.hooks());
        try {
            Trees trees = open(plan);
            // First the gofer: from then on somebody sees to the state when we are killed.
            GoferConfig forGofer = new GoferConfig(
                    plan.id(), sandbox.gofer().pid(), attached, invocation.options().seccomp(), trees.readOnly);
            sandbox.configure(forGofer, array(trees.forGofer));
            root.create(fresh);
            state = fresh;
            configureSentry(plan, trees);
        } catch (HostException e) {
            throw new RunscException("cannot set the sandbox up: " + e.getMessage());
        } finally {
            for (int fd : opened) {
                Files.close(fd);
            }
        }
        Trace.mark("configured");
        sandbox.confine();
        Trace.mark("confined");
        return plan;
    }

    /** What the gofer serves, and the Sentry's ends of the connections to it. */
    private static final class Trees {
        final List<Integer> forGofer = new ArrayList<>();
        final List<Boolean> readOnly = new ArrayList<>();
        final List<Integer> connections = new ArrayList<>();
        final List<SandboxConfig.Mount> mounts = new ArrayList<>();
        int lifeline;
        SandboxConfig.Overlay overlay;
    }

    /** Opens what the gofer needs. */
    private Trees open(Plan plan) throws RunscException, HostException {
        Trees trees = new Trees();
        int[] lifeline = pair();
        trees.lifeline = lifeline[1];
        trees.forGofer.add(lifeline[0]);
        trees.forGofer.add(root.fd());
        boolean rootReadOnly = !plan.overlay().isNone() || plan.spec().root().readOnly();
        int tree = export(trees, "root.path", plan.rootfs(), Files.O_DIRECTORY, rootReadOnly);
        if (!plan.overlay().isNone()) {
            trees.overlay = overlay(trees, plan.overlay(), plan.rootfs(), tree);
        } else {
            boolean lacks = rootReadOnly && lacksMountPoints(plan.spec().mounts(), tree);
            trees.overlay = lacks ? SandboxConfig.Overlay.MEMORY : SandboxConfig.Overlay.NONE;
        }
        for (Spec.MountSpec m : plan.spec().mounts()) {
            SandboxConfig.Overlay overlay = SandboxConfig.Overlay.NONE;
            if (m.bind()) {
                String source = Paths.resolve(plan.bundle(), m.source());
                boolean readOnly = m.options().contains("ro");
                boolean kept = plan.overlay().mounts() && !readOnly;
                int bound = export(trees, "mounts: " + m.destination(), source, 0, readOnly || kept);
                overlay = kept ? overlay(trees, plan.overlay(), source, bound) : overlay;
            }
            trees.mounts.add(
                    new SandboxConfig.Mount(m.destination(), m.type(), m.source(), m.options(), m.bind(), overlay));
        }
        return trees;
    }

    /** Opens what the Sentry needs, and tells it. */
    private void configureSentry(Plan plan, Trees trees) throws RunscException {
        List<Integer> forSentry = new ArrayList<>();
        int console = wishes.consoleSocket() == null ? -1 : keep(ConsoleSocket.open(wishes.consoleSocket()));
        int[] ours = Exec.ours(console, wishes.preserved());
        boolean[] stdio = new boolean[ours.length];
        for (int fd = 0; fd < ours.length; fd++) {
            stdio[fd] = ours[fd] >= 0;
            if (stdio[fd]) {
                forSentry.add(ours[fd]);
            }
        }
        forSentry.add(keep(root.listen(plan.id())));
        forSentry.add(trees.lifeline);
        if (!attached) {
            forSentry.add(keep(root.exitFile(plan.id())));
        }
        forSentry.addAll(trees.connections);
        sandbox.configure(config(plan, trees.overlay, trees.mounts, stdio), array(forSentry));
    }

    /**
     * Whether a mount point has to be made. In a root that nobody may write to it is made in memory, so that the gofer
     * need not be let write either.
     */
    private static boolean lacksMountPoints(List<Spec.MountSpec> mounts, int root) {
        for (int i = 0; i < mounts.size(); i++) {
            String destination = mounts.get(i).destination();
            boolean inAnother = false;
            for (int j = 0; j < i; j++) {
                inAnother |= destination.startsWith(mounts.get(j).destination() + "/");
            }
            if (!inAnother && !FileIo.existsInRoot(root, ByteString.bytes(destination))) {
                return true;
            }
        }
        return false;
    }

    private SandboxConfig config(
            Plan plan, SandboxConfig.Overlay overlay, List<SandboxConfig.Mount> mounts, boolean[] stdio) {
        Spec spec = plan.spec();
        return new SandboxConfig(
                plan.id(),
                spec.hostname() == null ? plan.id() : spec.hostname(),
                spec.domainname(),
                spec.process(),
                spec.root().readOnly(),
                overlay,
                invocation.options().rootShared(),
                invocation.options().mountsShared(),
                plan.overlay().size(),
                mounts,
                invocation.options().platform(),
                invocation.options().debug(),
                invocation.options().strace(),
                invocation.options().straceSyscalls(),
                invocation.options().seccomp(),
                spec.linux().seccomp(),
                attached,
                !attached || !plan.spec().hooks().isEmpty(),
                stdio,
                spec.linux().memoryLimit(),
                spec.linux().cgroup(),
                spec.linux().maskedPaths(),
                spec.linux().readOnlyPaths(),
                !attached);
    }

    /** Adds a tree of the host to what the gofer serves. Returns its root's descriptor. */
    private int export(Trees trees, String what, String path, int flags, boolean readOnly)
            throws RunscException, HostException {
        int tree = FileIo.open(Files.AT_FDCWD, ByteString.bytes(path), Files.O_PATH | flags, 0);
        if (tree < 0) {
            throw new RunscException(what + ": cannot open " + path + ": " + Messages.errno(-tree));
        }
        keep(tree);
        int[] pair = pair();
        trees.forGofer.add(tree);
        trees.forGofer.add(pair[0]);
        trees.readOnly.add(readOnly);
        trees.connections.add(pair[1]);
        return tree;
    }

    /** Sees to a place for what is written over the tree of {@code path}, open as {@code tree}. */
    private SandboxConfig.Overlay overlay(Trees trees, OverlayOption option, String path, int tree)
            throws RunscException {
        boolean self = option.medium() == OverlayOption.Medium.SELF;
        if (option.medium() == OverlayOption.Medium.MEMORY || self && !FileIo.isDirectory(FileIo.mode(tree))) {
            return SandboxConfig.Overlay.MEMORY;
        }
        trees.connections.add(keep(FileStore.open(self ? path : option.directory())));
        return SandboxConfig.Overlay.FILE;
    }

    private int[] pair() throws HostException {
        int[] pair = UnixSockets.pair();
        keep(pair[0]);
        keep(pair[1]);
        return pair;
    }

    /** Notes a descriptor that is ours only until the other processes have it. */
    private int keep(int fd) {
        opened.add(fd);
        return fd;
    }

    private static int[] array(List<Integer> list) throws RunscException {
        if (list.size() > UnixSockets.MAX_DESCRIPTORS) {
            throw new RunscException("too many mounts: " + list.size());
        }
        int[] array = new int[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = list.get(i);
        }
        return array;
    }

    /** All is there but the program. */
    private void created() throws RunscException {
        Hooks.run(state, Status.CREATING, Hook.Kind.PRESTART);
        Hooks.run(state, Status.CREATING, Hook.Kind.CREATE_RUNTIME);
        Hooks.run(state, Status.CREATING, Hook.Kind.CREATE_CONTAINER);
    }

    /** The Sentry of a command that stays is ready: the program begins, or waits for its hooks to have run. */
    private void started() throws RunscException {
        if (state.hooks().isEmpty()) {
            update(Status.RUNNING);
            return;
        }
        created();
        update(Status.CREATED);
        Hooks.runInside(root, state);
        try {
            sandbox.toSentry().send(MessageType.START, null);
        } catch (IOException e) {
            throw new RunscException("the sandbox died: " + sandbox.sentryEnd());
        }
        update(Status.RUNNING);
        Hooks.runAll(invocation, state, Status.RUNNING, Hook.Kind.POSTSTART);
    }

    private void update(Status status) throws RunscException {
        state = state.with(status);
        root.update(state);
    }

    /** Removes what we keep of the container, while both processes end. */
    private void end(int patience) throws RunscException {
        try {
            if (state != null) {
                root.remove(state.id());
            }
            Trace.mark("removed");
        } finally {
            if (ProcessEnd.training()) {
                sandbox.endOrderly();
            } else {
                sandbox.end(patience);
            }
            if (state != null && attached) {
                Hooks.runAll(invocation, state, Status.STOPPED, Hook.Kind.POSTSTOP);
            }
            Trace.mark("ended");
        }
    }
}
