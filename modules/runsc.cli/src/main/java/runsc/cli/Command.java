package runsc.cli;

import runsc.cli.flags.Flag;

/** One subcommand; one file each in {@link runsc.cli.commands}. */
public interface Command {
    /**
     * What the help says.
     *
     * @param name the word on the command line
     * @param arguments what follows the flags
     * @param summary one sentence for the list of commands
     * @param description the whole story, lines at most 80 wide
     * @param examples command lines, each followed by what it does
     */
    record Help(String name, String arguments, String summary, String description, String... examples) {}

    Help help();

    default Flag[] flags() {
        return new Flag[0];
    }

    /** Does the work and returns the exit code. */
    int run(Invocation invocation) throws RunscException;
}
