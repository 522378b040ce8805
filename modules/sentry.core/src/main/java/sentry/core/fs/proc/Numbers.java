package sentry.core.fs.proc;

/** Names that are numbers. */
final class Numbers {
    private Numbers() {}

    /** The number, or -1 when {@code name} is not one as Linux writes it: digits without a leading zero. */
    static int parse(String name) {
        int length = name.length();
        if (length == 0 || length > 9 || length > 1 && name.charAt(0) == '0') {
            return -1;
        }
        int n = 0;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            n = n * 10 + c - '0';
        }
        return n;
    }
}
