import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaDay, AgendaEntry } from "@/api/types";
import { useCodes } from "@/components/texts";
import { clockTime, duration, minutesIn, professionalName } from "@/format";

const PIXELS_PER_MINUTE = 1.5;
const HOUR_COLUMN = 58;
const LEAST_WIDTH = 158;
const LEAST_HEIGHT = 21;

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

/** Share of the worked time that is taken, 0–1. */
export function occupancy(column: AgendaColumn): number {
  const length = (s: { starts_at: string; ends_at: string }) =>
    Date.parse(s.ends_at) - Date.parse(s.starts_at);
  const worked = column.working.reduce((sum, s) => sum + length(s), 0);
  const taken = column.entries.reduce((sum, s) => sum + length(s), 0);
  return worked ? Math.min(1, taken / worked) : 0;
}

function Entry({
  entry,
  zone,
  hours,
  now,
  fresh,
  open,
}: {
  entry: AgendaEntry;
  zone: string;
  hours: Span;
  now: number;
  fresh: boolean;
  open: (entry: AgendaEntry) => void;
}) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const from = minutesIn(entry.starts_at, zone);
  const height =
    ((Date.parse(entry.ends_at) - Date.parse(entry.starts_at)) / 60_000) * PIXELS_PER_MINUTE;
  const held = entry.status === "held";
  const left = entry.held_until ? (Date.parse(entry.held_until) - now) / 1000 : 0;
  const title = held ? t("agenda.heldFor", { time: duration(left) }) : entry.patient_name;
  return (
    <button
      type="button"
      className="entry"
      data-status={entry.status}
      data-fresh={fresh}
      style={{
        top: (from - hours.from) * PIXELS_PER_MINUTE + 1,
        height: Math.max(LEAST_HEIGHT, height - 2),
      }}
      onClick={() => open(entry)}
    >
      <span>
        <b className="num">{clockTime(entry.starts_at, zone, i18n.language)}</b> {title}
      </span>
      <span className={height > 34 ? "entry-what" : "visually-hidden"}>{entry.service}</span>
      <span className="visually-hidden">{codes.status(entry.status)}</span>
    </button>
  );
}

/** The day, one column for each professional. */
export function AgendaGrid({
  day,
  now,
  today,
  fresh,
  open,
}: {
  day: AgendaDay;
  now: number;
  today: boolean;
  fresh: ReadonlySet<number>;
  open: (entry: AgendaEntry) => void;
}) {
  const { t } = useTranslation();
  const zone = day.branch.zone;
  const hours = visibleHours(day);
  const height = (hours.to - hours.from) * PIXELS_PER_MINUTE;
  const lines = Array.from(
    { length: (hours.to - hours.from) / 60 },
    (_, at) => hours.from + at * 60,
  );
  const nowAt = (minutesIn(new Date(now), zone) - hours.from) * PIXELS_PER_MINUTE;
  return (
    <div
      className="agenda-grid"
      style={{
        gridTemplateColumns: `${HOUR_COLUMN}px repeat(${day.columns.length}, minmax(${LEAST_WIDTH}px, 1fr))`,
        gridTemplateRows: "auto auto",
      }}
    >
      <div className="agenda-corner" />
      {day.columns.map((column) => (
        <div className="agenda-name" key={column.professional.id}>
          <Text fw={620} size="sm" lineClamp={1}>
            {professionalName(column.professional)}
          </Text>
          <Text size="xs" c="dimmed" className="num">
            {column.away
              ? t("agenda.away")
              : `${t("agenda.appointments", { count: column.entries.length })} · ${t("agenda.occupancy", { percent: Math.round(occupancy(column) * 100) })}`}
          </Text>
        </div>
      ))}
      <div className="agenda-hours" style={{ height }}>
        {lines.slice(1).map((minute) => (
          <span
            key={minute}
            className="agenda-hour num"
            style={{ top: (minute - hours.from) * PIXELS_PER_MINUTE }}
          >
            {String(minute / 60).padStart(2, "0")}:00
          </span>
        ))}
      </div>
      {day.columns.map((column) => (
        <div className="agenda-column" key={column.professional.id} style={{ height }}>
          {column.working.map((stretch) => (
            <div
              key={stretch.starts_at}
              className="agenda-working"
              style={{
                top: (minutesIn(stretch.starts_at, zone) - hours.from) * PIXELS_PER_MINUTE,
                height:
                  ((Date.parse(stretch.ends_at) - Date.parse(stretch.starts_at)) / 60_000) *
                  PIXELS_PER_MINUTE,
              }}
            />
          ))}
          {lines.map((minute) => (
            <div
              key={minute}
              className="agenda-line"
              style={{ top: (minute - hours.from) * PIXELS_PER_MINUTE }}
            />
          ))}
          {column.away && <div className="agenda-away">{column.away}</div>}
          {column.entries.map((entry) => (
            <Entry
              key={entry.id}
              entry={entry}
              zone={zone}
              hours={hours}
              now={now}
              fresh={fresh.has(entry.id)}
              open={open}
            />
          ))}
        </div>
      ))}
      {today && nowAt > 0 && nowAt < height && (
        <div
          style={{ gridColumn: "1 / -1", gridRow: 2, position: "relative", pointerEvents: "none" }}
        >
          <div className="agenda-now" style={{ top: nowAt }} />
        </div>
      )}
    </div>
  );
}
