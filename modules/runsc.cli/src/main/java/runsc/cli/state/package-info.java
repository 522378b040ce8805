/**
 * What is kept about containers between commands: a directory for each under {@code --root}, with state.json, the
 * control socket and the exit code.
 *
 * <p>A flock(2) on the root directory is held while a container's directory is made, changed or removed, never while
 * waiting for anything else. state.json is replaced by rename, so readers need no lock.
 */
package runsc.cli.state;
