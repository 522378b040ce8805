package platform.kvm;

import host.linux.CString;
import host.linux.Files;
import host.linux.NativeArea;
import java.lang.foreign.Arena;
import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** Finds and starts the KVM platform. */
public final class KvmProvider implements PlatformProvider {
    /** Better than ptrace: a call costs a microsecond or two. */
    private static final int ON_HARDWARE = 20;
    /** Worse than ptrace: page faults and plain calls cost several times as much, also where handing calls over helps. */
    private static final int WITHOUT_HARDWARE = 5;

    private static final String WITHOUT_HARDWARE_TEXT =
            "KVM without hardware virtualisation (PVM): computes at full speed, but page faults are slow";
    private static final String[] HARDWARE_MODULES = {"kvm_intel", "kvm_amd"};

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public int preference() {
        return ON_HARDWARE;
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
        for (String module : HARDWARE_MODULES) {
            if (exists("/sys/module/" + module)) {
                return new Availability.Usable(ON_HARDWARE, "hardware virtualisation by " + module);
            }
        }
        return new Availability.Usable(WITHOUT_HARDWARE, WITHOUT_HARDWARE_TEXT);
    }

    @Override
    public Availability examine() {
        if (!(probe() instanceof Availability.Usable usable)) {
            return probe();
        }
        try (NativeArea memory = NativeArea.allocate(4096);
                KvmPlatform platform = new KvmPlatform(new PlatformConfig(-1, memory.address(), memory.size()), true)) {
            return new Availability.Usable(usable.preference(), usable.description() + "; " + platform.description());
        } catch (PlatformException e) {
            return new Availability.Unusable(e.getMessage());
        }
    }

    private static boolean exists(String path) {
        try (Arena arena = Arena.ofConfined()) {
            long fd = Files.openat(
                    Files.AT_FDCWD, CString.of(arena, path).address(), Files.O_PATH | Files.O_CLOEXEC, 0);
            if (fd >= 0) {
                Files.close((int) fd);
            }
            return fd >= 0;
        }
    }

    @Override
    public Platform open(PlatformConfig config) throws PlatformException {
        return new KvmPlatform(config, false);
    }
}
