package runsc.cli.commands;

import runsc.cli.RunscException;

/** Numbers in flags. */
final class Numbers {
    private Numbers() {}

    /** The value of {@code flag}, from 0 to {@code most}. */
    static int parse(String flag, String text, int most) throws RunscException {
        try {
            int n = Integer.parseInt(text);
            if (n >= 0 && n <= most) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new RunscException(flag + ": a number up to " + most + " is expected, not " + text);
    }
}
