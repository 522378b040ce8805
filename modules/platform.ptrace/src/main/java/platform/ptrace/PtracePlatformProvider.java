package platform.ptrace;

import host.linux.CString;
import host.linux.HostException;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** Finds and starts the ptrace platform. */
public final class PtracePlatformProvider implements PlatformProvider {
    private static final int NR_READ = 0;
    private static final int NR_OPEN = 2;
    private static final int NR_CLOSE = 3;
    private static final int O_CLOEXEC = 0x80000;

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
        if (tracingForbidden()) {
            return new Availability.Unusable("the host forbids ptrace: /proc/sys/kernel/yama/ptrace_scope is 3");
        }
        return new Availability.Usable(preference(), "traces the program's threads; needs no device and no privilege");
    }

    @Override
    public Platform open(PlatformConfig config) throws PlatformException {
        try {
            return new PtracePlatform();
        } catch (HostException e) {
            throw new PlatformException("cannot start the ptrace platform: " + e.getMessage(), e);
        }
    }

    /** With 3, Yama lets nobody attach to a process (ptrace(2)); with less, we may to our own children. */
    private static boolean tracingForbidden() {
        try (Arena arena = Arena.ofConfined()) {
            long name = CString.of(arena, "/proc/sys/kernel/yama/ptrace_scope").address();
            int fd = (int) Syscall.call(NR_OPEN, name, O_CLOEXEC);
            if (fd < 0) {
                return false;
            }
            MemorySegment value = arena.allocate(1);
            long n = Syscall.call(NR_READ, fd, value.address(), 1);
            Syscall.call(NR_CLOSE, fd);
            return n == 1 && value.get(ValueLayout.JAVA_BYTE, 0) == '3';
        }
    }
}
