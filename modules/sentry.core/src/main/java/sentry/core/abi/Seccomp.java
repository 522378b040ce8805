package sentry.core.abi;

/** Operations, flags and actions of seccomp(2) (linux/seccomp.h). */
public final class Seccomp {
    public static final int MODE_DISABLED = 0;
    public static final int MODE_STRICT = 1;
    public static final int MODE_FILTER = 2;

    public static final int SET_MODE_STRICT = 0;
    public static final int SET_MODE_FILTER = 1;
    public static final int GET_ACTION_AVAIL = 2;
    public static final int GET_NOTIF_SIZES = 3;

    public static final int FLAG_TSYNC = 1;
    public static final int FLAG_LOG = 2;
    public static final int FLAG_SPEC_ALLOW = 4;
    public static final int FLAG_NEW_LISTENER = 8;
    public static final int FLAG_TSYNC_ESRCH = 16;
    public static final int FLAG_WAIT_KILLABLE_RECV = 32;
    public static final int FLAG_MASK = 63;

    public static final int RET_KILL_PROCESS = 0x80000000;
    public static final int RET_KILL_THREAD = 0;
    public static final int RET_TRAP = 0x00030000;
    public static final int RET_ERRNO = 0x00050000;
    public static final int RET_USER_NOTIF = 0x7fc00000;
    public static final int RET_TRACE = 0x7ff00000;
    public static final int RET_LOG = 0x7ffc0000;
    public static final int RET_ALLOW = 0x7fff0000;
    public static final int RET_ACTION_FULL = 0xffff0000;
    public static final int RET_DATA = 0x0000ffff;

    /** sizeof of struct seccomp_data, seccomp_notif, seccomp_notif_resp, seccomp_notif_addfd. */
    public static final int DATA_SIZE = 64;

    public static final int NOTIF_SIZE = 80;
    public static final int RESP_SIZE = 24;
    public static final int ADDFD_SIZE = 24;

    public static final int IOCTL_NOTIF_RECV = 0xc0502100;
    public static final int IOCTL_NOTIF_SEND = 0xc0182101;
    public static final int IOCTL_NOTIF_ID_VALID = 0x40082102;
    public static final int IOCTL_NOTIF_ID_VALID_WRONG_DIR = 0x80082102;
    public static final int IOCTL_NOTIF_ADDFD = 0x40182103;

    public static final int NOTIF_FLAG_CONTINUE = 1;
    public static final int ADDFD_FLAG_SETFD = 1;
    public static final int ADDFD_FLAG_SEND = 2;

    /** si_code of SIGSYS. */
    public static final int SYS_SECCOMP = 1;

    private Seccomp() {}
}
