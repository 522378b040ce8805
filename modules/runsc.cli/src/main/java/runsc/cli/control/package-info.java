/**
 * What the command and its Sentry and gofer say to each other, over socket pairs and over the container's control
 * socket: frames of length, type and payload ({@link runsc.cli.control.Channel}). Both sides take the other for
 * hostile: lengths are bounded and every field is checked.
 *
 * <p>Lock order: {@link runsc.cli.control.ControlServer}'s own lock is the only one; no kernel call is made under it.
 */
package runsc.cli.control;
