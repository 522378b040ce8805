package sentry.core.task;

/** What a task has read and written, for /proc/PID/io. The task's own thread counts; others see a value a moment old. */
public final class IoAccount {
    private long readBytes;
    private long writtenBytes;
    private long reads;
    private long writes;

    IoAccount() {}

    /** A call of the kind of read(2). */
    public void readCall() {
        reads++;
    }

    public void writeCall() {
        writes++;
    }

    public void read(long bytes) {
        readBytes += bytes;
    }

    public void written(long bytes) {
        writtenBytes += bytes;
    }

    public void add(IoAccount other) {
        readBytes += other.readBytes;
        writtenBytes += other.writtenBytes;
        reads += other.reads;
        writes += other.writes;
    }

    public long readBytes() {
        return readBytes;
    }

    public long writtenBytes() {
        return writtenBytes;
    }

    public long reads() {
        return reads;
    }

    public long writes() {
        return writes;
    }
}
