package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/** Paths as byte strings. */
public final class Paths {
    private static final byte[] CWD = "/proc/self/cwd".getBytes(StandardCharsets.US_ASCII);

    private Paths() {}

    /** Our working directory. */
    public static String workingDirectory() throws RunscException {
        byte[] cwd = FileIo.readLink(Files.AT_FDCWD, CWD);
        if (cwd == null || cwd.length == 0 || cwd[0] != '/') {
            throw new RunscException("the working directory cannot be found out");
        }
        return ByteString.of(cwd);
    }

    /** {@code path} as seen from the directory {@code base}, without needless slashes and dots. */
    public static String resolve(String base, String path) {
        return clean(path.startsWith("/") ? path : base + "/" + path);
    }

    /** Drops empty and "." components of an absolute path, and resolves ".." by the text. */
    public static String clean(String path) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (from <= path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            String part = path.substring(from, to);
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
            from = to + 1;
        }
        return "/" + String.join("/", parts);
    }
}
