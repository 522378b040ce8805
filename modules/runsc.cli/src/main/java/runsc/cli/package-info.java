/**
 * The entry point of all three roles of the image: the {@code runsc} command, the Sentry ({@code boot}) and the gofer.
 *
 * <p>{@link runsc.cli.Main} finds the command by name and loads nothing else. Text from argv, the environment and paths
 * is kept as byte strings: each char is one byte (see {@link runsc.cli.io.ByteString}). No locks.
 */
package runsc.cli;
