package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Processes;
import host.linux.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import runsc.cli.GlobalOptions;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/**
 * Standard output and error of one of our own processes: the debugging log when there is one, else a file in memory
 * that is looked at only when the process ends as it should not.
 */
final class RoleOutput {
    private static final int LONGEST = 400;

    private final int fd;
    private final boolean kept;

    private RoleOutput(int fd, boolean kept) {
        this.fd = fd;
        this.kept = kept;
    }

    static RoleOutput open(GlobalOptions options, String role) throws RunscException, HostException {
        if (options.debugLog() != null) {
            return new RoleOutput(logFile(options.debugLog(), role), false);
        }
        if (options.debug() || options.trace()) {
            return new RoleOutput(2, false);
        }
        return new RoleOutput(FileIo.memory("runsc-" + role), true);
    }

    private static int logFile(String directory, String role) throws RunscException {
        FileIo.makeDirectory(Files.AT_FDCWD, ByteString.bytes(directory), 0755);
        String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        String path = directory + "/runsc.log." + time + "." + Processes.pid() + "." + role + ".txt";
        int fd = FileIo.open(
                Files.AT_FDCWD, ByteString.bytes(path), Files.O_WRONLY | Files.O_CREAT | Files.O_APPEND, 0644);
        if (fd < 0) {
            throw new RunscException("cannot write " + ByteString.toText(path) + ": " + Messages.errno(-fd));
        }
        return fd;
    }

    int fd() {
        return fd;
    }

    /** The first thing that the process printed, in one line; empty when it said nothing or said it elsewhere. */
    String lastWords() {
        if (!kept) {
            return "";
        }
        Syscall.call(8, fd, 0, 0); // lseek to the start
        byte[] all = FileIo.readAll(fd);
        String text = all == null ? "" : new String(all, StandardCharsets.UTF_8).strip();
        int end = text.indexOf('\n');
        String line = end < 0 ? text : text.substring(0, end);
        return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
    }
}
