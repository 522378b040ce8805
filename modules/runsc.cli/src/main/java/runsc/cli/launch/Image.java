package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.io.ByteString;

/**
 * The image that we run from, as a way to start another process of it. Options of a role are in lib/runsc/ROLE.options,
 * one to a line, with @HOME@ for the image's directory. Without an image (in development) our own module path serves.
 */
final class Image {
    private static final String MAIN = "runsc.cli/runsc.cli.Main";
    private static final String[] DEVELOPMENT = {
        "--enable-native-access=host.linux,org.jnrproject.jffi", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto",
    };

    private Image() {}

    static byte[] java() {
        return ByteString.bytes(home() + "/bin/java");
    }

    /** The arguments, argv[0] included, that make java run {@code role}, with {@code flags} before it and others after. */
    static byte[][] arguments(String role, List<String> flags, String... own) {
        List<String> list = new ArrayList<>();
        list.add("runsc-" + role);
        byte[] options = FileIo.read(Files.AT_FDCWD, ByteString.bytes(home() + "/lib/runsc/" + role + ".options"));
        if (options == null) {
            for (String option : DEVELOPMENT) {
                list.add(option);
            }
        } else {
            lines(ByteString.of(options), list);
        }
        String path = System.getProperty("jdk.module.path");
        if (path != null) {
            list.add("--module-path");
            list.add(path);
        }
        list.add("-m");
        list.add(MAIN);
        list.addAll(flags);
        list.add(role);
        list.addAll(List.of(own));
        byte[][] arguments = new byte[list.size()][];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = ByteString.bytes(list.get(i));
        }
        return arguments;
    }

    private static void lines(String text, List<String> list) {
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end;
            if (to > from) {
                list.add(text.substring(from, to).replace("@HOME@", home()));
            }
            from = to + 1;
        }
    }

    private static String home() {
        return ByteString.fromText(System.getProperty("java.home"));
    }
}
