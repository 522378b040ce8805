package sentry.core.vfs;

/** Takes directory entries from {@link FileDescription#iterate}. */
@FunctionalInterface
public interface DirectorySink {
    /**
     * @param name the entry's name
     * @param ino its inode number
     * @param type a DT_ value of dirent.h
     * @param next the offset that continues behind this entry
     * @return false when the entry was not taken because there is no room; the iteration stops before it
     */
    boolean entry(String name, long ino, int type, long next);
}
