package sentry.core.socket;

import sentry.core.vfs.FileDescription;

/** Bytes on their way, with what travels along. Guarded by the receiving socket's monitor once it is queued. */
final class Message {
    static final FileDescription[] NO_FILES = {};

    final byte[] data;
    final int length;
    /** Bytes taken already; streams only. */
    int taken;
    /** Each with a reference that the message owns. */
    FileDescription[] files;

    final Peer from;
    /** The sender's address. */
    final byte[] address;

    Message(byte[] data, int length, FileDescription[] files, Peer from, byte[] address) {
        this.data = data;
        this.length = length;
        this.files = files;
        this.from = from;
        this.address = address;
    }

    int left() {
        return length - taken;
    }

    void dropFiles() {
        for (FileDescription f : files) {
            f.release();
        }
        files = NO_FILES;
    }
}
