package runsc.cli.posix;

import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/** The host's user names, for the OWNER column of {@code runsc list}. Loads jnr-posix when first asked. */
public final class Users {
    private Users() {}

    /**
     * The name that the host's user database has for {@code uid} (getpwuid(3)), or the number in decimal when it has
     * none. The caller should keep the answer when it asks for the same user often.
     */
    public static String nameOf(int uid) {
        Passwd entry = Database.POSIX.getpwuid(uid);
        String name = entry == null ? null : entry.getLoginName();
        return name == null || name.isEmpty() ? Integer.toUnsignedString(uid) : name;
    }

    private static final class Database {
        static final POSIX POSIX = open();

        private static POSIX open() {
            // jffi's own library lies in the image; without this jffi would unpack a copy into a temp directory.
            if (System.getProperty("jffi.boot.library.path") == null) {
                System.setProperty("jffi.boot.library.path", System.getProperty("java.home") + "/lib");
            }
            return POSIXFactory.getNativePOSIX();
        }
    }
}
