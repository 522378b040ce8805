/** The {@code runsc} command: the OCI runtime's commands, container state, and starting the Sentry and the gofer. */
module runsc.cli {
    requires com.google.gson;
    requires gofer.p9;
    requires host.linux;
    requires org.jnrproject.posix;
    requires org.slf4j;
    requires sentry.core;

    uses sentry.core.platform.PlatformProvider;
    uses sentry.core.syscall.SyscallModule;
}
