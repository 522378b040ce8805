package gofer.p9.fs;

/** How far what the gofer told is believed afterwards. */
public enum CachePolicy {
    /** Nobody else changes the tree: names and attributes are kept without asking again. */
    EXCLUSIVE,
    /** Others may change the tree: names and attributes are asked for again at each use. */
    SHARED
}
