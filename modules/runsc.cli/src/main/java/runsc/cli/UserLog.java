package runsc.cli;

import com.google.gson.stream.JsonWriter;
import host.linux.FileIo;
import host.linux.Files;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import runsc.cli.io.ByteString;
import runsc.cli.io.Output;
import runsc.cli.state.Timestamp;

/**
 * Messages for whoever called us: errors go to standard error and to {@code --log}, warnings to {@code --log} (and to
 * standard error with {@code --debug}). containerd reads the JSON form. This is not the Sentry's debugging log.
 */
public final class UserLog {
    private UserLog() {}

    /** {@code options} may be null: the flags themselves may be what is wrong. */
    public static void error(GlobalOptions options, String message) {
        Output.error("runsc: " + message);
        append(options, "error", message);
    }

    public static void warn(GlobalOptions options, String message) {
        if (options != null && options.debug()) {
            Output.error("runsc: warning: " + message);
        }
        append(options, "warning", message);
    }

    private static void append(GlobalOptions options, String level, String message) {
        if (options == null || options.log() == null) {
            return;
        }
        String line = options.jsonLog()
                ? json(level, message)
                : "time=\"" + Timestamp.now() + "\" level=" + level + " msg=\"" + message.replace("\"", "\\\"") + "\"";
        byte[] path = ByteString.bytes(options.log());
        int fd = FileIo.open(Files.AT_FDCWD, path, Files.O_WRONLY | Files.O_CREAT | Files.O_APPEND, 0644);
        if (fd < 0) {
            Output.error("runsc: cannot write to the log " + ByteString.toText(options.log()));
            return;
        }
        FileIo.write(fd, (line + "\n").getBytes(StandardCharsets.UTF_8));
        Files.close(fd);
    }

    static String json(String level, String message) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            json.name("level").value(level);
            json.name("msg").value(message);
            json.name("time").value(Timestamp.now());
            json.endObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text.toString();
    }
}
