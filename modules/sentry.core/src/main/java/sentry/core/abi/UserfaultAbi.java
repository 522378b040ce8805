package sentry.core.abi;

/** Numbers of userfaultfd(2) and ioctl_userfaultfd(2) (Linux: linux/userfaultfd.h). */
public final class UserfaultAbi {
    public static final int UFFD_USER_MODE_ONLY = 1;
    public static final long UFFD_API = 0xaa;

    public static final int UFFDIO_API = 0xc018aa3f;
    public static final int UFFDIO_REGISTER = 0xc020aa00;
    public static final int UFFDIO_UNREGISTER = 0x8010aa01;
    public static final int UFFDIO_WAKE = 0x8010aa02;
    public static final int UFFDIO_COPY = 0xc028aa03;
    public static final int UFFDIO_ZEROPAGE = 0xc020aa04;
    public static final int UFFDIO_WRITEPROTECT = 0xc018aa06;

    /** The ioctls that there are before anything is registered: API, REGISTER, UNREGISTER. */
    public static final long API_IOCTLS = 1L << 63 | 3;
    /** Those of registered memory: WAKE, COPY, ZEROPAGE. */
    public static final long RANGE_IOCTLS = 4 | 8 | 16;

    public static final long WRITEPROTECT_IOCTL = 1 << 6;

    public static final long FEATURE_PAGEFAULT_FLAG_WP = 1;
    public static final long FEATURE_SIGBUS = 1 << 7;
    public static final long FEATURE_THREAD_ID = 1 << 8;
    public static final long FEATURE_EXACT_ADDRESS = 1 << 11;
    public static final long FEATURES =
            FEATURE_PAGEFAULT_FLAG_WP | FEATURE_SIGBUS | FEATURE_THREAD_ID | FEATURE_EXACT_ADDRESS;

    public static final int REGISTER_MODE_MISSING = 1;
    public static final int REGISTER_MODE_WP = 2;

    public static final int COPY_MODE_DONTWAKE = 1;
    public static final int COPY_MODE_WP = 2;
    public static final int ZEROPAGE_MODE_DONTWAKE = 1;
    public static final int WRITEPROTECT_MODE_WP = 1;
    public static final int WRITEPROTECT_MODE_DONTWAKE = 2;

    public static final int EVENT_PAGEFAULT = 0x12;
    public static final long PAGEFAULT_FLAG_WRITE = 1;
    public static final long PAGEFAULT_FLAG_WP = 2;
    /** struct uffd_msg. */
    public static final int MESSAGE_SIZE = 32;

    private UserfaultAbi() {}
}
