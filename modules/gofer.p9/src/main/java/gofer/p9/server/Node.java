package gofer.p9.server;

import host.linux.Files;

/** A file that fids refer to: its O_PATH descriptor, shared by the fids that were cloned from one another. */
final class Node {
    final int fd;
    /** S_IFMT bits; a file's type never changes. */
    final int type;

    final long dev;
    final long ino;
    /** Where a plain Twalk found it, for Tremove and Trename; null for the root and for what locations found. */
    Node parent;

    byte[] name;
    private int references = 1;

    Node(int fd, int type, long dev, long ino) {
        this.fd = fd;
        this.type = type;
        this.dev = dev;
        this.ino = ino;
    }

    Node retain() {
        references++;
        return this;
    }

    void release() {
        // A loop: a peer may have walked down as many directories as there are descriptors.
        Node node = this;
        while (node != null && --node.references == 0) {
            Files.close(node.fd);
            Node up = node.parent;
            node.parent = null;
            node = up;
        }
    }

    /** Remembers where the file is; the directory stays open as long as that is known. */
    void place(Node directory, byte[] newName) {
        Node old = parent;
        parent = directory == null ? null : directory.retain();
        name = newName;
        if (old != null) {
            old.release();
        }
    }

    boolean isDirectory() {
        return type == Files.S_IFDIR;
    }
}
