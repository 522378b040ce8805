package runsc.cli.commands;

import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.launch.Launcher;

/** {@code --console-socket}, {@code --preserve-fds}: what descriptors a program gets. */
final class DescriptorFlags {
    private static final int MAX_PRESERVED = 128;

    static final Flag CONSOLE_SOCKET =
            Flag.value("console-socket", "PATH", null, "Send the master of the program's terminal to this socket.");
    static final Flag PRESERVE_FDS = Flag.value("preserve-fds", "N", "0", "Pass our descriptors 3 to N+2 on.");

    private DescriptorFlags() {}

    static int preserved(Invocation invocation) throws RunscException {
        return Numbers.parse("--preserve-fds", invocation.flags().get("preserve-fds"), MAX_PRESERVED);
    }

    static Launcher.Descriptors of(Invocation invocation) throws RunscException {
        return new Launcher.Descriptors(invocation.flags().get("console-socket"), preserved(invocation));
    }
}
