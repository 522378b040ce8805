/**
 * Runs programs as guests of KVM: one virtual machine for a sandbox, an address space's page tables for each program, a
 * virtual processor for each task that runs.
 *
 * <p>The Sentry stays outside the guest, as the machine monitor; inside are a page of gates that halt, a page of entry
 * code for system calls ({@link platform.kvm.GuestCode}), and nothing that decides. Of the Sentry's memory the guest sees
 * program memory, its own page tables and {@link platform.kvm.GuestLayout the system area}. On processors with
 * virtualisation system calls enter at ring 0; some hosts (PVM) run the entry code at ring 3, where the program may do
 * with it as it likes, and interpret ring 0. {@link platform.kvm.SelfTest} finds out at start.
 *
 * <p>The path of a system call: entry code, a store to what is no memory, {@link platform.kvm.Vcpu#enter} returns,
 * {@link platform.kvm.Exits} reads the registers, {@link platform.kvm.KvmContext#switchTo} returns. For a program that
 * calls often, while a CPU is free, {@link platform.kvm.Handover} leaves the guest where it is and answers it there; and
 * {@link platform.kvm.Answers} are given by the entry code itself.
 *
 * <p>A processor belongs to who took it ({@link platform.kvm.VcpuPool}); nobody waits for one with a lock held, but for
 * that of a program's memory manager. Lock order: the memory side's (see {@link platform.kvm.memory}), the pool, a
 * processor's monitor (floating-point state), the virtual machine (memory slots).
 */
package platform.kvm;
