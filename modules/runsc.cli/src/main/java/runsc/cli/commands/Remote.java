package runsc.cli.commands;

import java.io.IOException;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.io.ByteString;
import runsc.cli.io.WireWriter;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;

/** Asks the Sentry of a container for something. */
final class Remote {
    private Remote() {}

    /** Sends one request and returns the answer, which is not FAILED. */
    static Frame call(StateRoot root, ContainerState state, MessageType request, WireWriter payload)
            throws RunscException {
        Channel channel = root.connect(state.id());
        if (channel == null) {
            throw new RunscException("the sandbox of " + state.id() + " does not answer");
        }
        try {
            channel.send(request, payload);
            Frame answer = channel.receive(Channel.SMALL);
            if (answer == null) {
                throw new RunscException("the sandbox of " + state.id() + " ended before it answered");
            }
            if (answer.type() == MessageType.FAILED) {
                throw new RunscException(ByteString.toText(String.valueOf(answer.reader().string())));
            }
            return answer;
        } catch (IOException e) {
            throw new RunscException("the sandbox of " + state.id() + ": " + e.getMessage());
        } finally {
            channel.close();
        }
    }
}
