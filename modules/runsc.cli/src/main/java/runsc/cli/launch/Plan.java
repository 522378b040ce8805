package runsc.cli.launch;

import runsc.cli.OverlayOption;
import runsc.cli.RunscException;
import runsc.cli.oci.Spec;

/**
 * A container to be made.
 *
 * @param id its id
 * @param bundle absolute path of the bundle; empty when there is none
 * @param rootfs absolute path of the root filesystem on the host
 * @param overlay whether writes are kept from the trees on the host
 * @param spec what is to run in it
 */
public record Plan(String id, String bundle, String rootfs, OverlayOption overlay, Spec spec) {

    /** Makes the plan; called after the sandbox's processes are on their way. */
    public interface Source {
        Plan plan() throws RunscException;
    }
}
