/**
 * A seccomp filter in Java: an assembler for classic BPF, the rules, and the program made of them (seccomp(2),
 * linux/filter.h, linux/seccomp.h). No locks.
 */
package runsc.cli.boot.seccomp;
