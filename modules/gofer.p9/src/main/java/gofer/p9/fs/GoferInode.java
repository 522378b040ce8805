package gofer.p9.fs;

import gofer.p9.client.P9Error;
import gofer.p9.client.Place;
import gofer.p9.client.Walked;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.locks.Lock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** A file behind the gofer: its attributes as last told, and where it is. */
abstract class GoferInode extends Inode implements Place {
    /** One more name of a file with several. */
    private record Alias(GoferDirectory directory, String name) {}

    final GoferFileSystem fs;
    /** Guards the asking for attributes and, of a regular file, its descriptors. */
    final Object lock = new Object();

    private final long ino;
    private volatile Attributes attributes;
    /** Something happened that changes attributes in a way that only the host knows. */
    private volatile boolean stale;
    /** When a look-up last confirmed the name (System.nanoTime), with the shared policy. */
    volatile long confirmed;
    /** Tells that the file has no extended attributes (exclusive policy): the common case, asked for by every ls -l. */
    private volatile boolean bare;

    // Guarded by fs.places.
    private GoferDirectory parent;
    private String name;
    private ArrayList<Alias> aliases;
    private volatile int fid = Protocol.NOFID;

    GoferInode(GoferFileSystem fs, Attributes attributes, GoferDirectory parent, String name) {
        super(fs);
        this.fs = fs;
        this.attributes = attributes;
        this.ino = attributes.ino;
        this.parent = parent;
        this.name = name;
    }

    // Where it is.

    @Override
    public final void write(Packet out, String child) {
        int names = child == null ? 0 : 1;
        GoferInode anchor = this;
        while (anchor.fid == Protocol.NOFID && anchor.parent != null) {
            names++;
            anchor = anchor.parent;
        }
        out.put32(anchor.fid);
        out.put16(names);
        putNames(out, anchor);
        if (child != null) {
            out.putString(child);
        }
    }

    private void putNames(Packet out, GoferInode anchor) {
        if (this != anchor) {
            ((GoferInode) parent).putNames(out, anchor);
            out.putString(name);
        }
    }

    /** Whether the server can be told which file this is. {@code places} is held. */
    final boolean hasPlace() {
        return fid != Protocol.NOFID || parent != null;
    }

    /** The lock to hold while a request with this place is under way. ENOENT when the file has no place any more. */
    final Lock lockPlace() throws ErrnoException {
        Lock place = fs.places.readLock();
        place.lock();
        if (!hasPlace()) {
            place.unlock();
            throw Errno.ENOENT.error();
        }
        return place;
    }

    final int fid() {
        return fid;
    }

    /** {@code places} is held for writing. */
    final void fid(int value) {
        fid = value;
    }

    /** One more name. {@code places} is held for writing. */
    final void addName(GoferDirectory directory, String newName) {
        if (parent == null) {
            parent = directory;
            name = newName;
            return;
        }
        if (parent == directory && name.equals(newName)) {
            return;
        }
        if (aliases == null) {
            aliases = new ArrayList<>(1);
        }
        Alias alias = new Alias(directory, newName);
        if (!aliases.contains(alias)) {
            aliases.add(alias);
        }
    }

    /** A name less. {@code places} is held for writing. */
    final void removeName(GoferDirectory directory, String oldName) {
        if (parent == directory && name.equals(oldName)) {
            if (aliases == null || aliases.isEmpty()) {
                parent = null;
                name = null;
            } else {
                Alias other = aliases.removeLast();
                parent = other.directory;
                name = other.name;
            }
        } else if (aliases != null) {
            aliases.remove(new Alias(directory, oldName));
        }
    }

    /** Whether the server would lose sight of the file with this name. {@code places} is held. */
    final boolean isOnlyName(GoferDirectory directory, String oldName) {
        return fid == Protocol.NOFID
                && parent == directory
                && name.equals(oldName)
                && (aliases == null || aliases.isEmpty());
    }

    /** Whether somebody would miss the file if its last name went. */
    boolean inUse() {
        return false;
    }

    /** The file's last name went, and with it whatever was kept for it but for those who have it open. */
    void nameless() {}

    // Attributes.

    final Attributes attributes() {
        return attributes;
    }

    void attributes(Attributes value) {
        attributes = value;
    }

    final void markStale() {
        stale = true;
    }

    final boolean isStale() {
        return stale;
    }

    /** Up-to-date attributes, asked for if need be. */
    final Attributes current() throws ErrnoException {
        if (stale) {
            refresh();
        }
        return attributes;
    }

    private void refresh() throws ErrnoException {
        synchronized (lock) {
            if (!stale) {
                return;
            }
            stale = false; // before asking: what changes meanwhile makes it stale again
            boolean ok = false;
            try {
                attributes(fetch());
                ok = true;
            } finally {
                if (!ok) {
                    stale = true;
                }
            }
        }
    }

