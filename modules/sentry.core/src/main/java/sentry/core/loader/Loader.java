package sentry.core.loader;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.ExecCredentials;
import sentry.core.task.ExecImage;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** Builds a program's first memory image. */
public final class Loader {
    private Loader() {}

    /**
     * Loads {@code file} into a new address space, ready to start.
     *
     * @param task who executes it; its limits, its root for interpreters
     * @param path as given to execve(2): AT_EXECFN, and what a script's interpreter gets as an argument
     */
    public static ExecImage load(
            Task task, FileDescription file, String path, List<String> argv, List<String> envp, ExecCredentials who)
            throws ErrnoException {
        throw Errno.ENOEXEC.error();
    }
}
