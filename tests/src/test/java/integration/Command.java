package integration;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A command that is run to its end, with a time limit. Ends only processes that it started. */
final class Command {
    /** How a command ended. Text is Latin-1, so that any byte is a char. */
    record Result(List<String> command, int exit, String out, String err, boolean timedOut) {
        /** Fails unless the exit code is {@code expected}; shows what was printed. */
        Result exits(int expected) {
            if (timedOut || exit != expected) {
                throw new AssertionError((timedOut ? "timed out" : "exit code " + exit) + " instead of " + expected + ": "
                        + this);
            }
            return this;
        }

        @Override
        public String toString() {
            return String.join(" ", command) + "\n--- exit " + exit + (timedOut ? " (timed out)" : "") + "\n--- stdout\n"
                    + out + "\n--- stderr\n" + err;
        }
    }

    private final List<String> words;
    private Path directory;
    private String input = "";
    private long seconds = 60;
    private final Map<String, String> environment = new TreeMap<>();

    private Command(List<String> words) {
        this.words = words;
    }

    static Command of(String... words) {
        return new Command(List.of(words));
    }

    static Command of(List<String> words) {
        return new Command(List.copyOf(words));
    }

    List<String> words() {
        return words;
    }

    /** The same command with more words. */
    Command and(List<String> more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(more);
        return of(all);
    }

    Command in(Path where) {
        directory = where;
        return this;
    }

    Command input(String text) {
        input = text;
        return this;
    }

    Command seconds(long limit) {
        seconds = limit;
        return this;
    }

    Command with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Process start(Path out, Path err) throws IOException {
        return builder().redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    }

    /** Starts it with its input and output in the caller's hands. */
    Process start() throws IOException {
        return builder().redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(words);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        builder.environment().putAll(environment);
        return builder;
    }

    Result run() {
        try {
            Path out = Files.createTempFile("test", ".out");
            Path err = Files.createTempFile("test", ".err");
            try {
                Process process = start(out, err);
                try (OutputStream stdin = process.getOutputStream()) {
                    stdin.write(input.getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    // The command did not read it all.
                }
                boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
                if (!ended) {
                    end(process);
                }
                int exit = process.waitFor();
                return new Result(
                        words,
                        exit,
                        Files.readString(out, StandardCharsets.ISO_8859_1),
                        Files.readString(err, StandardCharsets.ISO_8859_1),
                        !ended);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends a process and all that it started. */
    static void end(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
