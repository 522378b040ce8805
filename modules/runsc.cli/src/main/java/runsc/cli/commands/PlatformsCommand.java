package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.boot.Platforms;
import runsc.cli.boot.UserModules;
import runsc.cli.io.Output;
import sentry.core.platform.Availability;
import sentry.core.platform.PlatformProvider;

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
                The first usable one is taken unless --platform names another.""",
                "runsc platforms",
                "names each platform and says why it cannot be used, if so");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        invocation.noArguments();
        StringBuilder s = new StringBuilder();
        UserModules.load(invocation.options());
        for (PlatformProvider p : Platforms.all()) {
            s.append(p.name()).append(" ".repeat(Math.max(1, 10 - p.name().length())));
            switch (p.probe()) {
                case Availability.Usable usable -> s.append("usable\n");
                case Availability.Unusable unusable ->
                    s.append("not usable: ").append(unusable.reason()).append('\n');
            }
        }
        Output.print(s);
        return 0;
    }
}
