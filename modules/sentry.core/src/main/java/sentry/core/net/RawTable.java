package sentry.core.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The raw and ping sockets of one network. */
final class RawTable {
    private final List<RawSocket> sockets = new CopyOnWriteArrayList<>();
    private int lastId = 1;

    RawTable() {}

    void add(RawSocket s) {
        sockets.add(s);
    }

    void remove(RawSocket s) {
        sockets.remove(s);
    }

    List<RawSocket> all() {
        return sockets;
    }

    /** A free identifier for a ping socket, or -1 when {@code wanted} is taken. */
    synchronized int identify(RawSocket socket, int wanted) {
        int id = wanted;
        for (int i = 0; i < 65536; i++) {
            if (wanted == 0) {
                lastId = lastId % 65535 + 1;
                id = lastId;
            }
            if (!taken(socket, id)) {
                return id;
            }
            if (wanted != 0) {
                return -1;
            }
        }
        return -1;
    }

    private boolean taken(RawSocket by, int id) {
        for (RawSocket s : sockets) {
            if (s != by && s.identifier() == id) {
                return true;
            }
        }
        return false;
    }
}
