package integration;

import java.util.ArrayList;
import java.util.List;

/**
 * A platform of the image, with runsc on it. Tests take theirs from {@link OnEachPlatform}.
 *
 * @param name as {@code --platform} has it
 * @param unusable why this machine cannot run it, or null
 */
record Platform(String name, String unusable) {
    /** As {@code runsc platforms} lists them, once for all tests. */
    private static final List<Platform> ALL = list();

    private static List<Platform> list() {
        List<Platform> all = new ArrayList<>();
        List<String> lines = Image.runsc("platforms").run().exits(0).out().lines().toList();
        for (String line : lines.subList(1, lines.size())) { // behind the heading
            if (line.isEmpty()) {
                break;
            }
            String[] columns = line.split("  +", 4);
            boolean usable = columns[1].equals("usable");
            all.add(new Platform(columns[0], usable ? null : columns[3]));
        }
        return all;
    }

    /**
     * Those to test: all, or those that {@code RUNSC_TEST_PLATFORMS} names, parted by commas. {@code ./test} sets it.
     */
    static List<Platform> wanted() {
        String names = System.getenv("RUNSC_TEST_PLATFORMS");
        if (names == null || names.isBlank()) {
            return ALL;
        }
        List<Platform> list = new ArrayList<>();
        for (String name : names.split(",")) {
            list.add(ALL.stream()
                    .filter(p -> p.name.equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("RUNSC_TEST_PLATFORMS: there is no platform " + name)));
        }
        return list;
    }

    /** Those to test that this machine can run. */
    static List<Platform> usable() {
        return wanted().stream().filter(p -> p.unusable == null).toList();
    }

    /** Whether processes of the host carry the programs' address spaces; otherwise the Sentry's own threads run them. */
    boolean hasStubs() {
        return name.equals("ptrace");
    }

    /** A host call that the Sentry makes whenever it lets a program run, as strace(1) shows it. */
    String switchCall() {
        return name.equals("kvm") ? "KVM_RUN" : "ptrace(";
    }

    /** runsc on this platform with these arguments. */
    Command runsc(String... arguments) {
        List<String> words = new ArrayList<>(List.of("--platform=" + name));
        words.addAll(List.of(arguments));
        return Image.runsc(words);
    }

    /** {@code runsc do} on this platform with these arguments. */
    Command sandbox(String... arguments) {
        List<String> words = new ArrayList<>(List.of("do"));
        words.addAll(List.of(arguments));
        return runsc(words.toArray(new String[0]));
    }

    @Override
    public String toString() {
        return name;
    }
}
