package sentry.core.kernel;

import host.linux.HostException;
import java.util.ArrayList;
import java.util.List;
import sentry.core.fs.dev.MemoryDevices;
import sentry.core.fs.devpts.DevptsFileSystem;
import sentry.core.fs.host.HostFiles;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Namespaces;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UtsNamespace;
import sentry.core.tty.Terminals;
import sentry.core.vfs.MountNamespace;

/** A container: its first process, and everything that it needs. */
public final class Container {
    /** What Linux calls no domain name. */
    private static final String NO_DOMAIN = "(none)";

    private final Kernel kernel;
    private final ProcessStart starter;
    private final Namespaces namespaces;
    private final ContainerProcess init;

    private Container(Kernel kernel, ProcessStart starter, Namespaces namespaces, ContainerProcess init) {
        this.kernel = kernel;
        this.starter = starter;
        this.namespaces = namespaces;
        this.init = init;
    }

    /**
     * Builds everything up to the first process's first instruction, which {@link ContainerProcess#start} lets it make.
     * Before the lock-down.
     */
    public static Container create(Kernel kernel, KernelConfig config) throws StartException {
        kernel.setHost(config.host());
        kernel.cgroups().configure(config.limits());
        MemoryDevices.register(kernel.devices());
        Terminals.register(kernel.devices());
        DevptsFileSystem.register(kernel.devices());
        MountNamespace mounts = ContainerMounts.build(kernel, config);
        Namespaces namespaces =
                new Namespaces(
                        new UtsNamespace(config.hostname(), NO_DOMAIN),
                        kernel.tasks().rootPids(),
                        mounts,
                        kernel.initialIpc());
        namespaces.net().stack().loopback().setUp(true);
        ProcessStart starter;
        try {
            starter = new ProcessStart(kernel, new HostFiles());
        } catch (HostException e) {
            throw new StartException("standard input and output: " + e.getMessage());
        }
        ContainerProcess init = starter.make(config.process(), namespaces);
        if (config.host().memoryLimited()) {
            OutOfMemory.watch(kernel, config.host().memoryBytes());
        }
        return new Container(kernel, starter, namespaces, init);
    }

    public Kernel kernel() {
        return kernel;
    }

    /** The first process, whose end is the container's. */
    public ContainerProcess init() {
        return init;
    }

    /**
     * Makes another process, in the namespaces that the first one began in; {@link ContainerProcess#start} lets it run. It
     * has no parent inside. From any thread.
     */
    public ContainerProcess join(ProcessConfig config) throws StartException {
        return starter.make(config, namespaces);
    }

    /** Holds all processes where they are; false when one could not be stopped. */
    public boolean pause() throws InterruptedException {
        return kernel.tasks().freezer().freeze(kernel.tasks());
    }

    /** Lets them go on. */
    public void resume() {
        kernel.tasks().freezer().thaw();
    }

    /** All processes, zombies included, by ascending id. */
    public List<ProcessInfo> processes() {
        List<ProcessInfo> list = new ArrayList<>();
        PidNamespace pids = kernel.tasks().rootPids();
        for (ThreadGroup process : pids.processes()) {
            Task leader = process.leader();
            long started = kernel.bootMillis() + (process.startNanos() - kernel.bootNanos()) / 1_000_000;
            list.add(new ProcessInfo(
                    leader.credentials().euid(),
                    process.pid(pids),
                    process.parentPid(pids),
                    started,
                    process.userNanos() + process.systemNanos(),
                    leader.name()));
        }
        return list;
    }

    /** Sends a signal from outside to all processes. */
    public void signalAll(int signo) {
        SignalInfo info = SignalInfo.user(signo, 0, 0);
        for (ThreadGroup process : kernel.tasks().rootPids().processes()) {
            process.signals().sendFromOutside(info);
        }
    }
}
