/** The built-in Linux system call table; comes into the kernel by the same door as anybody's module. */
module sentry.syscalls {
    requires sentry.core;

    provides sentry.core.syscall.SyscallModule with
            sentry.syscalls.LinuxSyscalls;
}
