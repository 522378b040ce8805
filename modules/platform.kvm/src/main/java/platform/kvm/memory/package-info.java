/**
 * The guest's memory under KVM: what is where in guest-physical space, and the page tables of programs.
 *
 * <ul>
 *   <li>{@link platform.kvm.memory.GuestPhysical} hands out guest-physical space and knows which host memory is behind
 *       it: the memory file in chunks, page tables, and windows in which files of the host appear;
 *   <li>{@link platform.kvm.memory.TableArena} holds all page tables, {@link platform.kvm.memory.PageTables} is the tree
 *       of one address space;
 *   <li>{@link platform.kvm.memory.HostFiles} shows files of the host in windows, in pieces, while somebody maps them;
 *   <li>{@link platform.kvm.memory.Intervals} is what the kernel mapped; page tables are a cache of it, filled by faults;
 *   <li>{@link platform.kvm.memory.KvmAddressSpace} brings these together.
 * </ul>
 *
 * <p>What a processor may still see of an old entry: an entry that was not present is never remembered, and one that
 * permits too little is read again when it makes a fault. Everything else takes a
 * {@linkplain platform.kvm.memory.Shootdown shoot-down}. Under shadow paging (PVM) also a table page that is going to be
 * used again for something else has to be forgotten so.
 *
 * <p>What shadow paging costs, as measured on PVM, in microseconds: an eight-byte write of ring 0 to an entry 4 (the first
 * of a row 11), one amid two entries, which drops the shadow of the whole table, 10 (the first 18), and afterwards each
 * page of the table that is in use 1 to 7 for its next touch. A first touch 1 if the host has the page and its
 * neighbours, 7 if it has the page alone, 14 if it has to make it, 31 more if the guest has no entry; 12 for a large
 * page. A new slot 25 for 64 MB, and 250 for 1 GB. So entries are made for all that lies around a fault, single changed
 * entries are forgotten singly, and program memory is best backed by large pages.
 *
 * <p>Lock order: KvmAddressSpace, then one of HostFiles and TableArena, then GuestPhysical. No lock is held during a
 * shoot-down.
 */
package platform.kvm.memory;
