package gofer.p9.client;

import gofer.p9.codec.Attributes;

/**
 * What Twalkx found.
 *
 * @param errno why it stopped, or 0 when every name was found; ELOOP: the last found is a symbolic link in the way
 * @param count how many entries of the arrays count
 * @param attributes of each name found, and before them of the start when WALK_SELF was asked for; with WALK_LINK behind
 *     them of the names that links led to
 * @param targets text of those that are symbolic links, null for others
 * @param fd a donated descriptor, open for reading, which belongs to the caller; or -1
 */
public record Walked(int errno, int count, Attributes[] attributes, String[] targets, int fd) {}
