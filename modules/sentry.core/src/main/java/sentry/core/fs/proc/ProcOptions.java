package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/**
 * Mount options of proc (proc(5)).
 *
 * @param hide who may look at processes of others
 * @param gid a group that may all the same
 * @param onlyProcesses whether there is nothing but processes (subset=pid)
 */
record ProcOptions(Hide hide, int gid, boolean onlyProcesses) {
    static final ProcOptions DEFAULT = new ProcOptions(Hide.OFF, 0, false);

    /** The values of hidepid. */
    enum Hide {
        OFF("off", 0),
        NO_ACCESS("noaccess", 1),
        INVISIBLE("invisible", 2),
        NOT_PTRACEABLE("ptraceable", 4);

        private final String text;
        private final int number;

        Hide(String text, int number) {
            this.text = text;
            this.number = number;
        }
    }

    /** EINVAL for what Linux does not know. */
    static ProcOptions parse(String data) throws ErrnoException {
        ProcOptions o = DEFAULT;
        for (String option : data.split(",")) {
            int equals = option.indexOf('=');
            String value = equals < 0 ? "" : option.substring(equals + 1);
            o = switch (equals < 0 ? option : option.substring(0, equals)) {
                case "" -> o;
                case "hidepid" -> new ProcOptions(hide(value), o.gid, o.onlyProcesses);
                case "gid" -> new ProcOptions(o.hide, number(value), o.onlyProcesses);
                case "subset" -> {
                    if (!value.equals("pid")) {
                        throw Errno.EINVAL.error();
                    }
                    yield new ProcOptions(o.hide, o.gid, true);
                }
                default -> throw Errno.EINVAL.error();
            };
        }
        return o;
    }

    private static Hide hide(String value) throws ErrnoException {
        for (Hide h : Hide.values()) {
            if (h.text.equals(value) || Integer.toString(h.number).equals(value)) {
                return h;
            }
        }
        throw Errno.EINVAL.error();
    }

    private static int number(String value) throws ErrnoException {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }

    /** As /proc/mounts shows them. */
    String text() {
        StringBuilder b = new StringBuilder();
        if (gid != 0) {
            b.append("gid=").append(gid).append(',');
        }
        if (hide != Hide.OFF) {
            b.append("hidepid=").append(hide.text).append(',');
        }
        if (onlyProcesses) {
            b.append("subset=pid,");
        }
        return b.isEmpty() ? "" : b.substring(0, b.length() - 1);
    }

    /** Whether {@code reader} may do with the process what is refused from {@code from} on. */
    boolean allows(Subject subject, Task reader, Hide from) throws ErrnoException {
        if (hide == Hide.OFF || reader == null) {
            return true;
        }
        if (hide != Hide.NOT_PTRACEABLE && (hide.number < from.number || reader.credentials().inGroup(gid))) {
            return true;
        }
        return subject.taskOrNull() == null || subject.inspectable(reader);
    }
}
