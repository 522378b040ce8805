package runsc.cli;

import host.linux.Processes;
import java.util.List;
import runsc.cli.flags.Flags;
import runsc.cli.io.ByteString;
import runsc.cli.io.Output;

/** The one entry point of the image's three roles. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        int code = ProcessEnd.training() && !isRole(arguments) ? Rehearsal.run() : 0;
        ProcessEnd.exit(code != 0 ? code : run(Environment.arguments(arguments)));
    }

    /** Whether another of our processes started us, as a Sentry or a gofer. */
    private static boolean isRole(String[] arguments) {
        String last = arguments.length == 0 ? "" : arguments[arguments.length - 1];
        return last.equals("boot") || last.equals("gofer");
    }

    static int run(List<String> arguments) {
        GlobalOptions options = null;
        try {
            List<String> environment = Environment.variables();
            Trace.start(environment);
            Flags global = Flags.parse(GlobalOptions.FLAGS, arguments);
            if (global.isSet("version")) {
                Output.print("runsc version " + Version.ours() + "\nspec: " + Version.OCI + "\n");
                return 0;
            }
            if (global.help()) {
                Output.print(HelpText.overview());
                return 0;
            }
            List<String> rest = global.rest();
            if (rest.isEmpty()) {
                Output.error("runsc: no command given\n\n" + HelpText.overview().stripTrailing());
                return RunscException.EXIT_CODE;
            }
            Command command = Commands.find(rest.get(0));
            options = GlobalOptions.of(global, environment, Processes.effectiveUser() == 0);
            if (command == null) {
                throw new RunscException("unknown command " + rest.get(0) + " (see 'runsc help')");
            }
            Flags flags = Flags.parse(command.flags(), rest.subList(1, rest.size()));
            if (flags.help()) {
                Output.print(HelpText.of(command));
                return 0;
            }
            return command.run(new Invocation(options, flags, environment));
        } catch (RunscException e) {
            UserLog.error(options, ByteString.toText(e.getMessage()));
            return RunscException.EXIT_CODE;
        } catch (RuntimeException | Error e) {
            UserLog.error(options, "internal error: " + e);
            e.printStackTrace();
            return RunscException.EXIT_CODE;
        }
    }
}
