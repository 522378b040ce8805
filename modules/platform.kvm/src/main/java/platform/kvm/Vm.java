package platform.kvm;

import host.linux.Errnos;
import host.linux.Files;
import host.linux.HostException;
import host.linux.CString;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import sentry.core.platform.PlatformException;

/** A virtual machine of KVM: its descriptor, memory slots and the processor it shows its guests. */
final class Vm implements AutoCloseable {
    private static final int MAX_CPUID = 256;
    private static final int FEATURE_LEAF = 7;
    private static final int XSAVE_LEAF = 0xd;

    /** x87, SSE, AVX and the three parts of AVX-512: what the guest may use (XCR0). */
    private static final long KNOWN_STATE = 0xe7;

    /**
     * Tables that the host may shadow at once. By itself it takes a fiftieth of the guest's memory, which is little at
     * first, and a hundred programs would push each other's out.
     */
    private static final int SHADOW_PAGES = 1 << 16;

    private final int device;
    private final int fd;
    private final int runSize;
    /** struct kvm_cpuid2, for each virtual processor. */
    private final NativeArea cpuid;

    private final long xcr0;
    private final int maxVcpus;
    private final NativeArea region = NativeArea.allocate(4096);
    private boolean closed;

    Vm() throws PlatformException {
        device = openDevice();
        try {
            long version = Kvm.ioctl(device, Kvm.GET_API_VERSION, 0);
            if (version != Kvm.API_VERSION) {
                throw new PlatformException("/dev/kvm speaks version " + version + " of its interface, not 12");
            }
            require(Kvm.CAP_SYNC_REGS, Kvm.SYNC_REGS | Kvm.SYNC_SREGS, "shared registers (KVM_CAP_SYNC_REGS)");
            require(Kvm.CAP_IMMEDIATE_EXIT, 1, "KVM_CAP_IMMEDIATE_EXIT");
            require(Kvm.CAP_XCRS, 1, "KVM_CAP_XCRS");
            maxVcpus = (int) extension(Kvm.CAP_MAX_VCPUS);
            runSize = (int) check("KVM_GET_VCPU_MMAP_SIZE", Kvm.ioctl(device, Kvm.GET_VCPU_MMAP_SIZE, 0));
            cpuid = NativeArea.allocate(Kvm.CPUID_HEADER + MAX_CPUID * Kvm.CPUID_ENTRY);
            Memory.putInt(cpuid.address(), MAX_CPUID);
            check("KVM_GET_SUPPORTED_CPUID", Kvm.ioctl(device, Kvm.GET_SUPPORTED_CPUID, cpuid.address()));
            xcr0 = cpuid(XSAVE_LEAF, 0, Kvm.CPUID_EAX) & KNOWN_STATE;
            fd = (int) check("KVM_CREATE_VM", Kvm.ioctl(device, Kvm.CREATE_VM, 0));
            Kvm.ioctl(fd, Kvm.SET_NR_MMU_PAGES, SHADOW_PAGES); // a wish
        } catch (PlatformException e) {
            Files.close(device);
            throw e;
        }
    }

    /** Opens /dev/kvm, or says in the user's terms why not. */
    static int openDevice() throws PlatformException {
        long r;
        try (Arena arena = Arena.ofConfined()) {
            r = Files.openat(
                    Files.AT_FDCWD, CString.of(arena, "/dev/kvm").address(), Files.O_RDWR | Files.O_CLOEXEC, 0);
        }
        if (Syscall.failed(r)) {
            throw new PlatformException(switch ((int) -r) {
                case 2 -> "there is no /dev/kvm: the kernel module is not loaded, or this machine is itself a guest"
                        + " without nested virtualisation";
                case 13, 1 -> "no permission to open /dev/kvm: run as root or join its group";
                case 6, 19 -> "/dev/kvm exists, but the kernel has no KVM behind it";
                default -> "cannot open /dev/kvm: " + Errnos.name((int) -r);
            });
        }
        return (int) r;
    }

