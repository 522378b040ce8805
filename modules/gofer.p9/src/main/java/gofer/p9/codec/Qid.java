package gofer.p9.codec;

/**
 * What a 9P2000.L server calls a file.
 *
 * @param type QID_ bits
 * @param version changes with the file's content; 0 when the server does not say
 * @param path unique among the server's files
 */
public record Qid(int type, int version, long path) {
    /** Bytes on the wire: type[1] version[4] path[8]. */
    public static final int SIZE = 13;

    public static Qid read(Packet in) throws ProtocolException {
        int type = in.get8();
        int version = in.get32();
        return new Qid(type, version, in.get64());
    }
}
