package host.linux;

import java.lang.foreign.Arena;

/**
 * A tmpfs of our own that is mounted nowhere (fsopen(2), fsconfig(2), fsmount(2); sys/mount.h): files of a kind that
 * memfd_create(2) gives only where the machine's administrator says so.
 */
public final class Tmpfs {
    private static final int NR_OPENAT = 257;
    private static final int NR_FSOPEN = 430;
    private static final int NR_FSCONFIG = 431;
    private static final int NR_FSMOUNT = 432;
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int O_TMPFILE = 0x410000;

    private Tmpfs() {}

    /**
     * An empty file without a name or a limit of its size, which may have large pages where a mapping of it asks for them
     * by MADV_HUGEPAGE. Needs CAP_SYS_ADMIN.
     *
     * @return a close-on-exec descriptor, or a negated errno
     */
    public static long largePageFile() {
        try (Arena arena = Arena.ofConfined()) {
            long context = Syscall.call(NR_FSOPEN, CString.of(arena, "tmpfs").address(), FSOPEN_CLOEXEC);
            if (Syscall.failed(context)) {
                return context;
            }
            long mount = mount(arena, context);
            Files.close((int) context);
            if (Syscall.failed(mount)) {
                return mount;
            }
            long here = CString.of(arena, ".").address();
            long file = Syscall.call(NR_OPENAT, mount, here, O_TMPFILE | Files.O_RDWR | Files.O_CLOEXEC, 0600);
            Files.close((int) mount);
            return file;
        }
    }

    private static long mount(Arena arena, long context) {
        long r = option(arena, context, "huge", "advise");
        if (!Syscall.failed(r)) {
            r = option(arena, context, "size", "0"); // no limit; by default it is half of the machine's memory
        }
        if (!Syscall.failed(r)) {
            r = Syscall.call(NR_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
        }
        return Syscall.failed(r) ? r : Syscall.call(NR_FSMOUNT, context, FSMOUNT_CLOEXEC, 0);
    }

    private static long option(Arena arena, long context, String key, String value) {
        long k = CString.of(arena, key).address();
        long v = CString.of(arena, value).address();
        return Syscall.call(NR_FSCONFIG, context, FSCONFIG_SET_STRING, k, v, 0);
    }
}