    private void require(int capability, int bits, String name) throws PlatformException {
        if ((extension(capability) & bits) != bits) {
            throw new PlatformException("the host's KVM lacks " + name);
        }
    }

    private long extension(int capability) {
        return Kvm.ioctl(device, Kvm.CHECK_EXTENSION, capability);
    }

    static long check(String what, long result) throws PlatformException {
        if (Syscall.failed(result)) {
            throw new PlatformException(what + ": " + Errnos.name((int) -result));
        }
        return result;
    }

    /** A register that cpuid leaves in the guest; 0 for a leaf that is not there. */
    private int cpuid(int leaf, int index, int register) {
        int n = Memory.getInt(cpuid.address());
        for (int i = 0; i < n; i++) {
            long e = cpuid.address() + Kvm.CPUID_HEADER + (long) i * Kvm.CPUID_ENTRY;
            if (Memory.getInt(e + Kvm.CPUID_FUNCTION) == leaf && Memory.getInt(e + Kvm.CPUID_INDEX) == index) {
                return Memory.getInt(e + register);
            }
        }
        return 0;
    }

    /** Whether programs may read and write the bases of FS and GS (CPUID leaf 7). */
    boolean fsgsbase() {
        return (cpuid(FEATURE_LEAF, 0, Kvm.CPUID_EBX) & 1) != 0;
    }

    /** Whether ring 0 can be kept from running pages of ring 3. */
    boolean smep() {
        return (cpuid(FEATURE_LEAF, 0, Kvm.CPUID_EBX) & 1 << 7) != 0;
    }

    /** Whether ring 0 can be kept from touching pages of ring 3. */
    boolean smap() {
        return (cpuid(FEATURE_LEAF, 0, Kvm.CPUID_EBX) & 1 << 20) != 0;
    }

    /** The parts of the floating-point state that guests have, as bits of XCR0; 0 without XSAVE. */
    long xcr0() {
        return xcr0;
    }

    /** Bytes of an XSAVE area in the standard format that has all parts of {@link #xcr0}. */
    int fpStateSize() {
        int size = 576; // the legacy area and the header
        for (int part = 2; part < 63; part++) {
            if ((xcr0 >> part & 1) != 0) {
                size = Math.max(size, cpuid(XSAVE_LEAF, part, Kvm.CPUID_EBX) + cpuid(XSAVE_LEAF, part, Kvm.CPUID_EAX));
            }
        }
        return size;
    }

    int maxVcpus() {
        return maxVcpus;
    }

    /** Bytes of struct kvm_run. */
    int runSize() {
        return runSize;
    }

    /** struct kvm_cpuid2 with what the host's KVM can show. */
    long cpuid() {
        return cpuid.address();
    }

    /** The memory slots that the host's KVM has. */
    int maxSlots() {
        return (int) extension(Kvm.CAP_NR_MEMSLOTS);
    }

    /** Shows {@code size} bytes of the Sentry at {@code host} to the guest at {@code gpa}; size 0 deletes the slot. */
    synchronized void setMemoryRegion(int slot, int flags, long gpa, long size, long host) throws PlatformException {
        long r = region.address(); // struct kvm_userspace_memory_region
        Memory.putInt(r, slot);
        Memory.putInt(r + 4, flags);
        Memory.putLong(r + 8, gpa);
        Memory.putLong(r + 16, size);
        Memory.putLong(r + 24, host);
        check("KVM_SET_USER_MEMORY_REGION", Kvm.ioctl(fd, Kvm.SET_USER_MEMORY_REGION, r));
    }

    int createVcpu(int index) throws PlatformException {
        return (int) check("KVM_CREATE_VCPU", Kvm.ioctl(fd, Kvm.CREATE_VCPU, index));
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Files.close(fd);
            Files.close(device);
            cpuid.close();
            region.close();
        }
    }
}
