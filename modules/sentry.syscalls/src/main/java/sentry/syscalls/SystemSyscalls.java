package sentry.syscalls;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.RandomBytes;

import java.nio.charset.StandardCharsets;
import java.util.List;
import sentry.core.abi.Capability;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.kernel.KernelConfig;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UserNamespace;
import sentry.core.task.UtsNamespace;
import sentry.core.time.Clocks;
import sentry.core.vfs.FilesystemType;
import sentry.core.vfs.Mount;
import sentry.core.vfs.StatFs;
import sentry.core.wait.Sleeper;

/** Calls about the system as a whole: names, load, random numbers, what nobody may do in a container. */
final class SystemSyscalls {
    /** Length of each field of struct utsname, including the NUL. */
    private static final int FIELD = 65;

    private static final int MAX_HOST_NAME = 64;
    private static final int SYSINFO_SIZE = 112;
    private static final int GRND_NONBLOCK = 1;
    private static final int GRND_RANDOM = 2;
    private static final int GRND_INSECURE = 4;
    private static final int RANDOM_CHUNK = 4096;

    private static final int SYSLOG_ACTION_READ = 2;
    private static final int SYSLOG_ACTION_READ_ALL = 3;
    private static final int SYSLOG_ACTION_READ_CLEAR = 4;
    private static final int SYSLOG_ACTION_CONSOLE_LEVEL = 8;
    private static final int SYSLOG_ACTION_SIZE_BUFFER = 10;

    private static final int IO_PORTS = 65536;
    private static final int REBOOT_MAGIC_1 = 0xfee1dead;
    private static final int[] REBOOT_MAGIC_2 = {672274793, 85072278, 369367448, 537993216};

    /** What the kernel's log could hold. */
    private static final int LOG_BUFFER = 1 << 17;

    private static final int PAGE_SIZE = 4096;
    /** struct ustat. */
    private static final int USTAT_SIZE = 32;