    /** Asks for the attributes. The lock is held. */
    Attributes fetch() throws ErrnoException {
        Lock place = fs.places.readLock();
        place.lock();
        try {
            if (!hasPlace()) {
                Attributes gone = attributes; // the last that was known of a file without a name
                gone.nlink = 0;
                return gone;
            }
            Walked w = fs.client.walkx(this, Protocol.NOFID, Protocol.WALK_SELF);
            if (w.count() != 1 || ((w.attributes()[0].mode ^ attributes.mode) & 0xf000) != 0) {
                throw Errno.ESTALE.error();
            }
            return w.attributes()[0];
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
    }

    @Override
    public final long ino() {
        return ino;
    }

    @Override
    public final int mode() {
        return attributes.mode;
    }

    @Override
    public final int uid() {
        return attributes.uid;
    }

    @Override
    public final int gid() {
        return attributes.gid;
    }

    @Override
    public void stat(Stat out) throws ErrnoException {
        if (fs.shared() && System.nanoTime() - confirmed > GoferFileSystem.FRESH_NANOS) {
            stale = true;
        }
        Attributes a = current();
        out.dev = fs.device(a.dev);
        out.ino = a.ino;
        out.mode = a.mode;
        out.nlink = a.nlink & 0xffffffffL;
        out.uid = a.uid;
        out.gid = a.gid;
        out.rdev = a.rdev;
        out.size = a.size;
        out.blksize = a.blksize;
        out.blocks = a.blocks;
        out.atime = a.atime;
        out.mtime = a.mtime;
        out.ctime = a.ctime;
        out.btime = a.btime == Attributes.NO_TIME ? Stat.NO_TIME : a.btime;
    }

    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        int valid = 0;
        int m = change.mask;
        valid |= (m & SetAttr.MODE) != 0 ? Protocol.SET_MODE : 0;
        valid |= (m & SetAttr.UID) != 0 ? Protocol.SET_UID : 0;
        valid |= (m & SetAttr.GID) != 0 ? Protocol.SET_GID : 0;
        valid |= (m & SetAttr.SIZE) != 0 ? Protocol.SET_SIZE : 0;
        valid |= (m & SetAttr.ATIME) != 0 ? Protocol.SET_ATIME | Protocol.SET_ATIME_SET : 0;
        valid |= (m & SetAttr.MTIME) != 0 ? Protocol.SET_MTIME | Protocol.SET_MTIME_SET : 0;
        synchronized (lock) {
            Lock place = lockPlace();
            try {
                attributes(fs.client.setattrx(
                        this, valid, change.mode, change.uid, change.gid, change.size, change.atime, change.mtime));
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            } finally {
                place.unlock();
            }
        }
    }

    // Extended attributes.

    @Override
    public byte[] getxattr(String attribute) throws ErrnoException {
        if (bare) {
            throw Errno.ENODATA.error();
        }
        if (!fs.shared() && listxattr().length == 0) {
            throw Errno.ENODATA.error();
        }
        Lock place = lockPlace();
        try {
            return fs.client.getxattrx(this, attribute);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
    }

    @Override
    public String[] listxattr() throws ErrnoException {
        if (bare || !fs.shared() && directoryKnowsBare()) {
            bare = true;
            return new String[0];
        }
        byte[] list;
        Lock place = lockPlace();
        try {
            list = fs.client.listxattrx(this);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
        ArrayList<String> found = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < list.length; i++) {
            if (list[i] == 0) {
                if (i > start) {
                    found.add(new String(list, start, i - start, StandardCharsets.ISO_8859_1));
                }
                start = i + 1;
            }
        }
        if (found.isEmpty() && !fs.shared()) {
            bare = true;
        }
        return found.toArray(new String[0]);
    }

    private boolean directoryKnowsBare() throws ErrnoException {
        GoferDirectory directory;
        String own;
        Lock place = lockPlace();
        try {
            directory = parent;
            own = name;
        } finally {
            place.unlock();
        }
        return directory != null && directory.knowsBare(own);
    }

    /** The directories' knowledge of this file's extended attributes goes. */
    private void xattrsChange() throws ErrnoException {
        Lock place = lockPlace();
        ArrayList<GoferDirectory> directories = new ArrayList<>(1);
        try {
            if (parent != null) {
                directories.add(parent);
            }
            if (aliases != null) {
                for (Alias alias : aliases) {
                    directories.add(alias.directory);
                }
            }
        } finally {
            place.unlock();
        }
        for (GoferDirectory directory : directories) {
            directory.xattrsChange();
        }
        bare = false;
    }

    @Override
    public void setxattr(String attribute, byte[] value, int flags) throws ErrnoException {
        xattrsChange();
        Lock place = lockPlace();
        try {
            fs.client.setxattrx(this, attribute, value, flags);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
            xattrsChange();
        }
        markStale();
    }

    @Override
    public void removexattr(String attribute) throws ErrnoException {
        Lock place = lockPlace();
        try {
            fs.client.removexattrx(this, attribute);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        } finally {
            place.unlock();
        }
        markStale();
    }
}
