package runsc.cli.boot;

import java.io.IOException;
import java.util.Arrays;
import runsc.cli.launch.SandboxConfig;

/**
 * The descriptors that came with the configuration.
 *
 * @param stdio the program's standard input, output and error, and what it has besides; -1 where it has none
 * @param listener the control socket
 * @param lifeline its other end closes when the gofer dies
 * @param exitFile where the exit code goes, or -1
 * @param trees 9P connection for the root and for each bind mount in order, each followed by the file for its overlay if it
 *     has one in a file
 */
record Descriptors(int[] stdio, int listener, int lifeline, int exitFile, int[] trees) {
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
        int[] trees = Arrays.copyOfRange(received, at, received.length);
        return new Descriptors(stdio, listener, lifeline, exitFile, trees);
    }
}
