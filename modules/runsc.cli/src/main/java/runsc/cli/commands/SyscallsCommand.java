package runsc.cli.commands;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.boot.UserModules;
import runsc.cli.flags.Flag;
import runsc.cli.io.Output;
import sentry.core.arch.Arch;
import sentry.core.syscall.Support;
import sentry.core.syscall.SyscallTable;

/** {@code runsc syscalls}: what the installed handlers say of themselves. */
public final class SyscallsCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "syscalls",
                "",
                "Show which system calls programs can make.",
                """
                Lists Linux's system calls on amd64 and how much of each there is: full;
                partial, with what is missing; error, when the call always fails as it does
                on a Linux without the feature; missing, which programs see as ENOSYS. The list
                is made from the handlers themselves.""",
                "runsc syscalls",
                "a table with a summary",
                "runsc syscalls --format csv | grep missing",
                "what is not there");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {Flag.value("format", "table|csv|json", "table", "How to print it.").or('f')};
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        invocation.noArguments();
        UserModules.load(invocation.options());
        List<SyscallTable.Entry> entries = SyscallTable.load(Arch.AMD64).entries();
        Output.print(
                switch (invocation.flags().get("format")) {
                    case "table" -> table(entries);
                    case "csv" -> csv(entries);
                    case "json" -> json(entries);
                    default -> throw new RunscException("--format is table, csv or json");
                });
        return 0;
    }

    private static String name(Support support) {
        return switch (support) {
            case FULL -> "full";
            case PARTIAL -> "partial";
            case ERROR -> "error";
            case MISSING -> "missing";
        };
    }

    private static String table(List<SyscallTable.Entry> entries) {
        StringBuilder s = new StringBuilder("NUMBER  NAME                     SUPPORT  NOTE\n");
        int[] counts = new int[Support.values().length];
        for (SyscallTable.Entry e : entries) {
            int from = s.length();
            s.append(e.nr());
            pad(s, from + 8);
            s.append(e.name());
            pad(s, from + 33);
            s.append(name(e.support()));
            if (!e.note().isEmpty()) {
                pad(s, from + 42);
                s.append(e.note());
            }
            s.append('\n');
            counts[e.support().ordinal()]++;
        }
        s.append('\n').append(entries.size()).append(" system calls:");
        for (Support support : Support.values()) {
            s.append(support.ordinal() == 0 ? " " : ", ").append(counts[support.ordinal()]);
            s.append(' ').append(name(support));
        }
        return s.append('\n').toString();
    }

    private static void pad(StringBuilder s, int to) {
        do {
            s.append(' ');
        } while (s.length() < to);
    }

    private static String csv(List<SyscallTable.Entry> entries) {
        StringBuilder s = new StringBuilder("number,name,support,note,module\n");
        for (SyscallTable.Entry e : entries) {
            s.append(e.nr()).append(',').append(e.name()).append(',').append(name(e.support())).append(",\"");
            s.append(e.note().replace("\"", "\"\"")).append("\",").append(e.module()).append('\n');
        }
        return s.toString();
    }

    private static String json(List<SyscallTable.Entry> entries) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setIndent("  ");
            json.beginObject().name("arch").value("amd64").name("syscalls").beginArray();
            for (SyscallTable.Entry e : entries) {
                json.beginObject();
                json.name("number").value(e.nr());
                json.name("name").value(e.name());
                json.name("support").value(name(e.support()));
                json.name("note").value(e.note());
                json.name("module").value(e.module());
                json.endObject();
            }
            json.endArray().endObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return text + "\n";
    }
}
