package runsc.cli.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PathsTest {
    @Test
    void pathsAreCleaned() {
        assertEquals("/", Paths.clean("/"));
        assertEquals("/", Paths.clean("//"));
        assertEquals("/a/b", Paths.clean("/a//./b/"));
        assertEquals("/b", Paths.clean("/a/../b"));
        assertEquals("/b", Paths.clean("/../../b"));
    }

    @Test
    void relativePathsStartAtTheBase() {
        assertEquals("/x/y", Paths.resolve("/x", "y"));
        assertEquals("/y", Paths.resolve("/x", "/y"));
        assertEquals("/x", Paths.resolve("/x", "."));
    }
}
