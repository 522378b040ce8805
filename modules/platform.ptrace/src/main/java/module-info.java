/** Runs programs under ptrace(2): any Linux host can, no privilege or device is needed. */
module platform.ptrace {
    requires sentry.core;
    requires host.linux;

    provides sentry.core.platform.PlatformProvider with
            platform.ptrace.PtracePlatformProvider;
}
