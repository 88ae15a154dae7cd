"""Replays as a JUnit file, which CI servers read: `junit(results)` gives its bytes, the same for the same results."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from gradb.debug.cleaning import clean
from gradb.errors import UserError

from gradb_tui.cli.replay_result import Checked, Result, Spot

ENDS = "the program runs to its end"


def junit(results: Iterable[Result]) -> bytes:
    """A test suite for each source, in it a test case for each expectation. Times are left out."""
    root = ET.Element("testsuites", name="gradb")
    for result in results:
        root.append(_suite(result))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _suite(result: Result) -> ET.Element:
    suite = ET.Element("testsuite", name=clean(result.source))
    for checked in result.checked:
        suite.append(_case(result, checked))
    if result.problem is not None:
        problem = result.problem
        error = UserError(problem.what, where=problem.where, allowed=problem.allowed, fix=problem.fix)
        case = _element(result, ENDS, Spot.of(problem.where, result.source))
        case.append(_outcome("error", problem.what, str(error)))
        suite.append(case)
    elif not result.checked:
        suite.append(_element(result, ENDS, Spot(result.source)))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", "0")
    return suite


def _case(result: Result, checked: Checked) -> ET.Element:
    case = _element(result, checked.verdict.claim, checked.spot)
    if not checked.verdict.holds:
        case.append(_outcome("failure", checked.text.partition("\n")[0], checked.text))
    return case


def _element(result: Result, name: str, spot: Spot) -> ET.Element:
    case = ET.Element("testcase", classname=clean(result.source), name=clean(name), file=clean(spot.file))
    if spot.line:
        case.set("line", str(spot.line))
    return case


def _outcome(kind: str, message: str, text: str) -> ET.Element:
    element = ET.Element(kind, message=clean(message))
    element.text = clean(text)
    return element
