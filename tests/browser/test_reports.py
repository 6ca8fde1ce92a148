"""The desk's figures after calls that really happened, on the page and in the files."""

import csv
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Reception, becomes, hears, idle, until
from tests.browser.test_calls_in_hand import transfer

pytestmark = [pytest.mark.browser, pytest.mark.network]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY_S = 86_400

Row = dict[str, float]


def figures(rows: list[list[str]]) -> dict[str, Row]:
    """The totals' figures by name of queue or agent; the files' own heads."""
    heads, *lines = rows
    return {
        name: {
            head: float(value.replace(",", ".") or 0)
            for head, value in zip(heads[2:], values, strict=True)
        }
        for day, name, *values in lines
        if day == "Total"
    }


def downloaded(page: Page, kind: str, folder: Path) -> Path:
    """The file behind the button."""
    with page.expect_download() as download:
        page.get_by_role("link", name=kind).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def from_csv(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return figures(list(csv.reader(file, delimiter=";")))


def from_excel(path: Path, sheet: int) -> dict[str, Row]:
    """The same of one sheet of a workbook; Excel counts time in days."""
    with zipfile.ZipFile(path) as book:
        shared = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        cells = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    rows = []
    for row in cells.iter(f"{SHEET}row"):
        values = []
        for cell in row.iter(f"{SHEET}c"):
            text = cell.findtext(f"{SHEET}v") or ""
            values.append(shared[int(text)] if cell.get("t") == "s" else text)
        rows.append(values)
    return figures(rows)


def report(page: Page, folder: Path) -> tuple[dict[str, Row], dict[str, Row]]:
    """Queues and agents of today so far, as the files say."""
    page.get_by_role("link", name="Informes").click()
    page.get_by_role("button", name="Hoy").click()
    page.get_by_text("Colas", exact=True).click()
    queues = from_csv(downloaded(page, "CSV", folder))
    page.get_by_text("Agentes", exact=True).click()
    return queues, from_csv(downloaded(page, "CSV", folder))


def gained(before: Row | None, after: Row) -> Row:
    return {head: round(value - (before or {}).get(head, 0.0), 3) for head, value in after.items()}


def test_a_transferred_call_and_an_abandoned_one_are_charged_right_in_every_file(
    desk: Reception, tmp_path: Path
) -> None:
    marta = desk.browser("marta")
    queues_before, agents_before = report(marta, tmp_path)
    lucia, mario = desk.agent("lucia"), desk.agent("mario", paused=True)
    patient = desk.in_conversation(lucia)
    hears(patient, "lucia")
    lucia.wait_for_timeout(2_000)
    transfer(lucia, "Pasar directamente", "Mario Gil")
    mario.get_by_role("button", name="Descolgar").click()
    hears(patient, "mario")
    hears(mario, "patient")
    mario.wait_for_timeout(2_000)
    patient.hang_up()
    idle(mario)
    becomes(lucia, "paused")
    gives_up = desk.patient_calls()
    gives_up.hang_up()
    until("the end of both calls", lambda: not desk.log.live())

    queues, agents = report(marta, tmp_path)
    queue = gained(queues_before.get("Recepción"), queues["Recepción"])
    assert (queue["Ofrecidas"], queue["Atendidas"]) == (2, 1)
    assert queue["Abandonadas"] + queue["Otras salidas"] + queue["Desbordadas"] == 1
    assert queue["Conversaciones"] == 2
    first = gained(agents_before.get("Lucía Prieto"), agents["Lucía Prieto"])
    second = gained(agents_before.get("Mario Gil"), agents["Mario Gil"])
    assert (first["Le sonaron"], first["Conversaciones"]) == (1, 1)
    assert (second["Le sonaron"], second["Conversaciones"]) == (1, 1)
    assert first["Conversación"] > 2
    assert second["Conversación"] > 2
    assert queue["Conversación"] == pytest.approx(
        first["Conversación"] + second["Conversación"], abs=0.11
    )
    for one in (first, second):
        assert one["No contestó"] == 0
        assert one["En llamada"] == pytest.approx(one["Conversación"], abs=2.5)

    workbook = downloaded(marta, "Excel", tmp_path)
    for sheet, said in ((1, queues), (2, agents)):
        read = from_excel(workbook, sheet)
        assert read.keys() == said.keys()
        for name, row in said.items():
            for head in ("Conversaciones", "Ofrecidas", "Atendidas", "Abandonadas", "Le sonaron"):
                assert read[name].get(head) == row.get(head)
            assert read[name]["Conversación"] * DAY_S == pytest.approx(row["Conversación"], abs=0.1)

    marta.reload()
    marta.get_by_text("Agentes", exact=True).click()
    shown = marta.locator("table.report tr", has_text="Mario Gil").locator("td").all_inner_texts()
    mario_now = agents["Mario Gil"]
    assert [int(shown[1]), int(shown[2])] == [mario_now["Le sonaron"], mario_now["Conversaciones"]]
    expect(marta.locator("table.report :is(tbody, tfoot) tr")).to_have_count(len(agents))
    assert re.fullmatch(r"auricula-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.xlsx", workbook.name)
