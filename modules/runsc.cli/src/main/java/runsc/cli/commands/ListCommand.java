package runsc.cli.commands;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;
import runsc.cli.io.Output;
import runsc.cli.posix.Users;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc list}. */
public final class ListCommand implements Command {
    private static final int GAP = 4;

    @Override
    public Help help() {
        return new Help(
                "list",
                "",
                "List containers.",
                "Lists the containers whose state is under --root, those of 'runsc do' included.",
                "runsc list",
                "a table",
                "runsc list -q",
                "the ids alone");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("format", "table|json", "table", "How to print it.").or('f'),
            Flag.toggle("quiet", "Print ids only.").or('q'),
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        invocation.noArguments();
        String format = invocation.flags().get("format");
        if (!format.equals("table") && !format.equals("json")) {
            throw new RunscException("--format is table or json, not " + format);
        }
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            List<ContainerState> states = root.list();
            if (invocation.flags().isSet("quiet")) {
                StringBuilder s = new StringBuilder();
                for (ContainerState c : states) {
                    s.append(c.id()).append('\n');
                }
                Output.print(s);
            } else {
                Output.print(format.equals("json") ? json(states) : table(states));
            }
            return 0;
        }
    }

    private static String table(List<ContainerState> states) {
        String[][] rows = new String[states.size() + 1][];
        rows[0] = new String[] {"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"};
        int lastUser = -1;
        String name = "";
        for (int i = 0; i < states.size(); i++) {
            ContainerState c = states.get(i);
            if (i == 0 || c.owner() != lastUser) {
                lastUser = c.owner();
                name = owner(lastUser);
            }
            Status now = c.current();
            String pid = now == Status.STOPPED ? "0" : Integer.toString(c.sentry().pid());
            String bundle = c.bundle().isEmpty() ? "-" : ByteString.toText(c.bundle());
            rows[i + 1] = new String[] {c.id(), pid, now.text(), bundle, c.created(), name};
        }
        int[] widths = new int[rows[0].length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length() + GAP);
            }
        }
        StringBuilder s = new StringBuilder();
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                s.append(row[i]).append(" ".repeat(i + 1 < row.length ? widths[i] - row[i].length() : 0));
            }
            s.append('\n');
        }
        return s.toString();
    }

    private static String owner(int uid) {
        try {
            return Users.nameOf(uid);
        } catch (LinkageError e) { // no native library beside us: not run from an image
            return Integer.toUnsignedString(uid);
        }
    }

    private static String json(List<ContainerState> states) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginArray();
            for (ContainerState c : states) {
                json.beginObject();
                c.write(json, c.current());
                json.endObject();
            }
            json.endArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text + "\n";
    }
}
