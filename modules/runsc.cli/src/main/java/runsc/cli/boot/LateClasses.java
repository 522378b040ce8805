package runsc.cli.boot;

import java.io.IOException;
import java.io.InputStream;

/**
 * Classes that neither the AOT cache holds nor anybody needed so far can still be loaded when no path leads to the image any
 * more: the virtual machine has it mapped. What it needs besides, native libraries above all, is loaded here.
 */
public final class LateClasses {
    private LateClasses() {}

    /** To be called before the file system is taken away, best while there is nothing else to do. */
    public static void prepare() throws IOException {
        try (InputStream own = LateClasses.class.getResourceAsStream("LateClasses.class")) {
            if (own == null || own.read() != 0xca) { // the magic number's first byte
                throw new IOException("the image's classes cannot be read");
            }
        }
    }
}
