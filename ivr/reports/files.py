"""The desk's report as files: CSV for programs, Excel for people."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import xlsxwriter

from ivr.reports.schemas import DeskReport, DispositionLine

Table = Literal["queues", "agents", "dispositions"]
Kind = Literal["text", "day", "count", "seconds", "share"]


@dataclass(frozen=True)
class Column:
    """A column: a field of the line, how it is shown, its heads in Spanish and English."""

    field: str
    kind: Kind
    es: str
    en: str


DAY = Column("day", "day", "Día", "Day")
CONVERSATIONS = Column("conversations", "count", "Conversaciones", "Conversations")
TALK = Column("talk_s", "seconds", "Conversación", "Talk time")
WRAP_UP = Column("wrap_up_s", "seconds", "Tras la llamada", "Wrap-up")
AHT = Column("aht_s", "seconds", "Tiempo medio de gestión", "AHT")
COLUMNS: dict[Table, tuple[Column, ...]] = {
    "queues": (
        DAY,
        Column("title", "text", "Cola", "Queue"),
        Column("offered", "count", "Ofrecidas", "Offered"),
        Column("answered", "count", "Atendidas", "Answered"),
        Column("abandoned", "count", "Abandonadas", "Abandoned"),
        Column("short_abandoned", "count", "Abandonos inmediatos", "Short abandons"),
        Column("overflowed", "count", "Desbordadas", "Overflowed"),
        Column("left_otherwise", "count", "Otras salidas", "Left otherwise"),
        Column("in_time", "count", "Atendidas a tiempo", "Answered in time"),
        Column("denominator", "count", "Base del nivel de servicio", "Service level base"),
        Column("service_level", "share", "Nivel de servicio", "Service level"),
        Column("abandonment", "share", "Abandono", "Abandonment"),
        Column("asa_s", "seconds", "Espera media", "ASA"),
        CONVERSATIONS,
        TALK,
        WRAP_UP,
        AHT,
    ),
    "agents": (
        DAY,
        Column("name", "text", "Agente", "Agent"),
        Column("rang", "count", "Le sonaron", "Rang"),
        CONVERSATIONS,
        Column("no_answer", "count", "No contestó", "Not answered"),
        TALK,
        WRAP_UP,
        AHT,
        Column("available_s", "seconds", "Disponible", "Available"),
        Column("ringing_s", "seconds", "Sonando", "Ringing"),
        Column("on_call_s", "seconds", "En llamada", "On call"),
        Column("paused_s", "seconds", "En pausa", "Paused"),
        Column("away_s", "seconds", "Ausente", "Away"),
        Column("shift_s", "seconds", "Turno", "Shift"),
        Column("occupancy", "share", "Ocupación", "Occupancy"),
    ),
    "dispositions": (
        Column("name", "text", "Cómo terminó", "Disposition"),
        Column("count", "count", "Llamadas", "Calls"),
    ),
}
SHEETS: dict[Table, tuple[str, str]] = {
    "queues": ("Colas", "Queues"),
    "agents": ("Agentes", "Agents"),
    "dispositions": ("Cómo terminaron", "Dispositions"),
}
TOGETHER: dict[Table, tuple[str, str]] = {
    "queues": ("Todas las colas", "All queues"),
    "agents": ("Todos los agentes", "All agents"),
    "dispositions": ("Total", "Total"),
}
ALL = ("Total", "Total")
NONE = ("Sin clasificar", "Not classified")
FORMATS: dict[Kind, str] = {
    "text": "@",
    "day": "yyyy-mm-dd",
    "count": "0",
    "seconds": "[h]:mm:ss",
    "share": "0.0%",
}


def as_csv(report: DeskReport, table: Table, language: str) -> bytes:
    """One table; UTF-8 with a mark so that Excel knows it. Durations are seconds, shares
    are fractions of 1. Where decimals have a comma, as in Spain and not in Mexico, Excel
    parts columns by semicolons."""
    spanish = language.startswith("es")
    comma = spanish and language != "es-MX"
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if comma else ",")
    columns = COLUMNS[table]
    writer.writerow([column.es if spanish else column.en for column in columns])
    for line in (*getattr(report, table), _together(report, table, spanish)):
        writer.writerow([_cell(_value(line, c, spanish), comma=comma) for c in columns])
    return file.getvalue().encode("utf-8-sig")


def as_excel(report: DeskReport, language: str) -> bytes:
    """A workbook with a sheet for each table; durations and shares as Excel counts them."""
    spanish = language.startswith("es")
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    looks = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
    bold = {
        kind: book.add_format({"num_format": text, "bold": True}) for kind, text in FORMATS.items()
    }
    for table, columns in COLUMNS.items():
        sheet = book.add_worksheet(SHEETS[table][0 if spanish else 1])
        sheet.freeze_panes(1, 2 if table != "dispositions" else 1)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 26 if column.kind == "text" else 13)
            sheet.write_string(0, at, column.es if spanish else column.en, head)
        lines = getattr(report, table)
        together = _together(report, table, spanish)
        for row, line in enumerate((*lines, together), start=1):
            total = line is together or getattr(line, "day", report.day_from) is None
            style = bold if total else looks
            for at, column in enumerate(columns):
                _write(sheet.write, row, at, _value(line, column, spanish), column.kind, style)
        sheet.autofilter(0, 0, max(len(lines), 1), len(columns) - 1)
    book.close()
    return file.getvalue()


def _together(report: DeskReport, table: Table, spanish: bool) -> Any:
    """The last line of a table: all of it."""
    name = TOGETHER[table][0 if spanish else 1]
    match table:
        case "queues":
            return report.all_queues.model_copy(update={"title": name})
        case "agents":
            return report.all_agents.model_copy(update={"name": name})
        case "dispositions":
            count = sum(line.count for line in report.dispositions)
            return DispositionLine(code="", name=name, count=count)


def _value(line: Any, column: Column, spanish: bool) -> Any:
    value = getattr(line, column.field)
    if column.kind == "day" and value is None:
        return ALL[0 if spanish else 1]
    if column.field == "name" and not value:
        return NONE[0 if spanish else 1]
    return value


def _cell(value: Any, *, comma: bool) -> Any:
    """A text that a spreadsheet would take for a formula is made plain text (OWASP, CSV
    injection)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    if isinstance(value, float):
        return str(round(value, 4)).replace(".", "," if comma else ".")
    return value


def _write(
    write: Callable[..., Any], row: int, at: int, value: Any, kind: Kind, looks: dict[Kind, Any]
) -> None:
    if value is None:
        write(row, at, "", looks[kind])
    elif kind == "seconds":
        write(row, at, value / 86_400, looks[kind])
    elif isinstance(value, date):
        write(row, at, value.toordinal() - date(1899, 12, 30).toordinal(), looks[kind])
    else:
        write(row, at, value, looks[kind])
