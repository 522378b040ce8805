package platform.kvm;

import host.linux.Files;
import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** Finds and starts the KVM platform. */
public final class KvmProvider implements PlatformProvider {
    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public int preference() {
        return 5;
    }

    @Override
    public Availability probe() {
        String arch = System.getProperty("os.arch");
        if (!"amd64".equals(arch)) {
            return new Availability.Unusable("the kvm platform needs an amd64 processor, this is " + arch);
        }
        try {
            Files.close(Vm.openDevice());
        } catch (PlatformException e) {
            return new Availability.Unusable(e.getMessage());
        }
        return new Availability.Usable(5, "/dev/kvm");
    }

    @Override
    public Platform open(PlatformConfig config) throws PlatformException {
        return new KvmPlatform(config);
    }
}
