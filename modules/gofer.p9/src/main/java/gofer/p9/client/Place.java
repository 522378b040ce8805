package gofer.p9.client;

import gofer.p9.codec.Packet;

/** A file as the extension's requests name it: a fid and a path below it. */
public interface Place {
    /**
     * Writes fid[4] count[2] name[s]*.
     *
     * @param child one more name to put at the end, or null
     */
    void write(Packet out, String child);
}
