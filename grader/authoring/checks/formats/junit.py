"""The findings as JUnit XML: a suite for each problem, a case for each check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from grader.authoring.checks.findings import CHECKS, Report

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield one document."""
    root = ElementTree.Element("testsuites", name="grader check")
    for report in reports:
        _suite(root, report)
    for element in (root, *root):
        cases = element.findall(".//testcase")
        element.set("tests", str(len(cases)))
        element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        element.set("errors", str(sum(case.find("error") is not None for case in cases)))
    ElementTree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield ElementTree.tostring(root, encoding="unicode")


def _suite(root: ElementTree.Element, report: Report) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_xml_text(report.path))
    for check in CHECKS:
        case = ElementTree.SubElement(suite, "testcase", classname=_xml_text(report.problem), name=check)
        found = [each for each in report.findings if each.check == check]
        if not found:
            continue
        text = "\n".join(str(each.complaint) for each in found)
        kind = "error" if check == "run" else "failure"
        told = ElementTree.SubElement(case, kind, message=_xml_text(found[0].complaint.message), type=found[0].level)
        told.text = _xml_text(text)


def _xml_text(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
