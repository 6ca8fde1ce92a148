import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { AgendaDay, AgendaEntry, AgendaWeek } from "@/api/types";
import { startTexts } from "@/i18n";
import { AgendaGrid } from "./grid";
import { WeekTable } from "./week";

const RUIZ = { id: 1, title: "doctora", given: "Elena", family: "Ruiz", specialty: "dental" };
const SOTO = { id: 2, title: "doctor", given: "Luis", family: "Soto", specialty: "dental" };

function entry(part: Partial<AgendaEntry>): AgendaEntry {
  return {
    id: 7,
    reference: "1234",
    status: "booked",
    starts_at: "2026-11-24T09:00:00Z",
    ends_at: "2026-11-24T09:30:00Z",
    held_until: null,
    patient_id: 4,
    patient_name: "Javier Domínguez",
    service_id: 1,
    service: "Limpieza",
    professional_id: 1,
    call_id: null,
    source: "desk",
    notes: "",
    ...part,
  };
}

const DAY: AgendaDay = {
  day: "2026-11-24",
  branch: {
    id: 1,
    name: "Centro",
    city: "Madrid",
    country: "es",
    zone: "Europe/Madrid",
    address: "",
    phone: "",
  },
  opening: [{ starts_at: "2026-11-24T08:00:00Z", ends_at: "2026-11-24T19:00:00Z" }],
  holiday: "",
  columns: [
    {
      professional: RUIZ,
      working: [{ starts_at: "2026-11-24T08:00:00Z", ends_at: "2026-11-24T13:00:00Z" }],
      away: "",
      entries: [
        entry({}),
        entry({
          id: 8,
          status: "held",
          patient_id: null,
          patient_name: "",
          starts_at: "2026-11-24T10:00:00Z",
          ends_at: "2026-11-24T10:30:00Z",
          held_until: "2026-11-24T07:01:30Z",
        }),
      ],
    },
    { professional: SOTO, working: [], away: "Congreso", entries: [] },
  ],
};
const NOW = Date.parse("2026-11-24T07:00:00Z");

beforeAll(startTexts);
afterEach(cleanup);

describe("the agenda of a day", () => {
  it("shows each professional, leave, and a slot the assistant holds with its time left", async () => {
    const open = vi.fn();
    const book = vi.fn();
    render(
      <MantineProvider>
        <AgendaGrid
          day={DAY}
          now={NOW}
          today
          fresh={new Set()}
          open={open}
          drag={vi.fn()}
          move={vi.fn()}
          book={book}
          shortest={() => 30}
        />
      </MantineProvider>,
    );
    expect(screen.getByText("Dra. Elena Ruiz")).toBeTruthy();
    expect(screen.getByText("Congreso")).toBeTruthy();
    const buttons = screen.getAllByRole("button");
    const held = buttons.find((one) => one.dataset.status === "held");
    expect(held?.textContent).toContain("1:30");
    const booked = buttons.find((one) => one.dataset.status === "booked");
    expect(booked?.textContent).toContain("10:00");
    if (booked) await userEvent.click(booked);
    expect(open).toHaveBeenCalledWith(expect.objectContaining({ id: 7 }));
    expect(book).not.toHaveBeenCalled();
    await userEvent.click(screen.getByLabelText(/Dr\. Luis Soto/));
    expect(book).toHaveBeenCalledWith(expect.objectContaining({ professional: SOTO }), 495);
  });
});

describe("the agenda of a week", () => {
  it("has a row for each professional, a column for each day, and holidays", async () => {
    const week: AgendaWeek = {
      branch: DAY.branch,
      first: "2026-11-23",
      days: [
        { ...DAY, day: "2026-11-23", holiday: "San Prueba", columns: [] },
        DAY,
        { ...DAY, day: "2026-11-25", columns: [] },
      ],
    };
    const open = vi.fn();
    const show = vi.fn();
    render(
      <MantineProvider>
        <WeekTable
          week={week}
          today="2026-11-24"
          fresh={new Set()}
          open={open}
          drag={vi.fn()}
          move={vi.fn()}
          show={show}
        />
      </MantineProvider>,
    );
    expect(screen.getByText("San Prueba")).toBeTruthy();
    expect(screen.getAllByRole("columnheader")).toHaveLength(3);
    expect(screen.getAllByRole("rowheader")).toHaveLength(2);
    await userEvent.click(screen.getByText(/Javier Domínguez/));
    expect(open).toHaveBeenCalledWith(expect.objectContaining({ id: 7 }), DAY);
    await userEvent.click(screen.getByRole("button", { name: /24/ }));
    expect(show).toHaveBeenCalledWith("2026-11-24");
  });
});
