package platform.kvm.memory;

import host.linux.Errnos;
import host.linux.Files;
import host.linux.Memory;
import host.linux.Mman;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import sentry.core.platform.PlatformException;

/**
 * Files of the host in guest-physical space. Windows of reserved host addresses have a slot each; pieces of files are
 * mapped into them when a program first touches one, and taken out some time after the last address space has given the
 * file up. So a mapping costs no slot of its own.
 *
 * <p>Thread-safe.
 */
final class HostFiles {
    /** Files appear in aligned pieces of this size. */
    static final long PIECE = 1L << 21;

    private static final int PIECE_SHIFT = 21;
    private static final long WINDOW = 1L << 26;
    private static final int WINDOW_PIECES = (int) (WINDOW / PIECE);
    private static final int PAGE = 4096;

    /** Most programs that start map files that a program before them has mapped. */
    private static final int MOST_IDLE = 48;
    /** Larger files do not wait. */
    private static final int MOST_IDLE_PIECES = 4;

    private static final int F_GETFL = 3;
    private static final int F_DUPFD_CLOEXEC = 1030;

    /**
     * What a file is. A descriptor's number is used again for other files, so it does not count. The time of change is
     * there for overlays, where one inode number stands for two files: before and after the copy.
     */
    record Key(long device, long inode, long seconds, long nanoseconds, int protection) {}

    private final GuestPhysical physical;
    private final NativeArea stat = NativeArea.allocate(Files.STAT_SIZE);
    private final HashMap<Key, HostFile> files = new HashMap<>();

    /** Files that nobody maps now, which stay for a while with their pieces; those that waited longest first. */
    private final ArrayDeque<HostFile> idle = new ArrayDeque<>();

    private long[] windowGpa = new long[4];
    private int windows;
    /** Free places; a place is a window's number * WINDOW_PIECES + a piece of it. */
    private int[] free = new int[0];

    private int freeCount;
    /** What is at each place: file and piece number. */
    private HostFile[] owner = new HostFile[0];

    private long[] number = new long[0];

    HostFiles(GuestPhysical physical) {
        this.physical = physical;
    }

    /** The file that {@code fd} is, with a reference for the caller. */
    synchronized HostFile open(int fd) throws PlatformException {
        long at = stat.address();
        check(Files.fstat(fd, at));
        int mode = (int) check(Files.fcntl(fd, F_GETFL, 0)) & Files.O_ACCMODE;
        int protection = mode == Files.O_RDWR ? Mman.PROT_READ | Mman.PROT_WRITE : Mman.PROT_READ;
        Key key = new Key(
                Memory.getLong(at + Files.STAT_OFF_DEV),
                Memory.getLong(at + Files.STAT_OFF_INO),
                Memory.getLong(at + Files.STAT_OFF_CTIME),
                Memory.getLong(at + Files.STAT_OFF_CTIME + 8),
                protection);
        HostFile f = files.get(key);
        if (f == null) {
            f = new HostFile(this, key, (int) check(Files.fcntl(fd, F_DUPFD_CLOEXEC, 0)), protection);
            files.put(key, f);
        }
        if (f.references++ == 0) {
            idle.remove(f);
        }
        return f;
    }

    synchronized void retain(HostFile f) {
        f.references++;
    }

    /** Drops a reference of each, and empties the list. */
    synchronized void release(ArrayList<HostFile> gone) {
        for (int i = 0; i < gone.size(); i++) {
            HostFile f = gone.get(i);
            if (--f.references == 0) {
                if (!worthKeeping(f)) {
                    close(f);
                    continue;
                }
                idle.addLast(f);
                if (idle.size() > MOST_IDLE) {
                    close(idle.removeFirst());
                }
            }
        }
        gone.clear();
    }

    private void close(HostFile f) {
        files.remove(f.key);
        for (int place : f.places()) {
            hide(place);
        }
        Files.close(f.fd);
    }

