package runsc.cli.boot;

import runsc.cli.RunscException;
import runsc.cli.launch.SandboxConfig;
import sentry.core.platform.HostCall;
import sentry.core.platform.PlatformProvider;

/** Puts the kernel together. */
final class SentryBuilder implements AutoCloseable {
    private final PlatformProvider platform;

    private SentryBuilder(PlatformProvider platform) {
        this.platform = platform;
    }

    /** Opens the platform, before anything else makes this process larger. */
    static SentryBuilder open(String name) throws RunscException {
        return new SentryBuilder(Platforms.choose(name));
    }

    Guest build(SandboxConfig config, Descriptors descriptors) throws RunscException {
        throw new RunscException("the kernel is not there yet");
    }

    HostCall[] hostCalls() {
        return new HostCall[0];
    }

    @Override
    public void close() {}
}
