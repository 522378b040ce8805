package runsc.cli.state;

import runsc.cli.RunscException;
import runsc.cli.io.ByteString;

/** Container ids: names that users give, which become directories of ours. */
public final class ContainerId {

    private static final int MAX = 255;

    private ContainerId() {}

    /** Returns {@code id} if it may be one: letters, digits, and + - . _ but not "." or ".." */
    public static String check(String id) throws RunscException {
        boolean good = !id.isEmpty() && !id.equals(".") && !id.equals("..");
        for (int i = 0; good && i < id.length(); i++) {
            char c = id.charAt(i);
            good = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "+-._".indexOf(c) >= 0;
        }
        if (!good || id.length() > MAX) {
            throw new RunscException("\"" + ByteString.toText(id)
                    + "\" cannot be a container's id: letters, digits and any of + - . _ make one, up to 255");
        }
        return id;
    }
}
