package sentry.core.loader;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.ProgramBuilder;
import sentry.core.task.ExecCredentials;
import sentry.core.task.ExecImage;
import sentry.core.task.Task;
import sentry.core.vdso.Vdso;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;

/** Builds a program's first memory image. */
public final class Loader {
    /** Scripts whose interpreter is a script, and so on, at most. */
    private static final int MAX_DEPTH = 5;

    private Loader() {}

    /**
     * Loads {@code file} into a new address space, ready to start.
     *
     * @param task who executes it; its limits, its root for interpreters
     * @param file opened for execution; the caller keeps its reference
     * @param path as given to execve(2): AT_EXECFN, and what a script's interpreter gets as an argument
     * @param argv raw bytes, as are {@code envp}'s
     */
    public static ExecImage load(
            Task task, FileDescription file, String path, List<String> argv, List<String> envp)
            throws ErrnoException {
        List<String> args = argv.isEmpty() ? List.of("") : argv; // programs rely on argv[0]; Linux gives them this
        FileDescription program = file;
        program.retain();
        try {
            String name = path;
            for (int depth = 0; ; depth++) {
                byte[] head = new byte[Script.HEAD];
                int n = ElfFile.read(program, 0, head, head.length);
                Script script = Script.parse(head, n);
                if (script == null) {
                    break;
                }
                if (depth == MAX_DEPTH) {
                    throw Errno.ELOOP.error();
                }
                args = script.arguments(name, args);
                name = script.interpreter();
                FileDescription next =
                        Opener.openExecutable(PathWalk.of(task), task.fs().cwd(), script.interpreter(), true);
                program.release();
                program = next;
            }
            ArgumentSpace.check(task, path, args, envp);
            ExecCredentials credentials = ExecCredentials.of(task, program.path());
            return build(task, program, path, args, envp, credentials);
        } finally {
            program.release();
        }
    }

    private static ExecImage build(
            Task task,
            FileDescription program,
            String path,
            List<String> argv,
            List<String> envp,
            ExecCredentials credentials)
            throws ErrnoException {
        ElfFile elf = ElfFile.open(program, Errno.ENOEXEC);
        ElfFile interpreter = null;
        FileDescription interpreterFile = null;
        MemoryManager mm = null;
        try {
            if (elf.interpreter() != null) {
                interpreterFile =
                        Opener.openExecutable(PathWalk.of(task), task.fs().cwd(), elf.interpreter(), true);
                interpreter = ElfFile.open(interpreterFile, Errno.ELIBBAD);
            }
            mm = MemoryManager.create(task.kernel());
            mm.execute(program.inode().state());
            ExecImage image;
            try {
                image = map(task, mm, program, elf, interpreterFile, interpreter, path, argv, envp, credentials);
            } catch (ErrnoException e) {
                // Linux finds out when the old program is gone, and kills the new one by SIGSEGV: so does address 0.
                image = new ExecImage(mm, 0, 0, baseName(path), credentials);
            }
            mm = null;
            return image;
        } finally {
            if (interpreterFile != null) {
                interpreterFile.release();
            }
            if (mm != null) {
                mm.release(null);
            }
        }
    }

    private static ExecImage map(
            Task task,
            MemoryManager mm,
            FileDescription program,
            ElfFile elf,
            FileDescription interpreterFile,
            ElfFile interpreter,
            String path,
            List<String> argv,
            List<String> envp,
            ExecCredentials credentials)
            throws ErrnoException {
        ProgramBuilder builder = new ProgramBuilder(mm, task);
        builder.layout().exe = program.path();
        builder.chooseAddresses();
        ElfMapper main = new ElfMapper(builder, elf, program);
        main.mapProgram(interpreter != null);
        ElfMapper loader = null;
        if (interpreter != null) {
            loader = new ElfMapper(builder, interpreter, interpreterFile);
            loader.mapInterpreter();
        }
        Vdso vdso = task.kernel().vdso();
        if (vdso != null) {
            builder.mapVdso(vdso, task.namespaces().timeForChildren());
        }
        long stackPointer = new InitialStack(task, builder, elf, main, loader, credentials)
                .write(path, argv, envp, elf.executableStack());
        long entry = loader != null ? loader.entry() : main.entry();
        return new ExecImage(mm, entry, stackPointer, baseName(path), credentials);
    }

    private static String baseName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.length() > 15 ? name.substring(0, 15) : name;
    }
}
