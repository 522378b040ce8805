/** An example of a system call module: add calls of your own, wrap those that are there. See docs/extending.md. */
module example.syscalls {
    requires sentry.core;

    provides sentry.core.syscall.SyscallModule with
            example.syscalls.ExampleModule;
}
