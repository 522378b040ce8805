package sentry.core.signal;

/**
 * One signal with its siginfo (sigaction(2)). Immutable. Which of the fields count depends on {@code signo} and
 * {@code code}, as in Linux.
 *
 * @param signo 1 to 64
 * @param code si_code
 * @param pid si_pid, or the timer id for SI_TIMER
 * @param uid si_uid, or the overrun count for SI_TIMER
 * @param status si_status
 * @param address si_addr, or si_value for queued signals
 * @param utime si_utime in clock ticks
 * @param stime si_stime in clock ticks
 * @param raw what a program handed to rt_sigqueueinfo(2), of which every byte arrives; null for all other signals
 */
public record SignalInfo(
        int signo, int code, int pid, int uid, int status, long address, long utime, long stime, byte[] raw) {
    public static final int SI_USER = 0;
    public static final int SI_KERNEL = 0x80;
    public static final int SI_QUEUE = -1;
    public static final int SI_TIMER = -2;
    public static final int SI_MESGQ = -3;
    public static final int SI_TKILL = -6;

    public SignalInfo(int signo, int code, int pid, int uid, int status, long address, long utime, long stime) {
        this(signo, code, pid, uid, status, address, utime, stime, null);
    }

    /** From kill(2). */
    public static SignalInfo user(int signo, int pid, int uid) {
        return new SignalInfo(signo, SI_USER, pid, uid, 0, 0, 0, 0);
    }

    /** From tkill(2) and tgkill(2). */
    public static SignalInfo tkill(int signo, int pid, int uid) {
        return new SignalInfo(signo, SI_TKILL, pid, uid, 0, 0, 0, 0);
    }

    /** From the kernel itself. */
    public static SignalInfo kernel(int signo) {
        return new SignalInfo(signo, SI_KERNEL, 0, 0, 0, 0, 0, 0);
    }

    /** A file is ready (F_SETSIG): {@code code} is a POLL_ code, {@code band} the poll(2) events. */
    public static SignalInfo poll(int signo, int code, int fd, long band) {
        return new SignalInfo(signo, code, 0, 0, fd, band, 0, 0);
    }

    /** A processor exception at {@code address}. */
    public static SignalInfo fault(int signo, int code, long address) {
        return new SignalInfo(signo, code, 0, 0, 0, address, 0, 0);
    }

    /** The same as signal {@code number}. */
    public SignalInfo withNumber(int number) {
        return number == signo ? this : new SignalInfo(number, code, pid, uid, status, address, utime, stime, raw);
    }
}
