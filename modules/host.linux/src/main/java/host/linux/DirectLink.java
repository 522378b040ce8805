package host.linux;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import jdk.internal.access.SharedSecrets;
import jdk.internal.foreign.abi.ABIDescriptor;
import jdk.internal.foreign.abi.NativeEntryPoint;
import jdk.internal.foreign.abi.StubLocations;
import jdk.internal.foreign.abi.VMStorage;
import jdk.internal.foreign.abi.x64.X86_64Architecture;
import jdk.internal.foreign.abi.x64.X86_64Architecture.Regs;
import jdk.internal.foreign.abi.x64.X86_64Architecture.StorageType;

/**
 * Makes the one native method handle of {@link NativeCode} with what java's foreign linker itself stands on.
 *
 * <p>The linker works out at run time, with generated classes, where seven longs go. We know that, and telling the
 * virtual machine so directly saves about 15 ms of every start. It takes packages that java.base keeps to itself, so
 * java must be started with {@code --add-exports} for them; the image's java is. Everywhere else any use of this class
 * ends in a {@link LinkageError}, and the linker serves.
 */
final class DirectLink {
    private DirectLink() {}

    /** A handle {@code (address, a0 ... a6) -> result} by the calling convention of System V on amd64. */
    static MethodHandle handle() {
        VMStorage[] none = {};
        VMStorage[] result = {Regs.rax};
        VMStorage address = StubLocations.TARGET_ADDRESS.storage(StorageType.PLACEHOLDER);
        VMStorage unused = StubLocations.RETURN_BUFFER.storage(StorageType.PLACEHOLDER);
        ABIDescriptor abi = new ABIDescriptor(
                X86_64Architecture.INSTANCE,
                new VMStorage[][] {{Regs.rdi, Regs.rsi, Regs.rdx, Regs.rcx, Regs.r8, Regs.r9}, none},
                new VMStorage[][] {result, none, none},
                new VMStorage[][] {{Regs.r10, Regs.r11}, none}, // what a callee may change and is none of the above
                16, // alignment of the stack
                0, // no shadow space
                Regs.r10, // for the virtual machine's own use
                Regs.r11,
                address,
                unused,
                unused);
        VMStorage[] arguments = {
            address,
            Regs.rdi,
            Regs.rsi,
            Regs.rdx,
            Regs.rcx,
            Regs.r8,
            Regs.r9,
            X86_64Architecture.stackStorage((short) Long.BYTES, 0),
        };
        Class<?> l = long.class;
        MethodType type = MethodType.methodType(l, new Class<?>[] {l, l, l, l, l, l, l, l});
        boolean returnBuffer = false;
        int capturedState = 0;
        boolean transition = true; // the call may block: garbage collection goes on meanwhile
        boolean addressPairs = false;
        return SharedSecrets.getJavaLangInvokeAccess()
                .nativeMethodHandle(NativeEntryPoint.make(
                        abi, arguments, result, type, returnBuffer, capturedState, transition, addressPairs));
    }
}
