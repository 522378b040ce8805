package runsc.cli;

import java.util.List;
import runsc.cli.flags.Flags;

/**
 * One call of a command.
 *
 * @param options what stood before the command
 * @param flags the command's own flags
 * @param environment our environment, as byte strings
 */
public record Invocation(GlobalOptions options, Flags flags, List<String> environment) {
    public List<String> arguments() {
        return flags.rest();
    }

    /** The only argument, when the command takes exactly one. */
    public String onlyArgument(String what) throws RunscException {
        if (arguments().isEmpty()) {
            throw new RunscException("which " + what + "? (see --help)");
        }
        if (arguments().size() > 1) {
            throw new RunscException("one " + what + " is expected, and nothing after it: " + arguments().get(1));
        }
        return arguments().get(0);
    }

    public void noArguments() throws RunscException {
        if (!arguments().isEmpty()) {
            throw new RunscException("no arguments are expected: " + arguments().get(0));
        }
    }
}
