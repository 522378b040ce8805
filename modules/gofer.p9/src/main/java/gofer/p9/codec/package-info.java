/**
 * The messages of 9P2000.L and of our extension {@code 9P2000.L.runsc.1}.
 *
 * <p>A message is size[4] type[1] tag[2] and a body; numbers are little-endian and unsigned; a string is a length[2] and
 * that many bytes. {@link gofer.p9.codec.Packet} reads and writes them in a byte array, trusting nothing it reads.
 *
 * <p>The base protocol is that of the Linux client (Documentation/filesystems/9p.rst and the 9P2000.L notes of diod).
 * The extension is asked for by its name in Tversion; a server that does not know it answers "9P2000.L". Its requests
 * name a file by a <i>location</i>: fid[4] count[2] name[s]*, a fid and a path of single names below it, in which no
 * symbolic link is followed. Bodies (R is T + 1; attr is {@link gofer.p9.codec.Attributes}, 104 bytes):
 *
 * <pre>
 * Twalkx     location newfid[4] flags[4] count[2] name[s]*   Rwalkx     errno[4] count[2] (attr target[s])* fds[1]
 * Topenx     location newfid[4] flags[4]                     Ropenx     attr fds[1]
 * Tcreatex   location newfid[4] flags[4] mode[4] uid[4] gid[4]   Rcreatex   attr fds[1]
 * Tmakex     location mode[4] rdev[8] uid[4] gid[4] target[s]    Rmakex     attr
 * Tlinkx     location(old) location(new)                     Rlinkx     attr
 * Tunlinkx   location newfid[4] flags[4]                     Runlinkx
 * Trenamex   location(old) location(new) newfid[4] flags[4]  Rrenamex
 * Tsetattrx  location valid[4] mode[4] uid[4] gid[4] size[8] atime[8] mtime[8]   Rsetattrx  attr
 * Treaddirx  location offset[8] count[4]                     Rreaddirx  end[1] count[2] (next[8] name[s] attr target[s])*
 * Tgetxattrx location name[s]                                Rgetxattrx count[4] data
 * Tsetxattrx location name[s] flags[4] count[4] data         Rsetxattrx
 * Tlistxattrx location                                       Rlistxattrx count[4] data
 * Tremovexattrx location name[s]                             Rremovexattrx
 * Tclunkx    count[2] fid[4]*                                Rclunkx
 * Tallocatex fid[4] mode[4] offset[8] length[8]              Rallocatex
 * Tscanxattrx location                                       Rscanxattrx count[2] name[s]*
 * </pre>
 *
 * <p>{@code newfid} may be NOFID. {@code fds} says how many host descriptors come with the message (SCM_RIGHTS on its
 * first byte): 0 or 1. Rwalkx stops at the first name that is missing, not a directory or a symbolic link; errno says
 * why, and 0 means that every name was found; with WALK_LINK more may follow than were asked for. Rscanxattrx has the
 * names in a directory of files with extended attributes. In Tunlinkx and Trenamex newfid becomes the file that loses its name.
 */
package gofer.p9.codec;
