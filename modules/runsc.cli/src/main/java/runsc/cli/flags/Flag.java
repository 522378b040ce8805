package runsc.cli.flags;

/**
 * One flag that a command knows.
 *
 * @param name long name, without dashes
 * @param letter short name, or 0
 * @param kind what value it takes
 * @param value what the help calls the value, empty for a switch
 * @param standard the value when the flag is not given, or null; the help shows it
 * @param help one sentence
 */
public record Flag(String name, char letter, Kind kind, String value, String standard, String help) {
    /** What follows the name. */
    public enum Kind {
        /** Nothing, or {@code =true}, {@code =false}. */
        SWITCH,
        /** A value. The last one given counts. */
        VALUE,
        /** A value, as often as wanted; {@link Flags#all} has them in order. */
        LIST
    }

    public static Flag toggle(String name, String help) {
        return new Flag(name, (char) 0, Kind.SWITCH, "", null, help);
    }

    public static Flag value(String name, String value, String standard, String help) {
        return new Flag(name, (char) 0, Kind.VALUE, value, standard, help);
    }

    public static Flag list(String name, String value, String help) {
        return new Flag(name, (char) 0, Kind.LIST, value, null, help);
    }

    /** The same flag with a one-letter name beside the long one. */
    public Flag or(char shortName) {
        return new Flag(name, shortName, kind, value, standard, help);
    }

    boolean matches(String given) {
        return given.equals(name) || letter != 0 && given.length() == 1 && given.charAt(0) == letter;
    }
}
