package runsc.cli;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.io.ByteString;

/**
 * Our own arguments and environment as the bytes that execve(2) was given. The virtual machine's own view of both is
 * decoded by the locale, which loses bytes.
 */
public final class Environment {
    private static final byte[] COMMAND_LINE = "/proc/self/cmdline".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ENVIRONMENT = "/proc/self/environ".getBytes(StandardCharsets.US_ASCII);

    private Environment() {}

    /** The arguments of {@code main}, undecoded. */
    public static List<String> arguments(String[] decoded) {
        List<String> all = strings(COMMAND_LINE);
        if (all.size() < decoded.length) { // no /proc: better the decoded ones than none
            List<String> list = new ArrayList<>();
            for (String s : decoded) {
                list.add(ByteString.fromText(s));
            }
            return list;
        }
        return all.subList(all.size() - decoded.length, all.size());
    }

    /** Our environment as "NAME=value" byte strings. */
    public static List<String> variables() {
        return strings(ENVIRONMENT);
    }

    /** The value of {@code name} in {@code variables}, or null. */
    public static String get(List<String> variables, String name) {
        for (String v : variables) {
            if (v.length() > name.length() && v.charAt(name.length()) == '=' && v.startsWith(name)) {
                return v.substring(name.length() + 1);
            }
        }
        return null;
    }

    private static List<String> strings(byte[] file) {
        List<String> list = new ArrayList<>();
        byte[] bytes = FileIo.read(Files.AT_FDCWD, file);
        if (bytes == null) {
            return list;
        }
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                list.add(new String(bytes, from, i - from, StandardCharsets.ISO_8859_1));
                from = i + 1;
            }
        }
        return list;
    }
}
