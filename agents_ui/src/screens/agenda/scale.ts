import type { AgendaColumn, AgendaDay } from "@/api/types";
import { minutesIn } from "@/format";

export const PIXELS_PER_MINUTE = 1.5;
/** Appointments start on this grid when they are dragged or clicked, in minutes. */
export const STEP = 15;

export interface Span {
  from: number;
  to: number;
}

/** The hours to show: everything open, worked or booked, in whole hours. */
export function visibleHours(day: AgendaDay): Span {
  const zone = day.branch.zone;
  const stretches = [
    ...day.opening,
    ...day.columns.flatMap((column) => [...column.working, ...column.entries]),
  ];
  const starts = stretches.map((s) => minutesIn(s.starts_at, zone));
  const ends = stretches.map((s) => minutesIn(s.ends_at, zone) || 24 * 60);
  return {
    from: Math.floor(Math.min(9 * 60, ...starts) / 60) * 60,
    to: Math.ceil(Math.max(18 * 60, ...ends) / 60) * 60,
  };
}

/** The first minute from ``earliest`` on at which so many minutes are free in worked time. */
export function firstFree(
  column: AgendaColumn,
  zone: string,
  earliest: number,
  minutes: number,
): number | undefined {
  const span = (s: { starts_at: string; ends_at: string }) => {
    const from = minutesIn(s.starts_at, zone);
    return { from, to: from + (Date.parse(s.ends_at) - Date.parse(s.starts_at)) / 60_000 };
  };
  const taken = column.entries.map(span);
  for (const worked of column.working.map(span)) {
    const first = Math.ceil(Math.max(worked.from, earliest) / STEP) * STEP;
    for (let at = first; at + minutes <= worked.to; at += STEP) {
      if (!taken.some((one) => one.from < at + minutes && one.to > at)) return at;
    }
  }
  return undefined;
}

/** Share of the worked time that is taken, 0–1. */
export function occupancy(column: AgendaColumn): number {
  const length = (s: { starts_at: string; ends_at: string }) =>
    Date.parse(s.ends_at) - Date.parse(s.starts_at);
  const worked = column.working.reduce((sum, s) => sum + length(s), 0);
  const taken = column.entries.reduce((sum, s) => sum + length(s), 0);
  return worked ? Math.min(1, taken / worked) : 0;
}

/** The minute of the day an entry is at after being dragged so many pixels down. */
export function draggedTo(from: number, pixels: number): number {
  const minute = from + pixels / PIXELS_PER_MINUTE;
  return Math.max(0, Math.min(24 * 60 - STEP, Math.round(minute / STEP) * STEP));
}

/** The minute of the day at a height of the grid, on the grid's step. */
export function minuteAt(pixels: number, hours: Span): number {
  return hours.from + Math.floor(pixels / PIXELS_PER_MINUTE / STEP) * STEP;
}

/** Whether this appointment can still be moved. */
export function movable(status: string): boolean {
  return status === "booked" || status === "confirmed";
}
