package sentry.core.fs.sys;

import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.Inode;

/** One instance of sysfs. */
final class SysFileSystem extends PseudoFileSystem {
    private static final long SYSFS_MAGIC = 0x62656572;
    private static final String[] TOP = {"block", "bus", "class", "dev", "devices", "firmware", "fs", "kernel", "module"};

    private final PseudoDirectory root;

    SysFileSystem(Kernel kernel) {
        super("sysfs", SYSFS_MAGIC);
        root = new PseudoDirectory(this, 0555);
        int cpus = kernel.host() == null ? 1 : kernel.host().cpus();
        for (String name : TOP) {
            PseudoDirectory directory = root.directory(name);
            if (name.equals("devices")) {
                cpus(directory.directory("system").directory("cpu"), cpus);
            } else if (name.equals("fs")) {
                directory.directory("cgroup"); // where cgroup filesystems are mounted, empty
            }
        }
    }

    private void cpus(PseudoDirectory directory, int count) {
        for (String name : new String[] {"online", "possible", "present"}) {
            directory.add(name, new CpuFile(this, CpuFile.Kind.LIST, count));
        }
        directory.add("offline", new CpuFile(this, CpuFile.Kind.NONE, count));
        directory.add("kernel_max", new CpuFile(this, CpuFile.Kind.LAST, count));
        for (int i = 0; i < count; i++) {
            PseudoDirectory topology = directory.directory("cpu" + i).directory("topology");
            topology.add("core_id", new CpuFile(this, CpuFile.Kind.NUMBER, i));
            topology.add("physical_package_id", new CpuFile(this, CpuFile.Kind.NUMBER, 0));
            topology.add("thread_siblings_list", new CpuFile(this, CpuFile.Kind.NUMBER, i));
            topology.add("core_siblings_list", new CpuFile(this, CpuFile.Kind.LIST, count));
        }
    }

    @Override
    public Inode root() {
        return root;
    }
}
