/**
 * Command-line flags in the manner that the clients of OCI runtimes expect: one or two dashes, {@code --flag=value} or
 * {@code --flag value}, flags before the positional arguments. Written by hand because the libraries for it cost a
 * hundred milliseconds at each start. No locks.
 */
package runsc.cli.flags;
