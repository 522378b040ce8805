package runsc.cli.commands;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;

/** {@code --pid-file}. */
final class PidFile {
    static final Flag FLAG =
            Flag.value("pid-file", "FILE", null, "Write the pid of the host's process that stands for the program.");

    private PidFile() {}

    /** Writes {@code pid} to {@code file}, if there is one. */
    static void write(String file, int pid) throws RunscException {
        if (file == null) {
            return;
        }
        int fd = FileIo.open(
                Files.AT_FDCWD, ByteString.bytes(file), Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC, 0644);
        int r = fd < 0 ? fd : FileIo.write(fd, Integer.toString(pid).getBytes(StandardCharsets.US_ASCII));
        if (fd >= 0) {
            Files.close(fd);
        }
        if (r < 0) {
            throw new RunscException("cannot write " + ByteString.toText(file) + ": " + Messages.errno(-r));
        }
    }
}
