import { describe, expect, it } from "vitest";
import type { AgendaColumn } from "@/api/types";
import { momentAt } from "@/format";
import { draggedTo, firstFree, minuteAt } from "./scale";

describe("dragging", () => {
  it("drops on the next quarter of an hour", () => {
    expect(draggedTo(600, 25)).toBe(615);
    expect(draggedTo(600, 8)).toBe(600);
    expect(draggedTo(607, -22)).toBe(585);
  });
  it("never leaves the day", () => {
    expect(draggedTo(30, -500)).toBe(0);
    expect(draggedTo(1380, 5000)).toBe(1425);
  });
  it("takes the quarter that was clicked on", () => {
    expect(minuteAt(0, { from: 480, to: 1200 })).toBe(480);
    expect(minuteAt(44, { from: 480, to: 1200 })).toBe(495);
  });
});

describe("the clinic's clock", () => {
  it("is not the browser's, and knows summer time", () => {
    expect(momentAt("2026-11-23", 600, "Europe/Madrid")).toBe("2026-11-23T09:00:00.000Z");
    expect(momentAt("2026-07-01", 600, "Europe/Madrid")).toBe("2026-07-01T08:00:00.000Z");
    expect(momentAt("2026-03-29", 600, "Europe/Madrid")).toBe("2026-03-29T08:00:00.000Z");
    expect(momentAt("2026-11-23", 0, "America/Mexico_City")).toBe("2026-11-23T06:00:00.000Z");
  });
});

it("proposes the first time that is long enough and free", () => {
  const span = (from: string, to: string) => ({
    starts_at: `2026-11-24T${from}:00Z`,
    ends_at: `2026-11-24T${to}:00Z`,
  });
  const column = {
    working: [span("08:00", "13:00")],
    entries: [span("08:00", "09:00"), span("09:15", "10:00")],
  } as unknown as AgendaColumn;
  expect(firstFree(column, "Europe/Madrid", 0, 15)).toBe(600);
  expect(firstFree(column, "Europe/Madrid", 0, 30)).toBe(660);
  expect(firstFree(column, "Europe/Madrid", 830, 30)).toBeUndefined();
});
