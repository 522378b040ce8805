package platform.ptrace;

import host.linux.HostException;
import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** Finds and starts the ptrace platform. */
public final class PtracePlatformProvider implements PlatformProvider {
    @Override
    public String name() {
        return "ptrace";
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Availability probe() {
        String arch = System.getProperty("os.arch");
        if (!"amd64".equals(arch)) {
            return new Availability.Unusable("the ptrace platform needs an amd64 processor, this is " + arch);
        }
        return new Availability.Usable();
    }

    @Override
    public Platform open(PlatformConfig config) throws PlatformException {
        try {
            return new PtracePlatform();
        } catch (HostException e) {
            throw new PlatformException("cannot start the ptrace platform: " + e.getMessage(), e);
        }
    }
}
