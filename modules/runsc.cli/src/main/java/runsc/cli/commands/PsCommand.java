package runsc.cli.commands;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.control.MessageType;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;
import runsc.cli.io.Output;
import runsc.cli.io.WireReader;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** {@code runsc ps ID}. */
public final class PsCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "ps",
                "ID",
                "List the processes of a container.",
                """
                Lists the container's processes with the ids that they have inside. To the host
                they are one: with --format json that one's id is printed, as programs expect
                ids of the host there.""",
                "runsc ps one",
                "a table");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {Flag.value("format", "table|json", "table", "How to print it.").or('f')};
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        String format = invocation.flags().get("format");
        if (!format.equals("table") && !format.equals("json")) {
            throw new RunscException("--format is table or json, not " + format);
        }
        // ps takes options of ps(1) behind the id from clients of runc; what they choose is columns of the host's ps.
        if (invocation.arguments().isEmpty()) {
            throw new RunscException("which container? (see --help)");
        }
        try (StateRoot root = StateRoot.open(invocation.options().root())) {
            ContainerState state = root.get(invocation.arguments().get(0));
            if (state.current() == Status.STOPPED) {
                throw new RunscException("container " + state.id() + " is not running");
            }
            if (format.equals("json")) {
                Output.print("[" + state.sentry().pid() + "]\n");
                return 0;
            }
            WireReader reader = Remote.call(root, state, MessageType.LIST, null).reader();
            StringBuilder table = new StringBuilder();
            row(table, "UID", "PID", "PPID", "STIME", "TIME", "CMD");
            for (int left = reader.count(32); left > 0; left--) {
                String uid = Integer.toUnsignedString(reader.u32());
                String pid = Integer.toString(reader.u32());
                String parent = Integer.toString(reader.u32());
                row(table, uid, pid, parent, clock(reader.u64()), cpuTime(reader.u64()),
                        ByteString.toText(String.valueOf(reader.string())));
            }
            Output.print(table);
            return 0;
        } catch (IOException e) {
            throw new RunscException("ps: " + e.getMessage());
        }
    }

    private static void row(StringBuilder table, String... cells) {
        for (int i = 0; i < cells.length; i++) {
            table.append(cells[i]).append(" ".repeat(i + 1 < cells.length ? Math.max(1, 10 - cells[i].length()) : 0));
        }
        table.append('\n');
    }

    private static String clock(long millis) {
        ZonedDateTime t = Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault());
        return two(t.getHour()) + ":" + two(t.getMinute());
    }

    private static String cpuTime(long nanos) {
        long seconds = nanos / 1_000_000_000L;
        return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
    }

    private static String two(long n) {
        return n < 10 ? "0" + n : Long.toString(n);
    }
}
