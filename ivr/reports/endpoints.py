"""REST of reports, for supervisors."""

from typing import Literal

from fastapi import APIRouter, Response

from ivr.agents.access import Supervisor
from ivr.clinic.days import Day
from ivr.reports.files import Table, as_csv, as_excel
from ivr.reports.schemas import DeskReport
from ivr.reports.service import DeskReports

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def router(reports: DeskReports) -> APIRouter:
    """The endpoints, reading through ``reports``."""
    api = APIRouter(prefix="/reports", tags=["reports"])

    @api.get("/desk", summary="Calls by queue and agent, day by day")
    def desk_report(day_from: Day, day_to: Day, viewer: Supervisor) -> DeskReport:
        return reports.read(viewer, day_from, day_to)

    @api.get(
        "/desk/file",
        summary="The same as a file",
        response_class=Response,
        responses={200: {"content": {EXCEL: {}, "text/csv": {}}}},
    )
    def desk_report_file(
        day_from: Day,
        day_to: Day,
        viewer: Supervisor,
        form: Literal["xlsx", "csv"] = "xlsx",
        table: Table = "queues",
    ) -> Response:
        report = reports.read(viewer, day_from, day_to)
        name = f"auricula-{day_from}-{day_to}" + (f"-{table}" if form == "csv" else "")
        excel = form == "xlsx"
        return Response(
            as_excel(report, viewer.language) if excel else as_csv(report, table, viewer.language),
            media_type=EXCEL if excel else "text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
        )

    return api
