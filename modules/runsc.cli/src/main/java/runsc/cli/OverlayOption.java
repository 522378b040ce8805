package runsc.cli;

/**
 * Where writes to the root, or to the bind mounts too, are kept so that the trees themselves stay as they are:
 * {@code none}, or {@code WHAT:MEDIUM[,size=BYTES]}.
 *
 * @param mounts whether bind mounts have one as well
 * @param medium what holds the content of files; names and attributes are always in memory
 * @param directory for {@link Medium#DIRECTORY}: an absolute path, a byte string
 * @param size most bytes of content for each tree, or 0 for no limit
 */
public record OverlayOption(boolean mounts, Medium medium, String directory, long size) {
    /** What holds the content of files. */
    public enum Medium {
        /** There is no overlay. */
        NONE,
        MEMORY,
        /** A file without a name on the file system of the tree itself. */
        SELF,
        /** Such a file in a given directory. */
        DIRECTORY
    }

    public static final OverlayOption NONE = new OverlayOption(false, Medium.NONE, null, 0);
    /** What {@code do} has when nothing is said. */
    public static final OverlayOption ROOT_MEMORY = new OverlayOption(false, Medium.MEMORY, null, 0);

    public boolean isNone() {
        return medium == Medium.NONE;
    }

    static OverlayOption parse(String text) throws RunscException {
        if (text == null || text.equals("none")) {
            return NONE;
        }
        int colon = text.indexOf(':');
        String what = colon < 0 ? text : text.substring(0, colon);
        String where = text.substring(colon + 1);
        long size = 0;
        int comma = where.indexOf(",size=");
        if (comma >= 0) {
            size = bytes(text, where.substring(comma + 6));
            where = where.substring(0, comma);
        }
        if (colon < 0 || !what.equals("root") && !what.equals("all")) {
            throw malformed(text);
        }
        boolean mounts = what.equals("all");
        if (where.equals("memory")) {
            return new OverlayOption(mounts, Medium.MEMORY, null, size);
        }
        if (where.equals("self")) {
            return new OverlayOption(mounts, Medium.SELF, null, size);
        }
        if (where.startsWith("dir=/")) {
            return new OverlayOption(mounts, Medium.DIRECTORY, where.substring(4), size);
        }
        throw malformed(text);
    }

    /** A number with k, m or g behind it. */
    private static long bytes(String text, String number) throws RunscException {
        int end = number.length();
        int shift = end == 0 ? 0 : switch (number.charAt(end - 1)) {
            case 'k', 'K' -> 10;
            case 'm', 'M' -> 20;
            case 'g', 'G' -> 30;
            default -> 0;
        };
        try {
            long value = Long.parseLong(number.substring(0, shift == 0 ? end : end - 1));
            if (value > 0 && value <= Long.MAX_VALUE >> shift) {
                return value << shift;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw malformed(text);
    }

    private static RunscException malformed(String text) {
        return new RunscException("--overlay2 is none or root|all:memory|self|dir=/PATH[,size=BYTES], not " + text);
    }
}
