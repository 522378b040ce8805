package runsc.cli.boot;

import java.io.IOException;
import runsc.cli.launch.SandboxConfig;

/**
 * The descriptors that came with the configuration.
 *
 * @param stdio the program's standard input, output and error, and what it has besides; -1 where it has none
 * @param listener the control socket
 * @param lifeline its other end closes when the gofer dies
 * @param exitFile where the exit code goes, or -1
 * @param root 9P connection for the root
 * @param binds 9P connections for the bind mounts, in order
 */
record Descriptors(int[] stdio, int listener, int lifeline, int exitFile, int root, int[] binds) {
    static Descriptors of(SandboxConfig config, int[] received) throws IOException {
        if (received.length != config.descriptorCount()) {
            throw new IOException("malformed message: " + received.length + " descriptors");
        }
        int at = 0;
        int[] stdio = new int[config.stdio().length];
        for (int i = 0; i < stdio.length; i++) {
            stdio[i] = config.stdio()[i] ? received[at++] : -1;
        }
        int listener = received[at++];
        int lifeline = received[at++];
        int exitFile = config.hasExitFile() ? received[at++] : -1;
        int root = received[at++];
        int[] binds = new int[received.length - at];
        System.arraycopy(received, at, binds, 0, binds.length);
        return new Descriptors(stdio, listener, lifeline, exitFile, root, binds);
    }
}
