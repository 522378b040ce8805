package gofer.p9.fs;

import gofer.p9.client.Opened;
import gofer.p9.client.P9Error;
import gofer.p9.client.Walked;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Protocol;
import host.linux.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/**
 * A directory behind the gofer, with what is known of its names.
 *
 * <p>Answers may cross with changes of ours. So every change is bracketed by {@link #beginChange} and an end, which counts
 * a version up; an answer is only kept when no change was under way and the version is the one from before the question.
 */
final class GoferDirectory extends GoferInode {
    private static final int ENOENT = 2;
    private static final int EMFILE = 24;
    /** Names known not to exist that one directory keeps, at most. */
    private static final int NEGATIVE_LIMIT = 4096;
    /** A directory that changes all the time is listed without keeping the answer after so many tries. */
    private static final int LISTING_TRIES = 2;

    // A directory in which so many names were looked up one by one is listed instead, if so many bytes are enough.
    private static final int FEW_ASKED = 3;

    private static final int FEW_BYTES = 16 << 10;
    private static final int MANY_ASKED = 24;

    /** So many files' extended attributes asked for one by one: then all of the directory's at once. */
    private static final int XATTRS_ASKED = 3;

    private static final int WALK_FLAGS = Protocol.WALK_OPEN | Protocol.WALK_LINK;

    /** A name that does not exist. */
    private static final Object NEGATIVE = new Object();

    /** A name that a listing told of; it becomes an inode when it is looked up. */
    private record Listed(Attributes attributes, String target) {}

    /** The names of a directory, in the server's order. */
    record Listing(String[] names, long[] inos, byte[] types) {}

    /** Inode, {@link Listed} or {@link #NEGATIVE} by name. Its monitor guards what follows too. */
    private final HashMap<String, Object> children = new HashMap<>(8);

    private int negatives;
    /** Changes under way. */
    private int changing;

    private long version;
    /** All names, or null when that is not known. */
    private Listing listing;
    /** A name that is not among the children does not exist. */
    private boolean complete;
    /** Names asked for one by one. */
    private int asked;

    private int listedNames;
    /** The files with extended attributes, all others having none; or null when that is not known. */
    private Set<String> withXattrs;

    private int xattrsAsked;

    GoferDirectory(GoferFileSystem fs, Attributes attributes, GoferDirectory parent, String name) {
        super(fs, attributes, parent, name);
    }

    // What is known.

