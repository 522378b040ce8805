package sentry.core.abi;

/** Device numbers in the encoding of stat(2)'s st_rdev (makedev(3)): 12 bits of major and 20 of minor used by Linux. */
public final class DeviceNumber {
    private DeviceNumber() {}

    public static long of(int major, int minor) {
        return (major & 0xfffL) << 8 | minor & 0xff | (minor & 0xfff00L) << 12;
    }

    public static int major(long device) {
        return (int) (device >>> 8 & 0xfff);
    }

    public static int minor(long device) {
        return (int) (device & 0xff | device >>> 12 & 0xfff00);
    }
}
