package platform.kvm;

import sentry.core.conformance.PlatformConformance;
import sentry.core.platform.PlatformProvider;

/** The platform keeps the contract, on machines that have KVM. */
final class KvmConformanceTest extends PlatformConformance {
    @Override
    protected PlatformProvider provider() {
        return new KvmProvider();
    }
}
