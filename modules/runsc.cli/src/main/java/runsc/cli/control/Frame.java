package runsc.cli.control;

import runsc.cli.io.WireReader;

/** @param descriptors that came along; the receiver owns them */
public record Frame(MessageType type, byte[] payload, int[] descriptors) {
    public WireReader reader() {
        return new WireReader(payload);
    }
}
