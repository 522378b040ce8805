package host.linux;

import java.lang.foreign.Arena;

/** Takes a process's file system away: all that it sees from then on is an empty directory that cannot be written. */
public final class EmptyRoot {
    private static final int CLONE_NEWNS = 0x20000;
    private static final int CLONE_NEWUSER = 0x10000000;

    private static final int SYS_CHDIR = 80;
    private static final int SYS_PIVOT_ROOT = 155;
    private static final int SYS_MOUNT = 165;
    private static final int SYS_UMOUNT2 = 166;
    private static final int SYS_SETNS = 308;

    private static final int MS_READ_ONLY_AND_DEAD = 1 | 2 | 4 | 8; // ro, nosuid, nodev, noexec
    private static final int MNT_DETACH = 2;

    private EmptyRoot() {}

    /**
     * Empties the mount namespace of a process: every process in it whose root or working directory is the namespace's root
     * gets the empty one. What it has open or mapped stays.
     *
     * <p>Done from outside, by a child of ours in that namespace, so that the process itself never needs a capability.
     *
     * @param pidfd a descriptor for a process that was started in a mount namespace of its own
     * @param ownsUser whether it was started in a user namespace of its own, too
     * @throws HostException EINVAL when the root directory is no mount point, or is the initial file system: then there is
     *     nothing that could be put in its place
     */
    public static void give(int pidfd, boolean ownsUser) throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            ChildCalls calls = new ChildCalls(arena);
            calls.add("setns", SYS_SETNS, pidfd, CLONE_NEWNS | (ownsUser ? CLONE_NEWUSER : 0));
            // On /proc because every root has that. The old root ends up on the new one, and off it comes.
            long type = calls.string("tmpfs");
            calls.add("mount(tmpfs)", SYS_MOUNT, type, calls.string("/proc"), type, MS_READ_ONLY_AND_DEAD, 0);
            calls.add("chdir", SYS_CHDIR, calls.string("/proc"));
            long here = calls.string(".");
            calls.add("pivot_root", SYS_PIVOT_ROOT, here, here);
            calls.add("umount", SYS_UMOUNT2, here, MNT_DETACH);
            calls.addExit();
            Spawn.Child child = calls.run(0);
            Processes.reap(child.pid());
            Files.close(child.pidfd());
        }
    }
}
