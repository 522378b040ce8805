package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import runsc.cli.Messages;
import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.io.ByteString;
import runsc.cli.oci.ProcessSpec;
import runsc.cli.oci.Spec;
import runsc.cli.oci.SpecParser;

/** An OCI bundle: a directory with a config.json, and usually the root filesystem. */
public final class Bundle {
    private Bundle() {}

    /** Reads the bundle in {@code directory} for a container called {@code id}. */
    public static Plan plan(String id, String directory, OverlayOption overlay) throws RunscException {
        String bundle = Paths.resolve(Paths.workingDirectory(), directory);
        String file = bundle + "/config.json";
        Spec spec = SpecParser.parse(ByteString.toText(file), read("the bundle's ", file));
        return new Plan(id, bundle, Paths.resolve(bundle, spec.root().path()), overlay, spec);
    }

    /** Reads a file that holds a process of config.json alone. */
    public static ProcessSpec process(String name) throws RunscException {
        String file = Paths.resolve(Paths.workingDirectory(), name);
        return SpecParser.parseProcess(ByteString.toText(file), read("", file));
    }

    private static byte[] read(String what, String file) throws RunscException {
        int fd = FileIo.open(Files.AT_FDCWD, ByteString.bytes(file), Files.O_RDONLY, 0);
        if (fd < 0) {
            throw new RunscException("cannot read " + what + file + ": " + Messages.errno(-fd));
        }
        byte[] content = FileIo.readAll(fd);
        Files.close(fd);
        if (content == null) {
            throw new RunscException("cannot read " + what + file);
        }
        return content;
    }
}
