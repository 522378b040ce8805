package sentry.core.fs.overlay;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** Overlays that programs mount: {@code lowerdir=A:B,upperdir=U,workdir=W} (Linux's overlayfs documentation). */
public final class LayeredType implements FilesystemType {
    public LayeredType() {}

    @Override
    public String name() {
        return "overlay";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        Task task = Kernel.current();
        if (task == null) {
            throw Errno.EINVAL.error(); // the paths are a task's
        }
        String lower = null;
        String upper = null;
        String work = null;
        for (String option : split(data, ',')) {
            int equals = option.indexOf('=');
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (equals < 0 ? option : option.substring(0, equals)) {
                case "" -> {}
                case "lowerdir" -> lower = value;
                case "upperdir" -> upper = value;
                case "workdir" -> work = value;
                case "userxattr", "volatile" -> {}
                // What they ask for is what there is: no redirected directories, no index, no metadata copied alone.
                case "redirect_dir", "index", "metacopy", "xino", "nfs_export" -> {
                    if (!value.equals("off") && !value.equals("nofollow") && !value.equals("auto")) {
                        throw Errno.EINVAL.error();
                    }
                }
                default -> throw Errno.EINVAL.error();
            }
        }
        if (lower == null || lower.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        List<VfsPath> lowers = new ArrayList<>();
        VfsPath top = upper == null ? null : directory(task, upper);
        if (upper != null) {
            if (work == null) {
                throw Errno.EINVAL.error();
            }
            VfsPath w = directory(task, work);
            boolean nested = w.dentry().contains(top.dentry()) || top.dentry().contains(w.dentry());
            if (w.mount() != top.mount() || nested) {
                throw Errno.EINVAL.error();
            }
        }
        for (String one : split(lower, ':')) {
            lowers.add(directory(task, one));
        }
        if (upper == null && lowers.size() < 2) {
            throw Errno.EINVAL.error();
        }
        return new LayeredFileSystem(top, lowers, data);
    }

    private static VfsPath directory(Task task, String path) throws ErrnoException {
        return PathWalk.of(task).resolve(task.fs().cwd(), path, PathWalk.FOLLOW | PathWalk.DIRECTORY).path();
    }

    /** The parts between {@code separator}; a backslash takes its meaning from it. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                part.append(text.charAt(++i));
            } else if (c == separator) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
