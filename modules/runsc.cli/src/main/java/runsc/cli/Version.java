package runsc.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What we are, for {@code --version} and {@code state}. */
public final class Version {
    /** The OCI runtime specification that we follow. */
    public static final String OCI = "1.0.2";

    private Version() {}

    /** The build's version, or "development" when we do not run from a built module. */
    public static String ours() {
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            return in == null ? "development" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
