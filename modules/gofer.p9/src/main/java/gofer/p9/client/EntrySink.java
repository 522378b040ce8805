package gofer.p9.client;

import gofer.p9.codec.Attributes;

/** Takes directory entries, "." and ".." left out. */
@FunctionalInterface
public interface EntrySink {
    /**
     * @param name a checked file name
     * @param next the offset that continues behind this entry
     * @param attributes the file's, for the sink to keep
     * @param target a symbolic link's text, or null
     */
    void entry(String name, long next, Attributes attributes, String target);
}
