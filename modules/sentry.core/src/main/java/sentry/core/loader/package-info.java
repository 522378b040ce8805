/**
 * Loads programs: ELF files with their interpreters, and scripts; builds the address space and the first stack of a
 * program, and the vDSO that every program gets.
 *
 * <p>Everything in a program file is hostile. A program is built in an address space of its own before the calling
 * task gives its old one up, so that any failure leaves the caller as it was. No locks of its own.
 */
package sentry.core.loader;
