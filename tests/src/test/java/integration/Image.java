package integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The image under test. */
final class Image {
    private static final Path HOME = locate();

    private Image() {}

    private static Path locate() {
        String where = System.getProperty("runsc.image", System.getenv("RUNSC_IMAGE"));
        if (where == null) {
            throw new IllegalStateException("the system property runsc.image names no image");
        }
        Path home = Path.of(where).toAbsolutePath().normalize();
        if (!Files.isExecutable(home.resolve("bin/runsc"))) {
            throw new IllegalStateException(home + " is no image: build it first");
        }
        return home;
    }

    static Path home() {
        return HOME;
    }

    /** runsc with these arguments. */
    static Command runsc(String... arguments) {
        return runsc(List.of(arguments));
    }

    static Command runsc(List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(HOME.resolve("bin/runsc").toString());
        words.addAll(arguments);
        return Command.of(words);
    }

    /** Live processes of the host whose program is the image's java. */
    static List<ProcessHandle> processes() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(p -> p.getFileName().toString().chars().allMatch(Character::isDigit))
                    .filter(Image::isOurs)
                    .map(p -> ProcessHandle.of(Long.parseLong(p.getFileName().toString())))
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isOurs(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("exe")).startsWith(HOME);
        } catch (IOException e) {
            return false; // gone, or a kernel thread
        }
    }
}
