package sentry.core.fs.tmpfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.kernel.KernelConfig;
import sentry.core.task.Task;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** The type "tmpfs" with the options size, nr_blocks, nr_inodes, mode, uid and gid. */
public final class TmpfsType implements FilesystemType {
    private static final long UNLIMITED = TmpFileSystem.Options.DEFAULT.pages();

    public TmpfsType() {}

    @Override
    public String name() {
        return "tmpfs";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        return new TmpFileSystem(kernel.memory(), kernel.devices(), parse(data, defaultPages(kernel)));
    }

    @Override
    public void check(Kernel kernel, String option) throws ErrnoException {
        parse(option, UNLIMITED);
    }

    /** Half of the machine's memory, as in Linux. */
    private static long defaultPages(Kernel kernel) {
        KernelConfig.HostFacts host = kernel.host();
        return host == null || host.memoryBytes() <= 0 ? UNLIMITED : host.memoryBytes() / 2 / Extents.PAGE;
    }

    static TmpFileSystem.Options parse(String data, long defaultPages) throws ErrnoException {
        return parse(data, defaultPages, UNLIMITED);
    }

    static TmpFileSystem.Options parse(String data, long defaultPages, long defaultInodes) throws ErrnoException {
        long pages = defaultPages;
        long inodes = defaultInodes;
        int mode = 01777;
        // Who mounts it owns the root.
        Task mounter = Kernel.current();
        int uid = mounter == null ? 0 : mounter.credentials().fsuid();
        int gid = mounter == null ? 0 : mounter.credentials().fsgid();
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < data.length()) {
            int comma = data.indexOf(',', at);
            int end = comma < 0 ? data.length() : comma;
            String option = data.substring(at, end);
            at = end + 1;
            if (option.isEmpty()) {
                continue;
            }
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (key) {
                case "size" -> pages = limit(size(value) / Extents.PAGE + (size(value) % Extents.PAGE == 0 ? 0 : 1));
                case "nr_blocks" -> pages = limit(size(value));
                case "nr_inodes" -> inodes = limit(size(value));
                case "mode" -> mode = (int) number(value, 8) & 07777;
                case "uid" -> uid = (int) number(value, 10);
                case "gid" -> gid = (int) number(value, 10);
                case "huge", "mpol", "inode32", "inode64", "noswap" -> {} // hints about the machine's memory
                default -> throw Errno.EINVAL.error();
            }
            if (text.length() > 0) {
                text.append(',');
            }
            text.append(option);
        }
        return new TmpFileSystem.Options(pages, inodes, mode, uid, gid, text.toString());
    }

    /** Zero means none. */
    private static long limit(long value) {
        return value == 0 ? UNLIMITED : Math.min(value, UNLIMITED);
    }

    /** A number with an optional suffix k, m, g or t; a percentage has no machine to be of and is refused. */
    private static long size(String value) throws ErrnoException {
        if (value.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        int shift =
                switch (value.charAt(value.length() - 1) | 0x20) {
                    case 'k' -> 10;
                    case 'm' -> 20;
                    case 'g' -> 30;
                    case 't' -> 40;
                    default -> 0;
                };
        long n = number(shift == 0 ? value : value.substring(0, value.length() - 1), 10);
        if (n > Long.MAX_VALUE >> shift) {
            throw Errno.EINVAL.error();
        }
        return n << shift;
    }

    private static long number(String value, int radix) throws ErrnoException {
        if (value.isEmpty() || value.length() > 18) {
            throw Errno.EINVAL.error();
        }
        long n = 0;
        for (int i = 0; i < value.length(); i++) {
            int digit = Character.digit(value.charAt(i), radix);
            if (digit < 0) {
                throw Errno.EINVAL.error();
            }
            n = n * radix + digit;
        }
        return n;
    }
}
