package runsc.cli.launch;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Pty;
import host.linux.UnixSockets;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/**
 * Who runs containers for others keeps the terminals: the command makes a pseudo-terminal and sends its master to a socket
 * ({@code --console-socket}), as runc does.
 */
public final class ConsoleSocket {
    private ConsoleSocket() {}

    /** Makes a terminal, raw, and sends its master to {@code path}. Returns the slave. */
    public static int open(String path) throws RunscException {
        Pty pty;
        try {
            pty = Pty.open();
        } catch (HostException e) {
            throw new RunscException("cannot make a terminal: " + e.getMessage());
        }
        int socket = -1;
        try {
            socket = UnixSockets.connect(ByteString.bytes(path));
            int r = UnixSockets.send(socket, ByteString.bytes(pty.name()), pty.master());
            if (r < 0) {
                throw new RunscException("--console-socket: cannot send the terminal: " + Messages.errno(-r));
            }
            RawTerminal.make(pty.slave());
            return pty.slave();
        } catch (HostException e) {
            Files.close(pty.slave());
            throw new RunscException("--console-socket: " + e.getMessage());
        } finally {
            if (socket >= 0) {
                Files.close(socket);
            }
            Files.close(pty.master());
        }
    }
}
