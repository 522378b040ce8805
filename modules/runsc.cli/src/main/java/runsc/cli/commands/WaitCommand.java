package runsc.cli.commands;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.io.Output;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc wait ID}. */
public final class WaitCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "wait",
                "ID",
                "Wait until a container's program has ended.",
                """
                Waits for the end of the container's program and prints its exit code as JSON:
                {"id":"one","exitStatus":0}. Returns 0 itself.""",
                "runsc wait one",
                "waits for the container one");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.onlyArgument("container"));
            int code;
            if (state.current() == Status.STOPPED) {
                code = root.exitCode(state.id());
                if (code < 0) {
                    throw new RunscException("container " + state.id() + " was killed from outside:"
                            + " it left no exit code");
                }
            } else {
                code = Remote.call(root, state, MessageType.WAIT, null).reader().u32();
            }
            StringWriter text = new StringWriter();
            new JsonWriter(text).beginObject().name("id").value(state.id()).name("exitStatus").value(code).endObject()
                    .flush();
            Output.print(text + "\n");
            return 0;
        } catch (IOException e) {
            throw new RunscException("wait: " + e.getMessage());
        }
    }
}
