package runsc.cli.state;

/** The states of the OCI runtime specification. */
public enum Status {
    CREATING("creating"),
    CREATED("created"),
    RUNNING("running"),
    PAUSED("paused"),
    STOPPED("stopped");

    private final String text;

    Status(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    static Status of(String text) {
        for (Status s : values()) {
            if (s.text.equals(text)) {
                return s;
            }
        }
        return null;
    }
}
