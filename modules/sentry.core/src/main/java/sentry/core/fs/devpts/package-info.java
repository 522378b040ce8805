/**
 * The devpts filesystem: a node for the terminal side of each pseudo-terminal, and ptmx, which makes new ones (pts(4)).
 * Each instance has numbers of its own.
 *
 * <p>Lock order: an instance's monitor guards its table of terminals and is a leaf.
 */
package sentry.core.fs.devpts;
