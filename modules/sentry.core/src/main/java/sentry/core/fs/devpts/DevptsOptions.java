package sentry.core.fs.devpts;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * Mount options of devpts.
 *
 * @param uid owner of new terminals, -1: who opens ptmx
 * @param gid their group, -1: that of who opens ptmx
 * @param mode their permission bits
 * @param ptmxMode the permission bits of ptmx
 * @param limit how many terminals there may be
 */
record DevptsOptions(int uid, int gid, int mode, int ptmxMode, int limit) {
    private static final int DEFAULT_LIMIT = 4096;

    /** Parses "newinstance,ptmxmode=0666,mode=0620,gid=5". EINVAL for what Linux does not know. */
    static DevptsOptions parse(String data) throws ErrnoException {
        int uid = -1;
        int gid = -1;
        int mode = 0600;
        int ptmxMode = 0;
        int limit = DEFAULT_LIMIT;
        for (int at = 0; at < data.length(); ) {
            int comma = data.indexOf(',', at);
            String option = data.substring(at, comma < 0 ? data.length() : comma);
            at = comma < 0 ? data.length() : comma + 1;
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (name) {
                case "", "newinstance" -> {}
                case "uid" -> uid = number(value, 10);
                case "gid" -> gid = number(value, 10);
                case "mode" -> mode = number(value, 8) & 07777;
                case "ptmxmode" -> ptmxMode = number(value, 8) & 07777;
                case "max" -> limit = number(value, 10);
                default -> throw Errno.EINVAL.error();
            }
        }
        return new DevptsOptions(uid, gid, mode, ptmxMode, limit);
    }

    private static int number(String value, int radix) throws ErrnoException {
        try {
            int n = Integer.parseInt(value, radix);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // answered below
        }
        throw Errno.EINVAL.error();
    }

    /** As /proc/mounts shows them. */
    String text() {
        StringBuilder b = new StringBuilder();
        if (uid >= 0) {
            b.append("uid=").append(uid).append(',');
        }
        if (gid >= 0) {
            b.append("gid=").append(gid).append(',');
        }
        b.append("mode=").append(octal(mode)).append(",ptmxmode=").append(octal(ptmxMode));
        if (limit != DEFAULT_LIMIT) {
            b.append(",max=").append(limit);
        }
        return b.toString();
    }

    private static String octal(int mode) {
        String s = Integer.toOctalString(mode);
        return s.length() < 3 ? "000".substring(s.length()) + s : s;
    }
}
