package platform.kvm.memory;

import java.util.Arrays;

/** A file of the host that programs map, and where its pieces appear in the windows. Guarded by {@link HostFiles}. */
final class HostFile {
    private final HostFiles files;
    final HostFiles.Key key;
    /** Our own descriptor. */
    final int fd;
    /** PROT_* of the host's mappings. */
    final int protection;

    int references;

    /** Numbers (offset / {@link HostFiles#PIECE}) of the pieces that appear, plus one, in an open hash table. */
    private long[] numbers = new long[4];
    /** The places in the windows, beside them. */
    private int[] places = new int[4];

    private int count;

    HostFile(HostFiles files, HostFiles.Key key, int fd, int protection) {
        this.files = files;
        this.key = key;
        this.fd = fd;
        this.protection = protection;
    }

    void retain() {
        files.retain(this);
    }

    /** The place of piece {@code number}, or -1. */
    int place(long number) {
        int i = slot(number);
        return numbers[i] == 0 ? -1 : places[i];
    }

    void place(long number, int place) {
        if (++count > numbers.length / 2) {
            long[] oldNumbers = numbers;
            int[] oldPlaces = places;
            numbers = new long[numbers.length * 2];
            places = new int[numbers.length];
            for (int i = 0; i < oldNumbers.length; i++) {
                if (oldNumbers[i] != 0) {
                    int to = slot(oldNumbers[i] - 1);
                    numbers[to] = oldNumbers[i];
                    places[to] = oldPlaces[i];
                }
            }
        }
        int i = slot(number);
        numbers[i] = number + 1;
        places[i] = place;
    }

    /** How many pieces appear. */
    int pieces() {
        return count;
    }

    /** The places of all pieces. */
    int[] places() {
        int[] all = new int[count];
        int n = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] != 0) {
                all[n++] = places[i];
            }
        }
        return Arrays.copyOf(all, n);
    }

    private int slot(long number) {
        int mask = numbers.length - 1;
        int i = (int) (number * 0x9e3779b97f4a7c15L >>> 40) & mask;
        while (numbers[i] != 0 && numbers[i] != number + 1) {
            i = i + 1 & mask;
        }
        return i;
    }
}
