/**
 * The Sentry: a Linux kernel in user space. Platforms, system call tables and filesystem types come in through the
 * service loader; this module knows none of them by name.
 */
module sentry.core {
    requires transitive host.linux;
    requires org.slf4j;

    // The seams: platforms, system call modules, filesystem types.
    exports sentry.core.platform;
    exports sentry.core.syscall;
    exports sentry.core.arch;
    exports sentry.core.abi;

    // What a system call module works with.
    exports sentry.core.futex;
    exports sentry.core.ipc;
    exports sentry.core.kernel;
    exports sentry.core.loader;
    exports sentry.core.log;
    exports sentry.core.memory;
    exports sentry.core.seccomp;
    exports sentry.core.signal;
    exports sentry.core.strace;
    exports sentry.core.net;
    exports sentry.core.netlink;
    exports sentry.core.socket;
    exports sentry.core.task;
    exports sentry.core.vdso;
    exports sentry.core.time;
    exports sentry.core.vfs;
    exports sentry.core.cgroup;
    exports sentry.core.wait;

    // Filesystems that others build on: upper layers, memfd, kernel-internal files.
    exports sentry.core.fs.aio;
    exports sentry.core.fs.anon;
    exports sentry.core.fs.epoll;
    exports sentry.core.fs.mqueue;
    exports sentry.core.fs.notify;
    exports sentry.core.fs.nsfs;
    exports sentry.core.fs.overlay;
    exports sentry.core.fs.pipe;
    exports sentry.core.fs.tmpfs;

    uses sentry.core.platform.PlatformProvider;
    uses sentry.core.syscall.SyscallModule;
    uses sentry.core.vfs.FilesystemType;

    provides sentry.core.vfs.FilesystemType with
            sentry.core.fs.cgroup.Cgroup2Type,
            sentry.core.fs.cgroup.CgroupType,
            sentry.core.fs.dev.DevtmpfsType,
            sentry.core.fs.devpts.DevptsType,
            sentry.core.fs.mqueue.MqueueType,
            sentry.core.fs.overlay.LayeredType,
            sentry.core.fs.proc.ProcType,
            sentry.core.fs.sys.SysfsType,
            sentry.core.fs.tmpfs.TmpfsType;
}
