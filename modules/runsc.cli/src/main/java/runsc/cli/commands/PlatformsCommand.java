package runsc.cli.commands;

import java.util.List;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.boot.Platforms;
import runsc.cli.boot.UserModules;
import runsc.cli.io.Output;
import sentry.core.platform.Availability;

/** {@code runsc platforms}. */
public final class PlatformsCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "platforms",
                "",
                "Show what can run programs on this machine.",
                """
                Lists the platforms: the ways to run a program and to catch its system calls.
                Each is tried out; a line says whether it is usable, how preferable it is on this
                machine, and what it runs on or why it cannot be used. Without --platform, or
                with --platform=auto, the usable one with the highest preference is taken.""",
                "runsc platforms",
                "each platform's state, and which one auto takes");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        invocation.noArguments();
        UserModules.load(invocation.options());
        List<Platforms.Probed> list = Platforms.examine();
        StringBuilder s = new StringBuilder();
        line(s, "PLATFORM", "STATE", "PREFERENCE", "WHY");
        for (Platforms.Probed p : list) {
            String name = p.provider().name();
            switch (p.found()) {
                case Availability.Usable usable ->
                    line(s, name, "usable", Integer.toString(usable.preference()), usable.description());
                case Availability.Unusable unusable -> line(s, name, "not usable", "-", unusable.reason());
            }
        }
        s.append('\n').append(choice(list)).append('\n');
        Output.print(s);
        return 0;
    }

    private static String choice(List<Platforms.Probed> list) {
        if (list.isEmpty() || !(list.getFirst().found() instanceof Availability.Usable best)) {
            return "auto takes none: none is usable";
        }
        String name = list.getFirst().provider().name();
        if (list.size() < 2 || !(list.get(1).found() instanceof Availability.Usable next)) {
            return "auto takes " + name + ": no other is usable";
        }
        String other = list.get(1).provider().name();
        return "auto takes " + name + ": its preference is " + best.preference() + ", that of " + other + " "
                + next.preference();
    }

    private static void line(StringBuilder s, String name, String state, String preference, String why) {
        column(s, name, 10);
        column(s, state, 12);
        column(s, preference, 12);
        s.append(why).append('\n');
    }

    private static void column(StringBuilder s, String text, int width) {
        s.append(text).append(" ".repeat(Math.max(2, width - text.length())));
    }
}
