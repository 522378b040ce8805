package runsc.cli.boot;

import java.io.IOException;
import java.nio.file.Path;
import runsc.cli.GlobalOptions;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;
import sentry.core.kernel.Extensions;

/** Takes in what {@code --modules} names, before platforms and system calls are looked up. */
public final class UserModules {
    private UserModules() {}

    public static void load(GlobalOptions options) throws RunscException {
        if (options.modules() == null) {
            return;
        }
        try {
            Extensions.add(Path.of(ByteString.toText(options.modules())));
        } catch (IOException e) {
            throw new RunscException("--modules: " + ByteString.fromText(String.valueOf(e.getMessage())));
        }
    }
}
