package runsc.cli.flags;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import runsc.cli.RunscException;

/** The flags found on a command line, and what follows them. */
public final class Flags {
    private final Map<String, String> values;
    private final Map<String, List<String>> lists;
    private final List<String> rest;
    private final boolean help;

    private Flags(Map<String, String> values, Map<String, List<String>> lists, List<String> rest, boolean help) {
        this.values = values;
        this.lists = lists;
        this.rest = rest;
        this.help = help;
    }

    /**
     * Reads flags up to the first argument that is none; {@code --} ends them too and is dropped.
     *
     * @throws RunscException for a flag that is not among {@code known}, or lacks its value
     */
    public static Flags parse(Flag[] known, List<String> arguments) throws RunscException {
        Map<String, String> values = new HashMap<>();
        Map<String, List<String>> lists = new HashMap<>();
        boolean help = false;
        int at = 0;
        while (at < arguments.size()) {
            String argument = arguments.get(at);
            if (argument.length() < 2 || argument.charAt(0) != '-') {
                break;
            }
            at++;
            if (argument.equals("--")) {
                break;
            }
            String text = argument.substring(argument.charAt(1) == '-' ? 2 : 1);
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals);
            String value = equals < 0 ? null : text.substring(equals + 1);
            Flag flag = find(known, name);
            if (flag == null && (name.equals("help") || name.equals("h"))) {
                help = true;
            } else if (flag == null) {
                throw new RunscException("unknown flag " + argument);
            } else if (flag.kind() == Flag.Kind.SWITCH) {
                values.put(flag.name(), truth(flag, value));
            } else if (value == null && at == arguments.size()) {
                throw new RunscException("flag --" + flag.name() + " needs a value");
            } else {
                String given = value != null ? value : arguments.get(at++);
                if (flag.kind() == Flag.Kind.LIST) {
                    lists.computeIfAbsent(flag.name(), unused -> new ArrayList<>()).add(given);
                } else {
                    values.put(flag.name(), given);
                }
            }
        }
        for (Flag f : known) {
            if (f.standard() != null) {
                values.putIfAbsent(f.name(), f.standard());
            }
        }
        return new Flags(values, lists, new ArrayList<>(arguments.subList(at, arguments.size())), help);
    }

    private static Flag find(Flag[] known, String name) {
        for (Flag f : known) {
            if (f.matches(name)) {
                return f;
            }
        }
        return null;
    }

    private static String truth(Flag flag, String value) throws RunscException {
        if (value == null || value.equals("true") || value.equals("1")) {
            return "true";
        }
        if (value.equals("false") || value.equals("0")) {
            return "false";
        }
        throw new RunscException("flag --" + flag.name() + " is true or false, not " + value);
    }

    /** Whether {@code --help} or {@code -h} was among them. */
    public boolean help() {
        return help;
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public boolean isSet(String name) {
        return "true".equals(values.get(name));
    }

    /** The value given, or the flag's standard value, or null. */
    public String get(String name) {
        return values.get(name);
    }

    /** All values of a flag that may be given several times. */
    public List<String> all(String name) {
        return lists.getOrDefault(name, List.of());
    }

    /** What follows the flags. */
    public List<String> rest() {
        return rest;
    }
}
