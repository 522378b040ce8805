package gofer.p9.client;

import gofer.p9.codec.Attributes;

/**
 * An opened or created regular file.
 *
 * @param attributes as of now
 * @param fd a donated host descriptor, which belongs to the caller
 */
public record Opened(Attributes attributes, int fd) {}
