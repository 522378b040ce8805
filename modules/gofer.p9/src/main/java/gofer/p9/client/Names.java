package gofer.p9.client;

import gofer.p9.codec.Packet;

/**
 * A place written out.
 *
 * @param fid where the path begins
 * @param names the path, one name each; chars are bytes
 */
public record Names(int fid, String... names) implements Place {
    @Override
    public void write(Packet out, String child) {
        out.put32(fid);
        out.put16(names.length + (child == null ? 0 : 1));
        for (String name : names) {
            out.putString(name);
        }
        if (child != null) {
            out.putString(child);
        }
    }
}
