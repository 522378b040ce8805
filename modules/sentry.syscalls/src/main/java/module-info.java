/** The built-in table of Linux system calls, a class for each area; it comes in by the same door as any other. */
module sentry.syscalls {
    requires sentry.core;
    requires org.slf4j;
}
