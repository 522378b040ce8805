package runsc.cli.oci;

import java.util.List;

/**
 * A program of the host (for {@link Kind#START_CONTAINER}: of the container) that is run at some point of a container's
 * life, with the container's state on its standard input.
 *
 * @param kind when
 * @param path absolute
 * @param args argv, args[0] included; empty for the path alone
 * @param env its whole environment
 * @param timeout seconds that it may take, 0 for no limit
 */
public record Hook(Kind kind, String path, List<String> args, List<String> env, int timeout) {
    /** The points, in their order. */
    public enum Kind {
        PRESTART("prestart"),
        CREATE_RUNTIME("createRuntime"),
        CREATE_CONTAINER("createContainer"),
        START_CONTAINER("startContainer"),
        POSTSTART("poststart"),
        POSTSTOP("poststop");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As config.json calls it. */
        public String text() {
            return text;
        }

        static Kind of(String text) {
            for (Kind k : values()) {
                if (k.text.equals(text)) {
                    return k;
                }
            }
            return null;
        }
    }

    /** Those of {@code kind}, in order. */
    public static List<Hook> of(List<Hook> all, Kind kind) {
        return all.stream().filter(h -> h.kind == kind).toList();
    }
}
