package platform.ptrace;

import sentry.core.conformance.PlatformConformance;
import sentry.core.platform.PlatformProvider;

/** The platform keeps the contract. */
final class PtraceConformanceTest extends PlatformConformance {
    @Override
    protected PlatformProvider provider() {
        return new PtracePlatformProvider();
    }
}
