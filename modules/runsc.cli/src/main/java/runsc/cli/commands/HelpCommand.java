package runsc.cli.commands;

import runsc.cli.Command;
import runsc.cli.Commands;
import runsc.cli.HelpText;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.io.Output;

/** {@code runsc help [COMMAND]}. */
public final class HelpCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "help",
                "[COMMAND]",
                "Explain runsc or one of its commands.",
                "Prints what runsc can do, or all about one command.",
                "runsc help run",
                "all about 'run'");
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        if (invocation.arguments().isEmpty()) {
            Output.print(HelpText.overview());
            return 0;
        }
        String name = invocation.onlyArgument("command");
        Command command = Commands.find(name);
        if (command == null) {
            throw new RunscException("unknown command " + name + " (see 'runsc help')");
        }
        Output.print(HelpText.of(command));
        return 0;
    }
}
