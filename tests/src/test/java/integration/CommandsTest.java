package integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Commands that start no sandbox. */
class CommandsTest {
    @Test
    void callsAreListedBySupport() {
        String out = Image.runsc("syscalls").run().exits(0).out();
        for (String name : new String[] {"read", "openat", "futex", "execve", "io_uring_setup"}) {
            assertTrue(out.contains(" " + name) || out.contains("\t" + name), name + " is missing");
        }
        assertTrue(out.toLowerCase().contains("supported") || out.toLowerCase().contains("full"), out.substring(0, 300));
        assertTrue(out.toLowerCase().contains("missing"), "no call is missing?");
    }

    @Test
    void versionAndHelp() {
        assertTrue(Image.runsc("--version").run().exits(0).out().startsWith("runsc version"));
        for (String command : new String[] {"do", "run", "spec", "list", "state", "kill", "delete", "wait", "syscalls", "platforms"}) {
            String help = Image.runsc(command, "--help").run().exits(0).out();
            assertTrue(help.contains("Usage: ") && help.contains(command), help);
        }
    }

    @Test
    void unknownCommand() {
        Command.Result r = Image.runsc("dance").run().exits(128);
        assertTrue(r.err().contains("dance"), r.toString());
    }
}
