package runsc.cli;

import runsc.cli.flags.Flag;

/** Lays out what {@code --help} prints. docs/usage.md holds the same texts, and a test compares them. */
public final class HelpText {
    private static final int WIDTH = 80;

    private HelpText() {}

    /** The help of the program as a whole. */
    public static String overview() {
        StringBuilder s = new StringBuilder();
        s.append("Usage: runsc [FLAGS] COMMAND [COMMAND-FLAGS] [ARGUMENTS]\n\n");
        s.append("Runs unmodified Linux programs against a kernel in user space.\n\nCommands:\n");
        for (String name : Commands.NAMES) {
            row(s, "  " + name, 13, Commands.find(name).help().summary());
        }
        s.append("\nFlags:\n");
        flags(s, GlobalOptions.FLAGS);
        s.append("\nFlags take one or two dashes, and --flag=VALUE or --flag VALUE. 'runsc help COMMAND'\n");
        s.append("or 'runsc COMMAND --help' explains a command.\n");
        s.append("\nExit codes: the program's own; 128+n when signal n ended it; 128 for our own errors.\n");
        return s.toString();
    }

    public static String of(Command command) {
        Command.Help help = command.help();
        StringBuilder s = new StringBuilder();
        s.append("Usage: runsc [GLOBAL-FLAGS] ").append(help.name());
        if (command.flags().length > 0) {
            s.append(" [FLAGS]");
        }
        if (!help.arguments().isEmpty()) {
            s.append(' ').append(help.arguments());
        }
        s.append("\n\n").append(help.description().stripTrailing()).append('\n');
        if (command.flags().length > 0) {
            s.append("\nFlags:\n");
            flags(s, command.flags());
        }
        if (help.examples().length > 0) {
            s.append("\nExamples:\n");
            for (int i = 0; i + 1 < help.examples().length; i += 2) {
                s.append("  ").append(help.examples()[i]).append('\n');
                s.append("      ").append(help.examples()[i + 1]).append('\n');
            }
        }
        return s.toString();
    }

    private static void flags(StringBuilder s, Flag[] flags) {
        for (Flag f : flags) {
            StringBuilder left = new StringBuilder(f.letter() == 0 ? "      " : "  -" + f.letter() + ", ");
            left.append("--").append(f.name());
            if (f.kind() == Flag.Kind.VALUE) {
                left.append(' ').append(f.value());
            }
            String help = f.help();
            if (f.standard() != null) {
                help = help.substring(0, help.length() - 1) + " (default: " + f.standard() + ").";
            }
            row(s, left.toString(), 28, help);
        }
    }

    /** A name, and beside it from {@code column} on a text that is wrapped. */
    private static void row(StringBuilder s, String left, int column, String text) {
        s.append(left);
        int at = left.length();
        if (at + 1 > column) {
            s.append('\n');
            at = 0;
        }
        pad(s, column - at);
        at = column;
        int from = 0;
        while (from < text.length()) {
            int space = text.indexOf(' ', from);
            int to = space < 0 ? text.length() : space;
            if (at > column && at + 1 + to - from > WIDTH) {
                s.append('\n');
                pad(s, column);
                at = column;
            }
            if (at > column) {
                s.append(' ');
                at++;
            }
            s.append(text, from, to);
            at += to - from;
            from = to + 1;
        }
        s.append('\n');
    }

    private static void pad(StringBuilder s, int count) {
        for (int i = 0; i < count; i++) {
            s.append(' ');
        }
    }
}
