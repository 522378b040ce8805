package integration;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each program prints the same, and ends the same, on the host and in a sandbox. */
class ProgramsTest {
    @TestFactory
    List<DynamicTest> samePrintedAsOnTheHost() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : Programs.names()) {
            tests.add(dynamicTest(name + ", static", () -> compare(name, true)));
            tests.add(dynamicTest(name + ", dynamic", () -> compare(name, false)));
        }
        return tests;
    }

    private static void compare(String name, boolean isStatic) {
        Path program = Programs.build(name, isStatic);
        Command.Result host = Command.of(program.toString()).run().exits(0);
        Command.Result sandbox = Image.sandbox(program.toString()).run();
        String difference = Difference.of(host.out(), sandbox.out());
        if (difference != null || sandbox.exit() != host.exit() || sandbox.timedOut()) {
            throw new AssertionError(name + ": exit " + sandbox.exit() + (sandbox.timedOut() ? ", timed out" : "") + "\n"
                    + (difference == null ? "" : "- host, + sandbox\n" + difference) + sandbox.err());
        }
    }
}
