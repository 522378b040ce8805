package runsc.cli.boot;

import host.linux.HostException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.launch.SandboxConfig;
import sentry.core.abi.MountFlags;
import sentry.core.arch.Arch;
import sentry.core.kernel.Container;
import sentry.core.kernel.Kernel;
import sentry.core.kernel.KernelConfig;
import sentry.core.kernel.KernelConfig.MountSpec;
import sentry.core.kernel.StartException;
import sentry.core.log.Log;
import sentry.core.memory.MemoryFile;
import sentry.core.platform.HostCall;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.strace.SyscallTracer;
import sentry.core.syscall.SyscallTable;
import sentry.core.vfs.FileSystem;

/** Puts the kernel together, in two steps: what needs no configuration, and what does. */
final class SentryBuilder implements AutoCloseable {
    private static final int SIGKILL = 9;

    private final MemoryFile memory;
    private final Platform platform;
    private final String whyPlatform;
    private final SyscallTable syscalls;

    private SentryBuilder(MemoryFile memory, Platforms.Opened opened, SyscallTable syscalls) {
        this.memory = memory;
        this.platform = opened.platform();
        this.whyPlatform = opened.why();
        this.syscalls = syscalls;
    }

    /**
     * Opens the platform, before anything else makes this process larger.
     *
     * @param platform its name, or null for the best that works here
     * @param memoryFile descriptor of an empty file that may have large pages, or -1
     */
    static SentryBuilder open(String platform, int memoryFile) throws RunscException {
        try {
            MemoryFile memory = memoryFile < 0 ? new MemoryFile() : MemoryFile.withLargePages(memoryFile);
            Trace.mark("memory file");
            Platforms.Opened opened =
                    Platforms.open(platform, new PlatformConfig(memory.fd(), memory.address(0), memory.size()));
            if (!opened.platform().sharesMemoryFile()) {
                memory.makeAnonymous();
            }
            Trace.mark("platform open");
            return new SentryBuilder(memory, opened, SyscallTable.load(Arch.AMD64));
        } catch (HostException e) {
            throw new RunscException("no memory for programs: " + e.getMessage());
        }
    }

    Guest build(SandboxConfig config, Descriptors descriptors) throws RunscException {
        if (config.debug()) {
            SentryLog.enable(config);
            Log.info("platform " + platform.name() + ": " + whyPlatform);
        }
        Kernel kernel = new Kernel(platform, memory, table(config), HostFactsReader.RELEASE);
        try {
            ProcessConfigs processes = new ProcessConfigs(config.filter());
            KernelConfig kernelConfig = kernelConfig(config, descriptors, kernel, processes);
            Trace.mark("kernel configured");
            Container container = Container.create(kernel, kernelConfig);
            platform.onLoss(new Runnable() {
                @Override
                public void run() {
                    container.signalAll(SIGKILL);
                }
            });
            return new KernelGuest(container, processes);
        } catch (StartException e) {
            throw new RunscException(e.getMessage());
        }
    }

    private SyscallTable table(SandboxConfig config) throws RunscException {
        if (!config.strace()) {
            return syscalls;
        }
        for (String name : config.straceSyscalls()) {
            boolean known = false;
            for (SyscallTable.Entry e : syscalls.entries()) {
                known |= e.name().equals(name);
            }
            if (!known) {
                throw new RunscException("--strace-syscalls: there is no system call " + name);
            }
        }
        return SyscallTracer.trace(syscalls, config.straceSyscalls());
    }

    private static KernelConfig kernelConfig(
            SandboxConfig config, Descriptors descriptors, Kernel kernel, ProcessConfigs processes)
            throws RunscException {
        GoferTrees trees = new GoferTrees(kernel, descriptors.trees(), config.overlaySize());
        FileSystem root = trees.next(config.rootShared(), config.rootReadOnly(), config.rootOverlay());
        Trace.mark("gofer attached");
        List<MountSpec> mounts = new ArrayList<>();
        for (SandboxConfig.Mount m : config.mounts()) {
            MountOptions options = MountOptions.of(m.options());
            boolean sourceReadOnly = (options.flags() & MountFlags.MS_RDONLY) != 0;
            FileSystem tree = m.bind() ? trees.next(config.mountsShared(), sourceReadOnly, m.overlay()) : null;
            String type = m.bind() ? "bind" : m.type();
            mounts.add(new MountSpec(m.destination(), type, m.source(), options.data(), options.flags(), tree));
        }
        return new KernelConfig(
                config.hostname(),
                processes.of(config.process(), descriptors.stdio()),
                root,
                "root",
                config.rootReadOnly(),
                mounts,
                config.maskedPaths(),
                config.readOnlyPaths(),
                config.limits(),
                HostFactsReader.read(config.memoryLimit()));
    }

    /** Writes to the root stay in memory. */
    HostCall[] hostCalls() {
        return platform.hostCalls();
    }

    @Override
    public void close() {
        platform.close();
    }
}
