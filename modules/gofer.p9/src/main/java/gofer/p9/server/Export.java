package gofer.p9.server;

/**
 * One tree to serve, for one peer. Both descriptors pass to the server.
 *
 * @param socketFd a connected unix stream socket
 * @param rootDirFd the tree's root: a directory (or, for a bind mount of a single file, a file), O_PATH will do
 * @param readOnly whether changes are refused
 */
public record Export(int socketFd, int rootDirFd, boolean readOnly) {}
