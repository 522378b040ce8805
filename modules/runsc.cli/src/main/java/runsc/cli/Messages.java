package runsc.cli;

import host.linux.Errnos;

/** What errors of the host are called in messages for users. */
public final class Messages {
    private Messages() {}

    /** A few words for {@code errno}, which is positive. */
    public static String errno(int errno) {
        return switch (errno) {
            case 1 -> "operation not permitted";
            case 2 -> "no such file or directory";
            case 13 -> "permission denied";
            case 17 -> "it exists already";
            case 20 -> "not a directory";
            case 21 -> "it is a directory";
            case 24 -> "too many open files";
            case 28 -> "no space left";
            case 30 -> "read-only file system";
            case 36 -> "the name is too long";
            case 40 -> "too many symbolic links";
            default -> Errnos.name(errno);
        };
    }
}
