/**
 * The Sentry: a Linux kernel in user space. Platforms, system call tables and filesystem types come in through the
 * service loader; this module knows none of them by name.
 */
module sentry.core {
    requires transitive host.linux;
    requires org.slf4j;

    // The seams.
    exports sentry.core.platform;
    exports sentry.core.arch;
    exports sentry.core.abi;

    uses sentry.core.platform.PlatformProvider;
}