    /**
     * Whether the file may wait for its next user: not if it has no name any more, since it would stay only because of
     * us, nor if we could write to it, since nobody could execute it.
     */
    private boolean worthKeeping(HostFile f) {
        return f.pieces() <= MOST_IDLE_PIECES
                && (f.protection & Mman.PROT_WRITE) == 0
                && !Syscall.failed(Files.fstat(f.fd, stat.address()))
                && Memory.getLong(stat.address() + Files.STAT_OFF_NLINK) != 0;
    }

    /** Bytes of the file by now, rounded up to whole pages. */
    synchronized long size(HostFile f) {
        if (Syscall.failed(Files.fstat(f.fd, stat.address()))) {
            return 0;
        }
        return Memory.getLong(stat.address() + Files.STAT_OFF_SIZE) + PAGE - 1 & -PAGE;
    }

    /** Where byte {@code offset} of the file is; what follows is there up to the end of its piece. */
    synchronized long gpa(HostFile f, long offset) throws PlatformException {
        long piece = offset >>> PIECE_SHIFT;
        int place = f.place(piece);
        if (place < 0) {
            if (freeCount == 0) {
                addWindow();
            }
            place = free[freeCount - 1];
            map(place, f.protection, Mman.MAP_SHARED, f.fd, piece << PIECE_SHIFT);
            freeCount--;
            f.place(piece, place);
            owner[place] = f;
            number[place] = piece;
        }
        return placeGpa(place) + (offset & PIECE - 1);
    }

    /** The place around {@code gpa} if that is in a window, or -1. */
    private int placeOf(long gpa) {
        for (int i = 0; i < windows; i++) {
            if (gpa >= windowGpa[i] && gpa < windowGpa[i] + WINDOW) {
                return i * WINDOW_PIECES + (int) (gpa - windowGpa[i] >>> PIECE_SHIFT);
            }
        }
        return -1;
    }

    /** The file that appears at {@code gpa}, or null. */
    synchronized HostFile fileAt(long gpa) {
        int place = placeOf(gpa);
        return place < 0 ? null : owner[place];
    }

    /** The offset in the file that appears at {@code gpa}. */
    synchronized long offsetAt(long gpa) {
        return (number[placeOf(gpa)] << PIECE_SHIFT) + (gpa & PIECE - 1);
    }

    /** Files that some address space maps. */
    synchronized int count() {
        return files.size() - idle.size();
    }

    /** Gives up the files that nobody maps. */
    synchronized void trim() {
        while (!idle.isEmpty()) {
            close(idle.removeFirst());
        }
    }

    /** Pieces that appear. */
    synchronized int shown() {
        return windows * WINDOW_PIECES - freeCount;
    }

    synchronized void close() {
        files.values().forEach(f -> Files.close(f.fd));
        files.clear();
        stat.close();
    }

    private void hide(int place) {
        try {
            map(place, Mman.PROT_NONE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE, -1, 0);
        } catch (PlatformException e) {
            // The host has too many mappings. The next file replaces what is still there, and nobody's tables show it.
        }
        owner[place] = null;
        free[freeCount++] = place;
    }

    private void map(int place, int protection, int flags, int fd, long offset) throws PlatformException {
        long address = physical.host(placeGpa(place));
        check(Mman.mmap(address, PIECE, protection, flags | Mman.MAP_FIXED, fd, offset));
    }

    private long placeGpa(int place) {
        return windowGpa[place / WINDOW_PIECES] + (long) (place % WINDOW_PIECES) * PIECE;
    }

    private void addWindow() throws PlatformException {
        if (windows == windowGpa.length) {
            windowGpa = Arrays.copyOf(windowGpa, windows * 2);
        }
        windowGpa[windows] = physical.add(WINDOW, physical.anonymous(WINDOW, Mman.PROT_NONE));
        windows++;
        int places = windows * WINDOW_PIECES;
        free = Arrays.copyOf(free, places);
        owner = Arrays.copyOf(owner, places);
        number = Arrays.copyOf(number, places);
        for (int place = places - 1; place >= places - WINDOW_PIECES; place--) {
            free[freeCount++] = place;
        }
    }

    private static long check(long result) throws PlatformException {
        if (Syscall.failed(result)) {
            throw new PlatformException("mapping a file: " + Errnos.name((int) -result));
        }
        return result;
    }
}
