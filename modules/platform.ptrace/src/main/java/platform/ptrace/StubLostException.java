package platform.ptrace;

/** The stub died under our hands: killed from outside, or by its own filter. Preallocated; carries no state. */
final class StubLostException extends Exception {
    private static final long serialVersionUID = 1L;
    static final StubLostException LOST = new StubLostException();

    private StubLostException() {
        super("the stub process is gone", null, false, false);
    }
}
