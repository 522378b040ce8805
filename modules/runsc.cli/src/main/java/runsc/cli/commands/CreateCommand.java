package runsc.cli.commands;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.Messages;
import runsc.cli.RunscException;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;
import runsc.cli.launch.Bundle;
import runsc.cli.launch.Launcher;
import runsc.cli.state.ContainerId;

/** {@code runsc create ID}. */
public final class CreateCommand implements Command {
    @Override
    public Help help() {
        return new Help(
                "create",
                "ID",
                "Make a container from a bundle, without starting it.",
                """
                Makes a sandbox with all that the bundle's program needs, and returns. 'runsc
                start' begins the program, which has the standard input and output of create.
                'runsc delete' removes the container in the end.""",
                "runsc create --bundle /containers/one --pid-file one.pid one",
                "one.pid holds the process that lives as long as the container");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.value("bundle", "DIR", ".", "The bundle's directory.").or('b'),
            Flag.value("pid-file", "FILE", null, "Write the pid of the process that stands for the container."),
            Flag.value("console-socket", "PATH", null, "Not there yet."),
            Flag.value("preserve-fds", "N", null, "Not there yet."),
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        String id = ContainerId.check(invocation.onlyArgument("container"));
        for (String flag : new String[] {"console-socket", "preserve-fds"}) {
            if (invocation.flags().has(flag) && !invocation.flags().get(flag).equals("0")) {
                throw new RunscException("create: --" + flag + " is not there yet");
            }
        }
        boolean overlay = invocation.options().rootInMemory();
        int pid = Launcher.create(invocation, () -> Bundle.plan(id, invocation.flags().get("bundle"), overlay));
        String file = invocation.flags().get("pid-file");
        if (file != null) {
            writePid(file, pid);
        }
        return 0;
    }

    private static void writePid(String file, int pid) throws RunscException {
        int fd = FileIo.open(
                Files.AT_FDCWD, ByteString.bytes(file), Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC, 0644);
        int r = fd < 0 ? fd : FileIo.write(fd, Integer.toString(pid).getBytes(StandardCharsets.US_ASCII));
        if (r < 0) {
            throw new RunscException("cannot write " + ByteString.toText(file) + ": " + Messages.errno(-r));
        }
        Files.close(fd);
    }
}