    private SystemSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.UNAME, SystemSyscalls::uname)
                .full(Sys.SETHOSTNAME, SystemSyscalls::sethostname)
                .full(Sys.SETDOMAINNAME, SystemSyscalls::setdomainname)
                .partial(Sys.SYSINFO, "no swap, no buffers", SystemSyscalls::sysinfo)
                .full(Sys.GETRANDOM, SystemSyscalls::getrandom)
                .partial(Sys.SYSLOG, "the kernel's log is empty", SystemSyscalls::syslog)
                .error(Sys.RSEQ, Errno.ENOSYS, "glibc does without")
                .full(Sys.SYSFS, SystemSyscalls::sysfs)
                .full(Sys.USTAT, SystemSyscalls::ustat)
                .partial(Sys.REBOOT, "checks its arguments; EPERM: not from a container", SystemSyscalls::reboot)
                .partial(Sys.IOPL, "no hardware: EPERM for more than nothing", SystemSyscalls::iopl)
                .partial(Sys.IOPERM, "no hardware: EPERM for more than nothing", SystemSyscalls::ioperm);
    }

    private static long uname(Task task, SyscallArgs args) throws ErrnoException {
        UtsNamespace uts = task.namespaces().uts();
        byte[] out = new byte[6 * FIELD];
        put(out, 0, "Linux");
        put(out, 1, uts.hostname());
        put(out, 2, task.kernel().release());
        put(out, 3, task.kernel().version());
        put(out, 4, "x86_64");
        put(out, 5, uts.domainname());
        task.memory().write(args.a0, out, 0, out.length);
        return 0;
    }

    @SuppressWarnings("deprecation") // getBytes(int, ...) takes the low bytes, which is what raw-byte strings are
    private static void put(byte[] out, int field, String value) {
        int n = Math.min(value.length(), FIELD - 1);
        value.getBytes(0, n, out, field * FIELD);
    }

    private static String name(Task task, SyscallArgs args) throws ErrnoException {
        if (!task.credentials().capableIn(task.namespaces().uts().owner(), Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        int length = args.i1();
        if (length < 0 || length > MAX_HOST_NAME) {
            throw Errno.EINVAL.error();
        }
        byte[] in = new byte[length];
        task.memory().read(args.a0, in, 0, length);
        String name = new String(in, StandardCharsets.ISO_8859_1);
        int end = name.indexOf(0);
        return end < 0 ? name : name.substring(0, end);
    }

    private static long sethostname(Task task, SyscallArgs args) throws ErrnoException {
        task.namespaces().uts().setHostname(name(task, args));
        return 0;
    }

    private static long setdomainname(Task task, SyscallArgs args) throws ErrnoException {
        task.namespaces().uts().setDomainname(name(task, args));
        return 0;
    }

    private static long sysinfo(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        KernelConfig.HostFacts host = task.kernel().host();
        long total = host == null ? 0 : host.memoryBytes();
        int tasks = 0;
        for (ThreadGroup g : task.namespaces().pid().processes()) {
            tasks += g.signals().count();
        }
        long used = Math.min(total, task.kernel().memory().residentBytes());
        memory.fill(args.a0, SYSINFO_SIZE, (byte) 0);
        long up = System.nanoTime() - task.kernel().bootNanos() + Clocks.offset(task, Clock.CLOCK_BOOTTIME);
        memory.putLong(args.a0, up / Timespec.NANOS_PER_SECOND + 1); // begun seconds count
        memory.putLong(args.a0 + 32, total);
        memory.putLong(args.a0 + 40, total - used);
        memory.putShort(args.a0 + 80, (short) Math.min(tasks, 0xffff));
        memory.putInt(args.a0 + 104, 1); // mem_unit
        return 0;
    }

    private static long getrandom(Task task, SyscallArgs args) throws ErrnoException {
        int flags = args.i2();
        if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0
                || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(args.a0, task.kernel().platform().traits().maxAddress()) > 0) {
            throw Errno.EFAULT.error();
        }
        long length = Math.min(args.a1 < 0 ? Integer.MAX_VALUE : args.a1, 0x7ffff000L);
        byte[] chunk = new byte[(int) Math.min(length, RANDOM_CHUNK)];
        long done = 0;
        try (NativeArea area = NativeArea.allocate(RANDOM_CHUNK)) {
            while (done < length) {
                int n = (int) Math.min(length - done, chunk.length);
                n = (int) Errno.check(RandomBytes.fill(area.address(), n));
                Memory.copy(area.address(), chunk, 0, n);
                int wrote;
                try {
                    wrote = task.memory().writeSome(args.a0 + done, chunk, 0, n);
                } catch (ErrnoException e) {
                    if (done == 0) {
                        throw e;
                    }
                    break;
                }
                done += wrote;
                if (wrote < n || task.sleeper().interrupted()) {
                    break;
                }
            }
        }
        return done;
    }

    private static long syslog(Task task, SyscallArgs args) throws ErrnoException {
        int action = args.i0();
        if (action != SYSLOG_ACTION_READ_ALL
                && action != SYSLOG_ACTION_SIZE_BUFFER
                && !task.credentials().capable(Capability.SYSLOG)) {
            throw Errno.EPERM.error();
        }
        switch (action) {
            case SYSLOG_ACTION_READ, SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_READ_CLEAR -> {
                if (args.a1 == 0 || args.i2() < 0) {
                    throw Errno.EINVAL.error();
                }
                if (action == SYSLOG_ACTION_READ && args.i2() > 0) {
                    // Nothing will ever be logged: only a signal ends the wait.
                    do {
                        task.sleeper().prepare();
                    } while (task.sleep(Sleeper.FOREVER) != Sleeper.Wake.INTERRUPTED);
                    throw Errno.ERESTARTSYS.error();
                }
                return 0;
            }
            case SYSLOG_ACTION_CONSOLE_LEVEL -> {
                if (args.i2() < 1 || args.i2() > 8) {
                    throw Errno.EINVAL.error();
                }
                return 0;
            }
            case SYSLOG_ACTION_SIZE_BUFFER -> {
                return LOG_BUFFER;
            }
            default -> {
                if (action < 0 || action > SYSLOG_ACTION_SIZE_BUFFER) {
                    throw Errno.EINVAL.error();
                }
                return 0;
            }
        }
    }

    private static long reboot(Task task, SyscallArgs args) throws ErrnoException {
        UserNamespace owner = task.namespaces().pid().owner();
        boolean magic = args.i0() == REBOOT_MAGIC_1;
        boolean second = false;
        for (int m : REBOOT_MAGIC_2) {
            second |= args.i1() == m;
        }
        if (task.credentials().capableIn(owner, Capability.SYS_BOOT) && !(magic && second)) {
            throw Errno.EINVAL.error();
        }
        throw Errno.EPERM.error();
    }

    /** iopl(2): nobody has a right to ports, and everybody may ask for none. */
    private static long iopl(Task task, SyscallArgs args) throws ErrnoException {
        int level = args.i0();
        if (level < 0 || level > 3) {
            throw Errno.EINVAL.error();
        }
        if (level > 0) {
            throw Errno.EPERM.error();
        }
        return 0;
    }

    private static long ioperm(Task task, SyscallArgs args) throws ErrnoException {
        if (Long.compareUnsigned(args.a0 + args.a1, args.a0) <= 0
                || Long.compareUnsigned(args.a0 + args.a1, IO_PORTS) > 0) {
            throw Errno.EINVAL.error();
        }
        if (args.i2() != 0) {
            throw Errno.EPERM.error();
        }
        return 0;
    }

    /** sysfs(2): the filesystem types that there are. */
    private static long sysfs(Task task, SyscallArgs args) throws ErrnoException {
        List<FilesystemType> types = task.kernel().filesystemTypes().all();
        switch (args.i0()) {
            case 1 -> {
                String name = task.memory().readString(args.a1, PAGE_SIZE);
                for (int i = 0; i < types.size(); i++) {
                    if (types.get(i).name().equals(name)) {
                        return i;
                    }
                }
                throw Errno.EINVAL.error();
            }
            case 2 -> {
                if (args.i1() < 0 || args.i1() >= types.size()) {
                    throw Errno.EINVAL.error();
                }
                byte[] name = (types.get(args.i1()).name() + "\0").getBytes(StandardCharsets.ISO_8859_1);
                task.memory().write(args.a2, name, 0, name.length);
                return 0;
            }
            case 3 -> {
                return types.size();
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    /** ustat(2): the filesystem on a device. */
    private static long ustat(Task task, SyscallArgs args) throws ErrnoException {
        for (Mount m : task.namespaces().mounts().mounts()) {
            if (m.fileSystem().dev() == (args.a0 & 0xffffffffL)) {
                StatFs s = m.fileSystem().statfs();
                byte[] out = new byte[USTAT_SIZE];
                Struct.putInt(out, 0, (int) s.free());
                Struct.putLong(out, 8, s.filesFree());
                task.memory().write(args.a1, out, 0, out.length);
                return 0;
            }
        }
        throw Errno.EINVAL.error();
    }
}
