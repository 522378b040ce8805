/** The gofer's outer shell: takes what to serve from the command, and ends with the Sentry and the command. */
package runsc.cli.gofer;
