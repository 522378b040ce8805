package platform.kvm;

import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** Keeps the name {@code kvm} and tells whoever asks for it that there is no such platform yet. */
public final class KvmProvider implements PlatformProvider {
    private static final String REASON = "the kvm platform is not implemented yet; use --platform=ptrace";

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Availability probe() {
        return new Availability.Unusable(REASON);
    }

    @Override
    public Platform open(PlatformConfig config) throws PlatformException {
        throw new PlatformException(REASON);
    }
}
