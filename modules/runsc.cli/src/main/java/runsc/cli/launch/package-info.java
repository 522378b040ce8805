/**
 * Starting and ending a sandbox from outside: the processes of the image's other two roles, what they are told, and
 * watching them. Runs on the command's only thread; no locks.
 *
 * <p>Who sees to it that nothing is left behind: the Sentry dies by signal with the command that runs it (PDEATHSIG),
 * or, when it outlives the command, by the end of its program. The gofer sees both ends of its sockets close, removes
 * the container's state if nobody else did, and ends. The programs' stubs die with the Sentry (PTRACE_O_EXITKILL). What
 * a kill of everything at once leaves is recognised as stale by the next command.
 */
package runsc.cli.launch;
