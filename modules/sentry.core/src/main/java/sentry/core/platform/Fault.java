package sentry.core.platform;

/** A processor exception, in the terms of siginfo_t. One object per context, overwritten by each fault. */
public final class Fault {
    public static final int READ = AddressSpace.READ;
    public static final int WRITE = AddressSpace.WRITE;
    public static final int EXECUTE = AddressSpace.EXECUTE;

    /** SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGTRAP. */
    public int signal;

    /** si_code as Linux would give it, as far as the platform can tell. */
    public int code;

    /** si_addr. */
    public long address;

    /** READ, WRITE or EXECUTE for a memory fault (a guess unless {@link PlatformTraits#exactFaultAccess}), else 0. */
    public int access;

    /** The processor's trap number, for the signal frame (14 page fault, 13 general protection, ...). */
    public int trap;

    /** Of a debug exception: the breakpoints that were hit, bit 0 for DR0 and so on. */
    public int breakpoints;

    /** The processor's error code, for the signal frame. */
    public long error;
}
