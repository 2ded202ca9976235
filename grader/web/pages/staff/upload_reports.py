"""Reports on the latest uploads, kept in memory by the application: they name students, so that erasing one must clear them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Annotated

from fastapi import Depends, Request

from grader.web.domain.uploads.report import UploadReport

MAX_REPORTS = 200


class UploadReports:
    """The reports on the latest uploads by the id of the upload, the oldest dropped first."""

    def __init__(self) -> None:
        self._reports: OrderedDict[str, UploadReport] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, upload: str, report: UploadReport) -> None:
        """Keep the report on an upload."""
        with self._lock:
            self._reports[upload] = report
            while len(self._reports) > MAX_REPORTS:
                self._reports.popitem(last=False)

    def get(self, upload: str) -> UploadReport | None:
        """Return the report on an upload, None once it was dropped."""
        return self._reports.get(upload)

    def clear(self) -> None:
        """Drop all reports."""
        with self._lock:
            self._reports.clear()


def reports_of(request: Request) -> UploadReports:
    """Return the reports of the running application."""
    reports: UploadReports = request.app.state.upload_reports
    return reports


Reports = Annotated[UploadReports, Depends(reports_of)]
