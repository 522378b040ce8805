package integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The C programs in programs/, compiled when they are older than their sources. */
final class Programs {
    private static final Path SOURCES = Path.of("programs").toAbsolutePath();
    private static final Path BUILT = Path.of("target/programs").toAbsolutePath();

    private Programs() {}

    static List<String> names() {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.map(p -> p.getFileName().toString())
                    .filter(n -> n.endsWith(".c"))
                    .map(n -> n.substring(0, n.length() - 2))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The compiled program; with {@code isStatic}, one without an interpreter. */
    static Path build(String name, boolean isStatic) {
        return build(SOURCES.resolve(name + ".c"), isStatic);
    }

    static synchronized Path build(Path source, boolean isStatic) {
        String name = source.getFileName().toString().replace(".c", isStatic ? "-static" : "-dynamic");
        Path built = BUILT.resolve(name);
        try {
            Files.createDirectories(BUILT);
            if (Files.exists(built)
                    && newer(built, source)
                    && newer(built, SOURCES.resolve("t.h"))) {
                return built;
            }
            List<String> gcc = new ArrayList<>(List.of("gcc", "-w", "-O1", "-pthread", "-I", SOURCES.toString()));
            if (isStatic) {
                gcc.add("-static");
            }
            gcc.addAll(List.of("-o", built.toString(), source.toString(), "-lm"));
            Command.of(gcc).run().exits(0);
            return built;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean newer(Path one, Path other) throws IOException {
        return Files.getLastModifiedTime(one).compareTo(Files.getLastModifiedTime(other)) > 0;
    }
}
