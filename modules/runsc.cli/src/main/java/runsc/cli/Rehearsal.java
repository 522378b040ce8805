package runsc.cli;

import host.linux.FileIo;
import host.linux.Files;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.io.ByteString;
import runsc.cli.io.Output;

/**
 * Runs further commands in the process that trains the command's AOT cache, so that the cache knows them too. The file
 * that the system property {@code runsc.train.commands} names has one command to a line, its words parted by single
 * spaces. Only the image's build sets the property.
 */
final class Rehearsal {
    private Rehearsal() {}

    /** Runs them all; returns 0, or the exit code of the first that fails. */
    static int run() {
        String file = System.getProperty("runsc.train.commands");
        byte[] text = file == null ? null : FileIo.read(Files.AT_FDCWD, ByteString.bytes(file));
        if (text == null) {
            return 0;
        }
        List<String> words = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == ' ' || text[i] == '\n') {
                words.add(ByteString.of(text).substring(from, i));
                from = i + 1;
            }
            if (text[i] == '\n') {
                int code = Main.run(List.copyOf(words));
                if (code != 0) {
                    Output.error("training: exit code " + code + " of " + words);
                    return code;
                }
                words.clear();
            }
        }
        return 0;
    }
}
