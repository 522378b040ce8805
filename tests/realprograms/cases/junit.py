"""Prints the results of a file of JUnit as lines "class.test result", sorted; of a test with subtests, the worst."""
import sys
import xml.etree.ElementTree as ET

order = ["ok", "skipped", "FAIL", "ERROR"]
results = {}
for case in ET.parse(sys.argv[1]).iter("testcase"):
    name = case.get("name")
    result, why = "ok", ""
    for child in case:
        if child.tag == "skipped":
            result, why = "skipped", " " + (child.text or child.get("message") or "").strip()
        elif child.tag in ("failure", "error"):
            result = "FAIL" if child.tag == "failure" else "ERROR"
    if case.get("result") == "skipped" and result == "ok":
        result = "skipped"
    if case.get("status") == "notrun":
        result = "not run"
    old = results.get(name)
    if old is None or order.index(result) > order.index(old[0]):
        results[name] = (result, why)
for name in sorted(results):
    print(name, results[name][0] + results[name][1].split("\n")[0])
