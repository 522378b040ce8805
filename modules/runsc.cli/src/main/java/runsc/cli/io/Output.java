package runsc.cli.io;

import host.linux.FileIo;
import java.nio.charset.StandardCharsets;

/** The standard streams of the command itself, without {@link System#out} and its charset and buffers. */
public final class Output {
    private Output() {}

    /** Writes text to standard output. A reader that went away is no error. */
    public static void print(CharSequence text) {
        FileIo.write(1, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a line of text to standard error. */
    public static void error(String line) {
        FileIo.write(2, (line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