    /** Waits until no change is under way. The monitor of {@code children} is held. */
    private void awaitQuiet() {
        boolean interrupted = false;
        while (changing > 0) {
            try {
                children.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void beginChange() {
        synchronized (children) {
            changing++;
            version++;
        }
    }

    /** @param outcome what the name means now: an inode, NEGATIVE, or null when the change failed */
    private void endChange(String name, Object outcome) {
        synchronized (children) {
            changing--;
            version++;
            if (outcome != null) {
                put(name, outcome);
            } else if (children.get(name) == NEGATIVE) {
                put(name, null);
                complete = false;
            }
            listing = null;
            withXattrs = null;
            if (changing == 0) {
                children.notifyAll();
            }
        }
        markStale();
    }

    private void put(String name, Object what) {
        Object old;
        if (what == null || what == NEGATIVE && fs.shared()) {
            old = children.remove(name);
        } else {
            old = children.put(name, what);
            if (what == NEGATIVE && old != NEGATIVE && ++negatives > NEGATIVE_LIMIT) {
                children.values().removeIf(v -> v == NEGATIVE);
                negatives = 0;
                old = null;
            }
        }
        if (old == NEGATIVE && what != NEGATIVE) {
            negatives--;
        }
    }

    /** The inode for an answer of the server; the monitor of {@code children} is held. */
    private GoferInode found(String name, Attributes a, String target) {
        Object known = children.get(name);
        if (known instanceof GoferInode inode) {
            Attributes had = inode.attributes();
            if (had.ino == a.ino && had.dev == a.dev && ((had.mode ^ a.mode) & 0xf000) == 0) {
                if (fs.shared()) {
                    inode.attributes(a);
                    inode.confirmed = System.nanoTime();
                }
                return inode;
            }
        }
        GoferInode made = fs.inode(a, target, this, name);
        put(name, made);
        return made;
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        while (true) {
            long before;
            int ahead = 0;
            synchronized (children) {
                awaitQuiet();
                Object known = children.get(name);
                if (known instanceof GoferInode inode
                        && (!fs.shared() || System.nanoTime() - inode.confirmed < GoferFileSystem.FRESH_NANOS)) {
                    return inode;
                }
                if (known == NEGATIVE || known == null && complete) {
                    return null;
                }
                if (known instanceof Listed listed) {
                    return found(name, listed.attributes, listed.target);
                }
                before = version;
                if (!fs.shared() && (++asked == FEW_ASKED || asked == MANY_ASKED)) {
                    ahead = asked == FEW_ASKED ? FEW_BYTES : fs.client.msize();
                }
            }
            if (ahead > 0 && listAhead(before, ahead)) {
                continue;
            }
            Walked w = walk(new String[] {name}, 0, 1);
            if (w.count() == 0 && w.errno() != ENOENT) {
                throw Errno.of(w.errno()).error();
            }
            GoferInode inode = null;
            GoferInode last = null;
            boolean kept = false;
            synchronized (children) {
                if (changing == 0 && version == before) {
                    kept = true;
                    if (w.count() == 0) {
                        put(name, NEGATIVE);
                    } else {
                        inode = found(name, w.attributes()[0], w.targets()[0]);
                        last = linked(w, 1, inode);
                    }
                }
            }
            donate(last, w.fd());
            if (kept) {
                return inode;
            }
        }
    }

    /** Keeps what came of names that links led to; returns the last. The monitor of {@code children} is held. */
    private GoferInode linked(Walked w, int from, GoferInode link) {
        GoferInode last = link;
        for (int i = from; i < w.count(); i++) {
            last = found(w.targets()[i - 1], w.attributes()[i], w.targets()[i]);
        }
        return last;
    }

    /** Gives a descriptor that came with an answer to the file. */
    private void donate(GoferInode inode, int fd) {
        if (fd < 0) {
            return;
        }
        if (inode instanceof GoferRegular file) {
            file.offer(fd);
        } else {
            Files.close(fd);
        }
    }

    private Walked walk(String[] names, int from, int to) throws ErrnoException {
        Lock place = lockPlace();
        try {
            // A program that looks a file up mostly opens it next: the descriptor may come along, past links too.
            return fs.client.walkx(this, Protocol.NOFID, fs.shared() ? 0 : WALK_FLAGS, names, from, to);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
    }

    /** Takes {@code here} for nothing: what comes is kept here, whoever asks. */
    @Override
    public void prefetch(Dentry here, String[] names, int from, int to) throws ErrnoException {
        GoferDirectory directory = this;
        int at = from;
        while (at < to) {
            Object known = directory.peek(names[at]);
            if (known == null) {
                break;
            }
            if (!(known instanceof GoferDirectory next)) {
                return;
            }
            directory = next;
            at++;
        }
        if (at < to) {
            directory.fetch(names, at, to);
        }
    }

    /** What is known of a name without asking: an inode, {@link #NEGATIVE}, or null. */
    private Object peek(String name) {
        synchronized (children) {
            Object known = children.get(name);
            if (known instanceof Listed listed) {
                return found(name, listed.attributes, listed.target);
            }
            if (fs.shared()
                    && known instanceof GoferInode inode
                    && System.nanoTime() - inode.confirmed >= GoferFileSystem.FRESH_NANOS) {
                return null;
            }
            return known == null && complete ? NEGATIVE : known;
        }
    }

    /** Asks for names one below the other and keeps what comes. */
    private void fetch(String[] names, int from, int to) throws ErrnoException {
        long before;
        synchronized (children) {
            awaitQuiet();
            before = version;
        }
        Walked w = walk(names, from, to);
        GoferDirectory directory = this;
        GoferInode last = null;
        int i = 0;
        while (directory != null && i < w.count()) {
            synchronized (directory.children) {
                if (directory.changing > 0 || directory.version != before) {
                    break;
                }
                last = directory.found(names[from + i], w.attributes()[i], w.targets()[i]);
                if (i == to - from - 1) {
                    last = directory.linked(w, i + 1, last);
                    i = w.count() - 1;
                }
            }
            i++;
            if (last instanceof GoferDirectory next) {
                directory = next;
                before = 0; // whatever was changed in it since we learned of it is newer than what we learned
            } else {
                directory = null;
            }
        }
        if (directory != null && i == w.count() && w.errno() == ENOENT) {
            synchronized (directory.children) {
                if (directory.changing == 0 && directory.version == before) {
                    directory.put(names[from + i], NEGATIVE);
                }
            }
        }
        donate(i == w.count() && i >= to - from ? last : null, w.fd());
    }

    // Changes.

    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        GoferInode made = null;
        Opened opened = null;
        // A file that others may rename is held by a fid while it is open, and a new file is opened next.
        int held = fs.shared() ? fs.client.newFid() : Protocol.NOFID;
        beginChange();
        try {
            Lock place = lockPlace();
            try {
                opened = fs.client.createx(this, name, held, Files.O_RDWR, mode & 07777, uid, gid);
            } catch (P9Error e) {
                if (e.errno() != EMFILE) {
                    throw GoferFileSystem.error(e);
                }
                // The file may be there and its descriptor lost: the name is looked up below.
            } finally {
                place.unlock();
            }
            if (opened != null) {
                made = fs.inode(opened.attributes(), null, this, name);
            }
        } finally {
            if (opened == null && held != Protocol.NOFID) {
                fs.client.forgetFid(held);
            }
            endChange(name, made);
        }
        if (made == null) {
            fs.idle.closeAll();
            Inode found = lookup(name);
            if (found == null) {
                throw Errno.ENFILE.error();
            }
            return found;
        }
        if (made instanceof GoferRegular file) {
            file.offerNew(opened.fd(), held);
        }
        return made;
    }

    private Inode make(String name, int mode, int uid, int gid, String target) throws ErrnoException {
        GoferInode made = null;
        Attributes a;
        beginChange();
        try {
            Lock place = lockPlace();
            try {
                a = fs.client.makex(this, name, mode, 0, uid, gid, target);
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            } finally {
                place.unlock();
            }
            if (((a.mode ^ mode) & 0xf000) != 0) {
                throw Errno.EIO.error();
            }
            made = fs.inode(a, target, this, name);
        } finally {
            endChange(name, made);
        }
        return made;
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        return make(name, FileMode.S_IFDIR | mode & 07777, uid, gid, null);
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        if (target.length() >= Fcntl.PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        return make(name, FileMode.S_IFLNK | 0777, uid, gid, target);
    }

    @Override
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        return make(name, mode, uid, gid, null);
    }

    @Override
    public void link(String name, Inode target) throws ErrnoException {
        GoferInode file = (GoferInode) target;
        Object outcome = null;
        beginChange();
        try {
            Lock place = fs.places.writeLock();
            place.lock();
            try {
                if (!hasPlace() || !file.hasPlace()) {
                    throw Errno.ENOENT.error();
                }
                file.attributes(fs.client.linkx(file, this, name));
                file.addName(this, name);
                outcome = file;
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            } finally {
                place.unlock();
            }
        } finally {
            endChange(name, outcome);
        }
        fs.remember(file);
    }

    @Override
    public void unlink(String name, Inode victim) throws ErrnoException {
        remove(name, (GoferInode) victim, 0);
    }

    @Override
    public void rmdir(String name, Inode victim) throws ErrnoException {
        remove(name, (GoferInode) victim, Fcntl.AT_REMOVEDIR);
    }

    private void remove(String name, GoferInode victim, int flags) throws ErrnoException {
        boolean done = false;
        beginChange();
        try {
            Lock place = fs.places.writeLock();
            place.lock();
            int kept = Protocol.NOFID;
            try {
                if (!hasPlace()) {
                    throw Errno.ENOENT.error();
                }
                kept = fidToKeep(victim, name);
                fs.client.unlinkx(this, name, kept, flags);
                done = true;
                losesName(victim, name, kept);
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            } finally {
                if (!done && kept != Protocol.NOFID) {
                    fs.client.forgetFid(kept);
                }
                place.unlock();
            }
        } finally {
            endChange(name, done ? NEGATIVE : null);
        }
        afterLoss(victim);
    }

    /** A number for a fid that keeps {@code file} reachable when it loses {@code name}; NOFID when there is no need. */
    private int fidToKeep(GoferInode file, String name) {
        boolean needed = file.isOnlyName(this, name)
                && (file.inUse() || file.attributes().nlink > 1 && !(file instanceof GoferDirectory));
        return needed ? fs.client.newFid() : Protocol.NOFID;
    }

    /** {@code places} is held for writing. */
    private void losesName(GoferInode file, String name, int kept) {
        file.removeName(this, name);
        if (kept != Protocol.NOFID) {
            file.fid(kept);
        }
        Attributes a = file.attributes();
        a.nlink = file instanceof GoferDirectory ? 0 : Math.max(0, a.nlink - 1);
        file.markStale();
    }

    private void afterLoss(GoferInode file) {
        if (file.attributes().nlink == 0) {
            fs.forget(file);
            file.nameless();
        }
    }

    @Override
    public void rename(String name, Inode file, Inode newDirectory, String newName, Inode replaced, int flags)
            throws ErrnoException {
        if ((flags & Fcntl.RENAME_WHITEOUT) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
        GoferInode moved = (GoferInode) file;
        GoferInode other = (GoferInode) replaced;
        GoferDirectory to = (GoferDirectory) newDirectory;
        boolean done = false;
        beginChange();
        to.beginChange();
        try {
            Lock place = fs.places.writeLock();
            place.lock();
            int kept = Protocol.NOFID;
            try {
                if (!hasPlace() || !to.hasPlace()) {
                    throw Errno.ENOENT.error();
                }
                if (other != null && !exchange) {
                    kept = to.fidToKeep(other, newName);
                }
                fs.client.renamex(this, name, to, newName, kept, flags);
                done = true;
                if (other != null && exchange) {
                    other.removeName(to, newName);
                } else if (other != null) {
                    to.losesName(other, newName, kept);
                }
                moved.removeName(this, name);
                moved.addName(to, newName);
                if (exchange && other != null) {
                    other.addName(this, name);
                }
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            } finally {
                if (!done && kept != Protocol.NOFID) {
                    fs.client.forgetFid(kept);
                }
                place.unlock();
            }
        } finally {
            endChange(name, !done ? null : exchange ? other : NEGATIVE);
            to.endChange(newName, done ? moved : null);
        }
        moved.markStale();
        if (other != null && !exchange) {
            afterLoss(other);
        }
    }

    // Extended attributes of the files in the directory.

    /** Whether {@code name}, one of the directory's files, is known to have none; asks for all when asked often. */
    boolean knowsBare(String name) throws ErrnoException {
        long before;
        synchronized (children) {
            if (changing > 0) {
                return false;
            }
            if (withXattrs != null) {
                return !withXattrs.contains(name);
            }
            if (++xattrsAsked % XATTRS_ASKED != 0) {
                return false;
            }
            before = version;
        }
        Set<String> scanned;
        Lock place = lockPlace();
        try {
            scanned = fs.client.scanxattrx(this);
        } catch (P9Error e) {
            return false; // too many to tell, or not ours to read: file by file then
        } finally {
            place.unlock();
        }
        synchronized (children) {
            if (changing > 0 || version != before) {
                return false;
            }
            withXattrs = scanned;
        }
        return !scanned.contains(name);
    }

    /** A file's extended attributes are about to change, or did. */
    void xattrsChange() {
        synchronized (children) {
            version++;
            withXattrs = null;
        }
    }

    // Listing.

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new GoferDirectoryFile(this, path, flags);
    }

    /** All names, one round trip for some hundreds of them, kept for the next who asks. */
    Listing listing() throws ErrnoException {
        for (int tries = 1; ; tries++) {
            long before;
            synchronized (children) {
                awaitQuiet();
                if (listing != null && !fs.shared()) {
                    return listing;
                }
                before = version;
            }
            ArrayList<String> names = new ArrayList<>();
            ArrayList<Listed> entries = new ArrayList<>();
            read(names, entries);
            Listing made = listing(names, entries);
            if (fs.shared() || keep(before, made, names, entries) || tries == LISTING_TRIES) {
                return made;
            }
        }
    }

    private void read(ArrayList<String> names, ArrayList<Listed> entries) throws ErrnoException {
        long[] next = {0};
        boolean end;
        do {
            end = read(next, fs.client.msize(), names, entries);
        } while (!end);
    }

    /** Reads on from {@code next[0]}; returns whether that was the end. */
    private boolean read(long[] next, int bytes, ArrayList<String> names, ArrayList<Listed> entries)
            throws ErrnoException {
        Lock place = lockPlace();
        try {
            return fs.client.readdirx(this, next[0], bytes, (name, offset, attributes, target) -> {
                names.add(name);
                entries.add(new Listed(attributes, target));
                next[0] = offset;
            });
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
    }

    /** Lists the directory in one round trip and keeps the answer; false when it is larger or changes meanwhile. */
    private boolean listAhead(long before, int bytes) throws ErrnoException {
        ArrayList<String> names = new ArrayList<>();
        ArrayList<Listed> entries = new ArrayList<>();
        try {
            if (!read(new long[1], bytes, names, entries)) {
                return false;
            }
        } catch (ErrnoException e) {
            return false; // a directory may be searchable and not readable; the look-up itself will tell
        }
        return keep(before, listing(names, entries), names, entries);
    }

    private static Listing listing(ArrayList<String> names, ArrayList<Listed> entries) {
        int n = names.size();
        Listing made = new Listing(names.toArray(new String[n]), new long[n], new byte[n]);
        for (int i = 0; i < n; i++) {
            Attributes a = entries.get(i).attributes;
            made.inos[i] = a.ino;
            made.types[i] = (byte) FileMode.direntType(a.mode);
        }
        return made;
    }

    /** Keeps a listing if nothing changed meanwhile. */
    private boolean keep(long before, Listing made, ArrayList<String> names, ArrayList<Listed> entries) {
        int added = 0;
        synchronized (children) {
            if (changing > 0 || version != before) {
                return false;
            }
            for (int i = 0; i < made.names.length; i++) {
                Object known = children.get(names.get(i));
                if (!(known instanceof GoferInode)) {
                    put(names.get(i), entries.get(i));
                    added++;
                }
            }
            listing = made;
            complete = true;
            listedNames += added;
        }
        fs.listed(this, added);
        return true;
    }

    /** Forgets names that were listed and never looked up; returns how many were counted. */
    int dropListed() {
        synchronized (children) {
            children.values().removeIf(v -> v instanceof Listed);
            listing = null;
            complete = false;
            int counted = listedNames;
            listedNames = 0;
            return counted;
        }
    }
}
