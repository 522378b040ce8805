package integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;

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

    /** Named by what it is made of, so that nobody makes anew what another test is running. */
    static synchronized Path build(Path source, boolean isStatic) {
        try {
            CRC32 content = new CRC32();
            content.update(Files.readAllBytes(source));
            content.update(Files.readAllBytes(SOURCES.resolve("t.h")));
            String name = source.getFileName().toString().replace(".c", isStatic ? "-static-" : "-dynamic-");
            Path built = BUILT.resolve(name + Long.toHexString(content.getValue()));
            if (Files.exists(built)) {
                return built;
            }
            Files.createDirectories(BUILT);
            List<String> gcc = new ArrayList<>(List.of("gcc", "-w", "-O1", "-pthread", "-I", SOURCES.toString()));
            if (isStatic) {
                gcc.add("-static");
            }
            Path part = Path.of(built + ".part");
            gcc.addAll(List.of("-o", part.toString(), source.toString(), "-lm"));
            Command.of(gcc).run().exits(0);
            Files.move(part, built);
            return built;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
