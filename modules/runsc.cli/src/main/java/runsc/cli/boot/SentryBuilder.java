package runsc.cli.boot;

import host.linux.HostException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.io.ByteString;
import runsc.cli.launch.SandboxConfig;
import runsc.cli.oci.ProcessSpec;
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
    private static final int RLIMITS = 16;
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
     */
    static SentryBuilder open(String platform) throws RunscException {
        try {
            MemoryFile memory = new MemoryFile();
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
            KernelConfig kernelConfig = kernelConfig(config, descriptors, kernel);
            Trace.mark("kernel configured");
            Container container = Container.create(kernel, kernelConfig);
            platform.onLoss(new Runnable() {
                @Override
                public void run() {
                    container.signal(SIGKILL, true);
                }
            });
            return new KernelGuest(container);
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

    private static KernelConfig kernelConfig(SandboxConfig config, Descriptors descriptors, Kernel kernel)
            throws RunscException {
        ProcessSpec p = config.process();
        long[][] limits = new long[RLIMITS][];
        for (ProcessSpec.Rlimit limit : p.rlimits()) {
            limits[limit.resource()] = new long[] {limit.soft(), limit.hard()};
        }
        boolean readOnly = config.rootReadOnly() || config.rootOverlay();
        FileSystem root = GoferTrees.attach(kernel, descriptors.root(), config.rootShared(), readOnly);
        Trace.mark("gofer attached");
        if (config.rootOverlay()) {
            root = GoferTrees.overlay(kernel, root);
        }
        List<MountSpec> mounts = new ArrayList<>();
        int bind = 0;
        for (SandboxConfig.Mount m : config.mounts()) {
            MountOptions options = MountOptions.of(m.options());
            boolean sourceReadOnly = (options.flags() & MountFlags.MS_RDONLY) != 0;
            FileSystem tree =
                    m.bind() ? GoferTrees.attach(kernel, descriptors.binds()[bind++], true, sourceReadOnly) : null;
            String type = m.bind() ? "bind" : m.type();
            mounts.add(new MountSpec(m.destination(), type, m.source(), options.data(), options.flags(), tree));
        }
        return new KernelConfig(
                config.hostname(),
                p.args(),
                p.env(),
                p.cwd(),
                p.user().uid(),
                p.user().gid(),
                p.user().groups(),
                p.capabilities().effective(),
                p.noNewPrivileges(),
                config.filter() == null ? null : ByteString.bytes(config.filter()),
                limits,
                p.user().umask() < 0 ? 022 : p.user().umask(),
                root,
                "root",
                config.rootReadOnly(),
                mounts,
                descriptors.stdio(),
                p.terminal(),
                p.consoleHeight(),
                p.consoleWidth(),
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
