package integration;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/**
 * Tests that need a sandbox. Those that are {@link OnEachPlatform} find theirs in {@link #on}. {@link PlatformsTest} says
 * which platforms this machine cannot run, and why.
 */
abstract class SandboxTest {
    /** The platform to test. */
    Platform on;

    /** Makes one invocation for each platform. */
    static final class Invocations implements TestTemplateInvocationContextProvider {
        @Override
        public boolean supportsTestTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
            return Platform.usable().stream().map(Invocation::new);
        }

        @Override
        public boolean mayReturnZeroTestTemplateInvocationContexts(ExtensionContext context) {
            return true;
        }
    }

    /** A test on one platform. */
    private record Invocation(Platform platform) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int index) {
            return platform.name();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            BeforeEachCallback set = context -> ((SandboxTest) context.getRequiredTestInstance()).on = platform;
            return List.of(set);
        }
    }
}
