package sentry.core.kernel;

import java.util.List;
import sentry.core.vfs.FilesystemType;

/** The filesystem types that the service loader finds, loaded at the first question. Thread-safe. */
public final class FilesystemTypes {
    private List<FilesystemType> types;

    public FilesystemTypes() {}

    /** All types; a later provider's comes before an earlier one's of the same name in {@link #find}. */
    public synchronized List<FilesystemType> all() {
        if (types == null) {
            types = Extensions.filesystemTypes();
        }
        return types;
    }

    /** The type called {@code name}, or null. */
    public FilesystemType find(String name) {
        FilesystemType result = null;
        for (FilesystemType t : all()) {
            if (t.name().equals(name)) {
                result = t;
            }
        }
        return result;
    }
}
