/**
 * Bytes in and out: byte strings, the standard streams, JSON with places, our wire format. Knows no command. No locks.
 */
package runsc.cli.io;
