/** Serves host files over 9P2000.L with donated descriptors, and gives the Sentry the filesystem type that asks for them. */
@SuppressWarnings("module") // the 9 is the protocol's name, not a version
module gofer.p9 {
    requires host.linux;
    requires transitive sentry.core;

    exports gofer.p9.client;
    exports gofer.p9.codec;
    exports gofer.p9.fs;
    exports gofer.p9.server;

    provides sentry.core.vfs.FilesystemType with
            gofer.p9.fs.GoferFilesystemType;
}
