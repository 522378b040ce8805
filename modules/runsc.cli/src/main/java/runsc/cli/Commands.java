package runsc.cli;

import runsc.cli.boot.BootCommand;
import runsc.cli.commands.CreateCommand;
import runsc.cli.commands.DeleteCommand;
import runsc.cli.commands.DoCommand;
import runsc.cli.commands.ExecCommand;
import runsc.cli.commands.HelpCommand;
import runsc.cli.commands.KillCommand;
import runsc.cli.commands.ListCommand;
import runsc.cli.commands.PauseCommand;
import runsc.cli.commands.PlatformsCommand;
import runsc.cli.commands.PsCommand;
import runsc.cli.commands.ResumeCommand;
import runsc.cli.commands.RunCommand;
import runsc.cli.commands.SpecCommand;
import runsc.cli.commands.StartCommand;
import runsc.cli.commands.StateCommand;
import runsc.cli.commands.SyscallsCommand;
import runsc.cli.commands.WaitCommand;
import runsc.cli.gofer.GoferCommand;

/** The commands by name. A switch rather than a service: only the one that is asked for is loaded. */
public final class Commands {
    /** The names that the help lists, in its order. */
    public static final String[] NAMES = {
        "do", "run", "create", "start", "state", "exec", "ps", "pause", "resume", "kill", "delete", "list", "wait", "spec", "syscalls", "platforms",
        "help",
    };

    private Commands() {}

    /** The command of that name, or null. */
    public static Command find(String name) {
        return switch (name) {
            case "boot" -> new BootCommand();
            case "create" -> new CreateCommand();
            case "delete" -> new DeleteCommand();
            case "do" -> new DoCommand();
            case "exec" -> new ExecCommand();
            case "gofer" -> new GoferCommand();
            case "help" -> new HelpCommand();
            case "kill" -> new KillCommand();
            case "list" -> new ListCommand();
            case "pause" -> new PauseCommand();
            case "platforms" -> new PlatformsCommand();
            case "ps" -> new PsCommand();
            case "resume" -> new ResumeCommand();
            case "run" -> new RunCommand();
            case "spec" -> new SpecCommand();
            case "start" -> new StartCommand();
            case "state" -> new StateCommand();
            case "syscalls" -> new SyscallsCommand();
            case "wait" -> new WaitCommand();
            default -> null;
        };
    }
}
