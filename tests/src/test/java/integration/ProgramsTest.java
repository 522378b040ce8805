package integration;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each program prints the same, and ends the same, on the host and in a sandbox. */
class ProgramsTest {
    /** What a program printed on the host, for all platforms. */
    private static final Map<Path, Command.Result> HOST = new ConcurrentHashMap<>();

    @TestFactory
    List<DynamicTest> samePrintedAsOnTheHost() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : Programs.names()) {
            for (Platform on : Platform.usable()) {
                tests.add(dynamicTest(name + ", static, " + on, () -> compare(on, name, true)));
                tests.add(dynamicTest(name + ", dynamic, " + on, () -> compare(on, name, false)));
            }
        }
        return tests;
    }

    private static void compare(Platform on, String name, boolean isStatic) {
        Path program = Programs.build(name, isStatic);
        Command.Result host = HOST.computeIfAbsent(program, p -> Command.of(p.toString()).run().exits(0));
        Command.Result sandbox = on.sandbox(program.toString()).run();
        String difference = Difference.of(host.out(), sandbox.out());
        if (difference != null || sandbox.exit() != host.exit() || sandbox.timedOut()) {
            throw new AssertionError(name + ": exit " + sandbox.exit() + (sandbox.timedOut() ? ", timed out" : "") + "\n"
                    + (difference == null ? "" : "- host, + sandbox\n" + difference) + sandbox.err());
        }
    }
}
