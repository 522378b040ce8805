package sentry.core.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

class PidNamespaceTest {
    @Test
    void numbersCountUpAndAreNotReusedAtOnce() throws ErrnoException {
        PidNamespace pids = new PidNamespace();
        Pid first = pids.allocate();
        Pid second = pids.allocate();
        assertEquals(1, first.number());
        assertEquals(2, second.number());
        second.setTask(null); // nobody goes by it any more
        assertNull(pids.find(2));
        assertEquals(3, pids.allocate().number());
    }

    @Test
    void aNestedNamespaceHasItsOwnNumbers() throws ErrnoException {
        PidNamespace outer = new PidNamespace();
        PidNamespace inner = new PidNamespace(outer);
        outer.allocate();
        Pid pid = inner.allocate();
        assertEquals(2, pid.in(outer));
        assertEquals(1, pid.in(inner));
        assertEquals(0, pid.in(new PidNamespace(outer)));
        assertNotNull(outer.find(2));
        assertEquals(pid, inner.find(1));
        pid.setTask(null);
        assertNull(outer.find(2));
        assertNull(inner.find(1));
    }

    @Test
    void aWishedNumberMustBeFree() throws ErrnoException {
        PidNamespace pids = new PidNamespace();
        assertEquals(1, pids.allocate(new int[] {1}).number());
        assertEquals(Errno.EEXIST, errno(() -> pids.allocate(new int[] {1})));
        // Without process 1 no other number can be asked for.
        assertEquals(Errno.EINVAL, errno(() -> pids.allocate(new int[] {50})));
        assertEquals(Errno.EINVAL, errno(() -> pids.allocate(new int[] {PidNamespace.PID_MAX})));
    }

    @Test
    void aClosedNamespaceTakesNobody() {
        PidNamespace pids = new PidNamespace();
        pids.close();
        assertEquals(Errno.ENOMEM, errno(pids::allocate));
    }

    private static Errno errno(org.junit.jupiter.api.function.Executable what) {
        return assertThrows(ErrnoException.class, what).errno();
    }
}
