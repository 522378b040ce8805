package sentry.core.fs.cgroup;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.cgroup.Cgroups;
import sentry.core.cgroup.Controller;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** The type "cgroup": version 1, a hierarchy for each set of controllers. */
public final class CgroupType implements FilesystemType {
    public CgroupType() {}

    @Override
    public String name() {
        return "cgroup";
    }

    /**
     * The options are names of controllers, "all" (so also without any), "none" and "name=...".
     *
     * @throws ErrnoException EBUSY when another hierarchy has one of the controllers
     */
    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        int controllers = 0;
        boolean none = false;
        String name = null;
        for (String option : data.split(",")) {
            Controller c = Controller.old(option);
            if (c != null) {
                controllers |= c.bit();
            } else if (option.startsWith("name=") && option.length() > 5) {
                name = option;
            } else if (option.equals("none")) {
                none = true;
            } else if (option.equals("all")) {
                controllers = all();
            } else if (!option.isEmpty() && !option.equals("noprefix") && !option.equals("clone_children") && !option.equals("xattr")) {
                throw Errno.EINVAL.error();
            }
        }
        if (none && (controllers != 0 || name == null)) {
            throw Errno.EINVAL.error();
        }
        if (controllers == 0 && name == null) {
            controllers = all();
        }
        StringBuilder label = new StringBuilder();
        Cgroups cgroups = kernel.cgroups();
        boolean taken = false;
        for (Controller c : Controller.values()) {
            if ((controllers & c.bit()) != 0) {
                label.append(label.isEmpty() ? "" : ",").append(c.oldText());
                taken |= cgroups.oldWith(c) != null;
            }
        }
        if (name != null) {
            label.append(label.isEmpty() ? "" : ",").append(name);
        }
        String text = label.toString();
        if (taken && cgroups.trees().stream().noneMatch(t -> t.label().equals(text))) {
            throw Errno.EBUSY.error();
        }
        return CgroupFileSystem.of(cgroups.old(controllers, text));
    }

    private static int all() {
        int bits = 0;
        for (Controller c : Controller.values()) {
            bits |= c.bit();
        }
        return bits;
    }
}
