package gofer.p9.server;

import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;
import host.linux.Memory;

/** Treaddirx and Tscanxattrx: what goes through a directory. */
final class DirectoryRequests {
    private static final int E2BIG = 7;
    /** struct linux_dirent64: ino[8] off[8] reclen[2] type[1] name. */
    private static final int DIRENT_OFF = 8;

    private static final int DIRENT_RECLEN = 16;
    private static final int DIRENT_NAME = 19;
    /** The 16-bit count of a reply must hold what one more getdents64 brings. */
    private static final int COUNT_LIMIT = 0xffff - 2048;

    private final Session session;
    private final Host host;
    private final byte[] dirents = new byte[Host.DATA_SIZE / 2];

    DirectoryRequests(Session session) {
        this.session = session;
        this.host = session.host;
    }

    int list(Packet in, Packet out) throws ProtocolException {
        int errno = session.location(in, session.first);
        if (errno != 0) {
            return errno;
        }
        long offset = in.get64();
        int end = Math.min(session.msize - Protocol.HEADER, Math.max(0, in.get32())) + Protocol.HEADER;
        int dir = open();
        if (dir < 0) {
            return -dir;
        }
        long sought = offset == 0 ? 0 : Files.lseek(dir, offset, 0);
        int result = sought < 0 ? (int) sought : readEntries(dir, out, end);
        Files.close(dir);
        return -result;
    }

    /** Opens the directory that the first location names. */
    private int open() {
        int path = session.first.directory();
        if (path < 0) {
            return path;
        }
        int dir = host.reopen(path, Files.O_RDONLY | Files.O_DIRECTORY);
        session.first.close(path);
        return dir;
    }

    private int readEntries(int dir, Packet out, int end) {
        int endAt = out.position();
        out.put8(0);
        out.put16(0);
        // Entries in the upper half of the data area; link targets go into the lower half.
        long buffer = host.data() + dirents.length;
        int count = 0;
        while (count <= COUNT_LIMIT) {
            int length = fill(dir, buffer);
            if (length < 0) {
                return length;
            }
            if (length == 0) {
                out.set8(endAt, 1);
                break;
            }
            for (int at = 0; at < length; at += record(at)) {
                int nameLength = nameLength(at);
                if (isDots(at + DIRENT_NAME, nameLength)) {
                    continue;
                }
                int start = out.position();
                boolean there = putDirent(out, dir, at, nameLength, buffer + at + DIRENT_NAME);
                if (out.position() > end) {
                    out.position(start);
                    out.set16(endAt + 1, count);
                    return count == 0 ? -Errors.EINVAL : 0;
                }
                if (there) {
                    count++;
                }
            }
        }
        out.set16(endAt + 1, count);
        return 0;
    }

    private int fill(int dir, long buffer) {
        int length = (int) Files.getdents64(dir, buffer, dirents.length);
        if (length > 0) {
            Memory.copy(buffer, dirents, 0, length);
        }
        return length;
    }

    /** One entry; false when it went away since it was listed. */
    private boolean putDirent(Packet out, int dir, int at, int nameLength, long name) {
        if (host.statName(dir, name) < 0) {
            return false;
        }
        int start = out.position();
        out.put64(Packet.int64(dirents, at + DIRENT_OFF));
        out.putString(dirents, at + DIRENT_NAME, nameLength);
        if (WalkRequest.putEntry(host, out, dir, name) < 0) {
            out.position(start);
            return false;
        }
        return true;
    }

    /** Which files of the directory have extended attributes; E2BIG when they are too many for a message. */
    int scanAttributes(Packet in, Packet out) throws ProtocolException {
        int errno = session.location(in, session.first);
        if (errno != 0) {
            return errno;
        }
        int dir = open();
        if (dir < 0) {
            return -dir;
        }
        int result = scan(dir, out);
        Files.close(dir);
        return -result;
    }

    private int scan(int dir, Packet out) {
        int countAt = out.position();
        out.put16(0);
        long buffer = host.data() + dirents.length;
        int count = 0;
        while (true) {
            int length = fill(dir, buffer);
            if (length <= 0) {
                out.set16(countAt, count);
                return length;
            }
            for (int at = 0; at < length; at += record(at)) {
                int nameLength = nameLength(at);
                // An error too means that there is something to be said about the file itself.
                if (isDots(at + DIRENT_NAME, nameLength) || host.hasNoXattrs(dir, dirents, at + DIRENT_NAME, nameLength)) {
                    continue;
                }
                out.putString(dirents, at + DIRENT_NAME, nameLength);
                if (++count > COUNT_LIMIT || out.position() > session.msize) {
                    return -E2BIG;
                }
            }
        }
    }

    private int record(int at) {
        return dirents[at + DIRENT_RECLEN] & 0xff | (dirents[at + DIRENT_RECLEN + 1] & 0xff) << 8;
    }

    private int nameLength(int at) {
        int start = at + DIRENT_NAME;
        int length = 0;
        while (dirents[start + length] != 0) {
            length++;
        }
        return length;
    }

    private boolean isDots(int at, int length) {
        return dirents[at] == '.' && (length == 1 || length == 2 && dirents[at + 1] == '.');
    }
}
