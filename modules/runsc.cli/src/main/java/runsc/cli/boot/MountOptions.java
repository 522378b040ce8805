package runsc.cli.boot;

import java.util.List;
import sentry.core.abi.MountFlags;

/**
 * A mount's options as mount(8) writes them, split into flags of mount(2) and data for the filesystem.
 *
 * @param flags MS_ flags
 * @param data what is left, comma-separated
 */
record MountOptions(int flags, String data) {
    static MountOptions of(List<String> options) {
        int flags = 0;
        StringBuilder data = new StringBuilder();
        for (String option : options) {
            switch (option) {
                case "ro" -> flags |= MountFlags.MS_RDONLY;
                case "rw" -> flags &= ~MountFlags.MS_RDONLY;
                case "nosuid" -> flags |= MountFlags.MS_NOSUID;
                case "suid" -> flags &= ~MountFlags.MS_NOSUID;
                case "nodev" -> flags |= MountFlags.MS_NODEV;
                case "dev" -> flags &= ~MountFlags.MS_NODEV;
                case "noexec" -> flags |= MountFlags.MS_NOEXEC;
                case "exec" -> flags &= ~MountFlags.MS_NOEXEC;
                case "sync" -> flags |= MountFlags.MS_SYNCHRONOUS;
                case "async" -> flags &= ~MountFlags.MS_SYNCHRONOUS;
                case "dirsync" -> flags |= MountFlags.MS_DIRSYNC;
                case "noatime" -> flags |= MountFlags.MS_NOATIME;
                case "atime" -> flags &= ~MountFlags.MS_NOATIME;
                case "nodiratime" -> flags |= MountFlags.MS_NODIRATIME;
                case "diratime" -> flags &= ~MountFlags.MS_NODIRATIME;
                case "relatime" -> flags |= MountFlags.MS_RELATIME;
                case "norelatime" -> flags &= ~MountFlags.MS_RELATIME;
                case "strictatime" -> flags |= MountFlags.MS_STRICTATIME;
                case "nostrictatime" -> flags &= ~MountFlags.MS_STRICTATIME;
                // Binding is the connection that the mount came with; propagation has nobody to go to.
                case "bind", "rbind", "defaults", "private", "rprivate", "slave", "rslave", "shared", "rshared" -> {}
                default -> data.append(data.isEmpty() ? "" : ",").append(option);
            }
        }
        return new MountOptions(flags, data.toString());
    }
}
