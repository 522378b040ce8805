package sentry.core.task;

import sentry.core.memory.MemoryManager;

/**
 * A program that is loaded and ready to start: what the loader hands to {@link TaskExec}.
 *
 * @param mm the finished address space; the reference passes on
 * @param entry where it starts
 * @param stackPointer its initial stack pointer, at argc
 * @param name the command name: the last component of the path that was executed
 * @param credentials who runs it
 */
public record ExecImage(MemoryManager mm, long entry, long stackPointer, String name, ExecCredentials credentials) {}
