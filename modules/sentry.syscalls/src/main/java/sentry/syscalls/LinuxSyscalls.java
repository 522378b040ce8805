package sentry.syscalls;

import sentry.core.arch.Arch;
import sentry.core.syscall.SyscallModule;
import sentry.core.syscall.SyscallTable;

/** The built-in table: Linux's system calls, an area per class. */
public final class LinuxSyscalls implements SyscallModule {
    public LinuxSyscalls() {}

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public int order() {
        return 0;
    }

    @Override
    public void install(Arch arch, SyscallTable.Builder table) {
        if (arch != Arch.AMD64) {
            return;
        }
        AdministrationSyscalls.install(table); // before those that have more
        SignalSyscalls.install(table);
        SystemSyscalls.install(table);
        MembarrierSyscall.install(table);
        FileSyscalls.install(table);
        OpenSyscalls.install(table);
        StatSyscalls.install(table);
        DescriptorSyscalls.install(table);
        DirectorySyscalls.install(table);
        PathSyscalls.install(table);
        AttributeSyscalls.install(table);
        FcntlSyscalls.install(table);
        IoctlSyscalls.install(table);
        PipeSyscalls.install(table);
        SocketSyscalls.install(table);
        CopySyscalls.install(table);
        XattrSyscalls.install(table);
        MountSyscalls.install(table);
        MountTreeSyscalls.install(table);
        HandleSyscalls.install(table);
        PollSyscalls.install(table);
        EpollSyscalls.install(table);
        EventSyscalls.install(table);
        SyncSyscalls.install(table);
        InotifySyscalls.install(table);
        AioSyscalls.install(table);
        TaskSyscalls.install(table);
        NamespaceSyscalls.install(table);
        CompareSyscalls.install(table);
        CredentialSyscalls.install(table);
        ResourceSyscalls.install(table);
        SchedulingSyscalls.install(table);
        FutexSyscalls.install(table);
        ProcessSyscalls.install(table);
        TimeSyscalls.install(table);
        TimerSyscalls.install(table);
        AdjtimeSyscalls.install(table);
        WaitSyscalls.install(table);
        PidfdSyscalls.install(table);
        MemorySyscalls.install(table);
        ProcessMemorySyscalls.install(table);
        PtraceSyscalls.install(table);
        SeccompSyscalls.install(table);
        ExecSyscalls.install(table);
        PolicySyscalls.install(table);
        ShmSyscalls.install(table);
        SemaphoreSyscalls.install(table);
        MessageQueueSyscalls.install(table);
        PosixQueueSyscalls.install(table);
    }
}
