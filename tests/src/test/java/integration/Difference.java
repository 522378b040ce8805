package integration;

import java.util.List;

/** Shows where two texts differ. */
final class Difference {
    private Difference() {}

    /** The lines around the differences, or null when there are none. Marked "-" for expected, "+" for got. */
    static String of(String expected, String got) {
        if (expected.equals(got)) {
            return null;
        }
        List<String> e = expected.lines().toList();
        List<String> g = got.lines().toList();
        int[][] common = new int[e.size() + 1][g.size() + 1];
        for (int i = e.size() - 1; i >= 0; i--) {
            for (int j = g.size() - 1; j >= 0; j--) {
                common[i][j] = e.get(i).equals(g.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        StringBuilder out = new StringBuilder();
        String before = null;
        int i = 0;
        int j = 0;
        while (i < e.size() || j < g.size()) {
            if (i < e.size() && j < g.size() && e.get(i).equals(g.get(j))) {
                before = e.get(i);
                i++;
                j++;
                continue;
            }
            if (before != null) {
                out.append("  ").append(before).append('\n');
                before = null;
            }
            if (j == g.size() || i < e.size() && common[i + 1][j] >= common[i][j + 1]) {
                out.append("- ").append(e.get(i++)).append('\n');
            } else {
                out.append("+ ").append(g.get(j++)).append('\n');
            }
        }
        return out.isEmpty() ? "they differ in line ends only\n" : out.toString();
    }
}
