/** The subcommands that users call, one file each. They hold no state between calls; no locks. */
package runsc.cli.commands;
