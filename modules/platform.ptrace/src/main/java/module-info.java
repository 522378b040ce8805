/** Runs programs as ptrace(2) tracees of the Sentry. */
module platform.ptrace {
    requires sentry.core;
    requires host.linux;
    requires org.slf4j;
}
