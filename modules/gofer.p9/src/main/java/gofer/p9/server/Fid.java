package gofer.p9.server;

import host.linux.Files;

/** The peer's handle on a file. */
final class Fid {
    final Node node;
    /** Descriptor of Tlopen or Tlcreate, or -1. */
    int open = -1;
    /** Access mode of {@link #open}. */
    int access;
    /** Directory offset behind the entry that Treaddir sent last; a different one seeks. */
    long directoryOffset;
    /** The fid reads this extended attribute (Txattrwalk), or writes it (Txattrcreate: {@link #xattrName} set). */
    byte[] xattr;

    byte[] xattrName;
    int xattrFlags;
    int xattrLength;

    Fid(Node node) {
        this.node = node;
    }

    boolean isOpen() {
        return open >= 0 || xattr != null;
    }

    void close() {
        if (open >= 0) {
            Files.close(open);
            open = -1;
        }
        node.release();
    }
}
