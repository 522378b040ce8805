package sentry.core.net;

/**
 * A datagram on its way.
 *
 * @param ttl hop limit; 1 to 255
 * @param tos type of service or traffic class
 * @param time when it was sent, CLOCK_REALTIME nanoseconds
 */
record Datagram(byte[] data, int length, Endpoint from, Endpoint to, int ttl, int tos, int device, long time) {
    /** What it takes of a receive buffer: Linux counts its own bookkeeping too. */
    int cost() {
        int rounded = Math.max(256, Integer.highestOneBit(Math.max(1, length + 384 - 1)) << 1);
        return rounded + 256;
    }
}
