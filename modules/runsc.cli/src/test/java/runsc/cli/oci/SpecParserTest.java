package runsc.cli.oci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import runsc.cli.RunscException;

class SpecParserTest {
    private static final String START = "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"}";

    private static Spec parse(String json) throws RunscException {
        return SpecParser.parse("config.json", json.getBytes(StandardCharsets.UTF_8));
    }

    private static String error(String json) {
        return assertThrows(RunscException.class, () -> parse(json)).getMessage();
    }

    @Test
    void readsEverythingThatWeUse() throws RunscException {
        Spec spec = parse("""
                {
                  "ociVersion": "1.1.0",
                  "process": {
                    "terminal": true,
                    "consoleSize": {"height": 24, "width": 80},
                    "user": {"uid": 1000, "gid": 4294967295, "umask": 18, "additionalGids": [5, 6]},
                    "args": ["sh", "-c", "echo ü"],
                    "env": ["A=b"],
                    "cwd": "/tmp",
                    "capabilities": {"bounding": ["CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"], "effective": ["CAP_KILL"]},
                    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1, "hard": 18446744073709551615}],
                    "noNewPrivileges": true,
                    "apparmorProfile": "x"
                  },
                  "root": {"path": "/r", "readonly": true},
                  "hostname": "h", "domainname": "d",
                  "mounts": [
                    {"destination": "/proc", "type": "proc", "source": "proc"},
                    {"destination": "data", "source": "/d", "options": ["rbind", "ro"]}
                  ],
                  "hooks": {"prestart": [{"path": "/bin/x"}], "poststop": []},
                  "linux": {
                    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}],
                    "uidMappings": [{"containerID": 0, "hostID": 0, "size": 10}],
                    "sysctl": {"a.b": "1"},
                    "cgroupsPath": "/c",
                    "resources": {"devices": [], "memory": {"limit": 5}},
                    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
                    "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 2}],
                    "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
                    "personality": {"domain": "LINUX"}
                  },
                  "annotations": {"k": "v"},
                  "unknown": [1, {"x": [null]}]
                }
                """);
        ProcessSpec p = spec.process();
        assertTrue(p.terminal());
        assertEquals(24, p.consoleHeight());
        assertEquals(80, p.consoleWidth());
        assertEquals(1000, p.user().uid());
        assertEquals(-1, p.user().gid());
        assertEquals(022, p.user().umask());
        assertArrayEquals(new int[] {5, 6}, p.user().groups());
        assertEquals(List.of("sh", "-c", "echo \u00c3\u00bc"), p.args(), "UTF-8 as a byte string");
        assertEquals("/tmp", p.cwd());
        assertEquals(1L | 1L << 40, p.capabilities().bounding());
        assertEquals(1L << 5, p.capabilities().effective());
        assertEquals(List.of(new ProcessSpec.Rlimit(7, 1, -1)), p.rlimits());
        assertTrue(p.noNewPrivileges());
        assertTrue(spec.root().readOnly());
        assertEquals("h", spec.hostname());
        assertEquals("d", spec.domainname());
        assertFalse(spec.mounts().get(0).bind());
        assertTrue(spec.mounts().get(1).bind());
        assertEquals("/data", spec.mounts().get(1).destination());
        assertEquals(List.of(new Hook(Hook.Kind.PRESTART, "/bin/x", List.of(), List.of(), 0)), spec.hooks());
        assertEquals(Map.of("k", "v"), spec.annotations());
        LinuxSpec linux = spec.linux();
        assertEquals(new LinuxSpec.Namespace("network", "/n"), linux.namespaces().get(1));
        assertFalse(linux.idMappings());
        assertEquals(List.of(), linux.limits());
        assertEquals(5, linux.memoryLimit());
        assertTrue(linux.seccomp() != null);
        assertEquals(List.of("/dev/x"), linux.devices());
        assertEquals(List.of("/proc/kcore"), linux.maskedPaths());
        assertEquals("LINUX", linux.personality());
    }

    @Test
    void nullCountsAsAbsent() throws RunscException {
        Spec spec = parse(START + ",\"hostname\":null,\"process\":null,\"linux\":null}");
        assertEquals(null, spec.hostname());
        assertEquals(null, spec.process());
    }

    @Test
    void brokenJsonIsReportedWithItsPlace() {
        String message = error("{\n  \"ociVersion\": \"1.0.2\",\n  \"process\": {\"args\": [\"a\" \"b\"]}\n}");
        assertTrue(message.startsWith("config.json:3:"), message);
        assertTrue(message.contains("broken JSON at process.args"), message);
        assertFalse(message.contains("\n"), message);
        String comma = "{\"ociVersion\":\"1.0.2\",}";
        for (String json : List.of("", "{", "[", "{\"a\"", comma, "{'a':1}", "nonsense", START)) {
            String m = error(json);
            assertTrue(m.startsWith("config.json"), m);
            assertFalse(m.contains("\n"), m);
        }
    }

    @Test
    void whatFollowsTheDocumentIsAnError() {
        assertTrue(error(START + "} x").startsWith("config.json:1:"));
    }

    @Test
    void bytesThatAreNotUtf8AreAnError() {
        RunscException e = assertThrows(
                RunscException.class, () -> SpecParser.parse("config.json", new byte[] {'{', (byte) 0xff, '}'}));
        assertEquals("config.json: broken JSON: not UTF-8", e.getMessage());
    }

    @Test
    void wrongTypesAreReportedWithTheirPath() {
        assertPath("process.args", START + ",\"process\":{\"args\":\"ls\"}}", "an array is expected, found a string");
        assertPath("process.args[1]", START + ",\"process\":{\"args\":[\"a\",2]}}", "a string is expected");
        assertPath("process.user.uid", START + ",\"process\":{\"user\":{\"uid\":\"root\"}}}", "a number is expected");
        assertPath("process.user.uid", START + ",\"process\":{\"user\":{\"uid\":-1}}}", "is not an id");
        assertPath("process.user.uid", START + ",\"process\":{\"user\":{\"uid\":1.5}}}", "not a whole number");
        assertPath("process.terminal", START + ",\"process\":{\"terminal\":1}}", "true or false is expected");
        assertPath("hostname", START + ",\"hostname\":{}}", "a string is expected, found an object");
        assertPath("process.env[0]", START + ",\"process\":{\"env\":[\"a\\u0000b\"]}}", "NUL");
        assertPath("mounts[0]", START + ",\"mounts\":[3]}", "an object is expected");
        assertPath("the document", "[]", "an object is expected");
    }

    @Test
    void missingFieldsAreReportedWithTheirPath() {
        assertPath("ociVersion", "{\"root\":{\"path\":\"r\"}}", "is missing");
        assertPath("root", "{\"ociVersion\":\"1.0.0\"}", "is missing");
        assertPath("root.path", "{\"ociVersion\":\"1.0.0\",\"root\":{}}", "is missing");
        assertPath("process.args", START + ",\"process\":{\"cwd\":\"/\"}}", "is missing");
        assertPath("process.args", START + ",\"process\":{\"args\":[],\"cwd\":\"/\"}}", "is empty");
        assertPath("process.cwd", START + ",\"process\":{\"args\":[\"a\"]}}", "is missing");
        assertPath("process.cwd", START + ",\"process\":{\"args\":[\"a\"],\"cwd\":\"x\"}}", "absolute");
        assertPath("mounts[0].destination", START + ",\"mounts\":[{\"type\":\"proc\"}]}", "is missing");
        assertPath("mounts[0].type", START + ",\"mounts\":[{\"destination\":\"/p\"}]}", "is missing");
        String bind = "{\"destination\":\"/p\",\"type\":\"bind\"}";
        assertPath("mounts[0].source", START + ",\"mounts\":[" + bind + "]}", "is missing");
    }

    @Test
    void namesThatDoNotExistAreErrors() {
        assertPath(
                "process.capabilities.bounding[0]",
                START + ",\"process\":{\"capabilities\":{\"bounding\":[\"CAP_FLY\"]}}}",
                "there is no capability CAP_FLY");
        assertPath(
                "process.rlimits[0].type",
                START + ",\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_X\",\"soft\":1,\"hard\":1}]}}",
                "there is no resource");
        assertPath(
                "process.rlimits[0]",
                START + ",\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]}}",
                "above the hard limit");
        assertPath(
                "linux.namespaces[0].type",
                START + ",\"linux\":{\"namespaces\":[{\"type\":\"moon\"}]}}",
                "there is no namespace");
        assertPath("ociVersion", "{\"ociVersion\":\"2.0\",\"root\":{\"path\":\"r\"}}", "only 1.x");
    }

    @Test
    void leavingOutWhatIsolatesIsAnErrorAndTheRestAWarning() throws RunscException {
        Spec mapped = parse(START + ",\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]}}");
        assertThrows(RunscException.class, () -> Unsupported.check(mapped, false));
        Spec limited = parse(START + ",\"linux\":{\"resources\":{\"cpu\":{\"shares\":3}}}}");
        assertEquals(1, Unsupported.check(limited, false).size());
        assertEquals(0, Unsupported.check(limited, true).size());
        assertEquals(List.of(), Unsupported.check(parse(START + "}"), false));
    }

    private static void assertPath(String path, String json, String what) {
        String message = error(json);
        assertTrue(message.startsWith("config.json:1:"), message);
        assertTrue(message.contains(": " + path + ": "), message);
        assertTrue(message.contains(what), message);
    }
}
