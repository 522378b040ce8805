package sentry.core.vfs;

import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;

/** Makes filesystems of one type for mount(2) and for the mounts of config.json; found by the service loader. */
public interface FilesystemType {
    /** The type's name, as in /proc/filesystems. */
    String name();

    /** Whether a program may mount it (given the capability); the 9P type says no: its connections are donated. */
    default boolean userMountable() {
        return true;
    }

    /** EINVAL for an option that {@link #mount} would not take; most find out only then. */
    default void check(Kernel kernel, String option) throws ErrnoException {}

    /**
     * @param source the source argument of mount(2)
     * @param data comma-separated options, never null
     */
    FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException;

    /** The same for mount(2), where what is shown may be that of the task's namespaces. */
    default FileSystem mount(Task task, String source, String data) throws ErrnoException {
        return mount(task.kernel(), source, data);
    }
}
