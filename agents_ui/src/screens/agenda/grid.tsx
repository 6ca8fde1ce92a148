import {
  type Active,
  type Announcements,
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  type KeyboardCoordinateGetter,
  KeyboardSensor,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Text } from "@mantine/core";
import { type MouseEvent, type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaDay, AgendaEntry } from "@/api/types";
import { useCodes } from "@/components/texts";
import { clockOf, clockTime, duration, minutesIn, professionalName } from "@/format";
import {
  draggedTo,
  firstFree,
  minuteAt,
  movable,
  occupancy,
  PIXELS_PER_MINUTE,
  type Span,
  STEP,
  visibleHours,
} from "./scale";

const HOUR_COLUMN = 58;
const LEAST_WIDTH = 158;
const LEAST_HEIGHT = 21;

/** The column whose middle is nearest to the middle of what is dragged. */
const nearestColumn: CollisionDetection = ({
  collisionRect,
  droppableRects,
  droppableContainers,
}) => {
  const middle = collisionRect.left + collisionRect.width / 2;
  return droppableContainers
    .flatMap((container) => {
      const rect = droppableRects.get(container.id);
      return rect
        ? [{ id: container.id, value: Math.abs(rect.left + rect.width / 2 - middle) }]
        : [];
    })
    .sort((a, b) => a.value - b.value)
    .map(({ id, value }) => ({ id, data: { value } }));
};

/** Arrow keys: a step of time up and down, a professional left and right. */
const byKeys: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const width = [...context.droppableRects.values()][0]?.width ?? LEAST_WIDTH;
  const moves: Record<string, [number, number]> = {
    ArrowUp: [0, -STEP * PIXELS_PER_MINUTE],
    ArrowDown: [0, STEP * PIXELS_PER_MINUTE],
    ArrowLeft: [-width, 0],
    ArrowRight: [width, 0],
  };
  const move = moves[event.code];
  if (!move) return undefined;
  event.preventDefault();
  return { x: currentCoordinates.x + move[0], y: currentCoordinates.y + move[1] };
};

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
  const can = movable(entry.status);
  const { attributes, listeners, setNodeRef, transform, isDragging } = useDraggable({
    id: entry.id,
    data: { entry },
    disabled: !can,
  });
  const from = minutesIn(entry.starts_at, zone);
  const height =
    ((Date.parse(entry.ends_at) - Date.parse(entry.starts_at)) / 60_000) * PIXELS_PER_MINUTE;
  const held = entry.status === "held";
  const left = entry.held_until ? (Date.parse(entry.held_until) - now) / 1000 : 0;
  const title = held ? t("agenda.heldFor", { time: duration(left) }) : entry.patient_name;
  const time =
    isDragging && transform
      ? clockOf(draggedTo(from, transform.y))
      : clockTime(entry.starts_at, zone, i18n.language);
  return (
    <button
      type="button"
      ref={setNodeRef}
      className="entry"
      data-status={entry.status}
      data-fresh={fresh}
      data-dragging={isDragging}
      style={{
        top: (from - hours.from) * PIXELS_PER_MINUTE + 1,
        height: Math.max(LEAST_HEIGHT, height - 2),
        transform: transform ? `translate(${transform.x}px, ${transform.y}px)` : undefined,
      }}
      {...(can ? { ...attributes, ...listeners, role: undefined } : {})}
      onClick={(event) => {
        event.stopPropagation();
        open(entry);
      }}
    >
      <span>
        <b className="num">{time}</b> {title}
      </span>
      <span className={height > 34 ? "entry-what" : "visually-hidden"}>{entry.service}</span>
      <span className="visually-hidden">{codes.status(entry.status)}</span>
    </button>
  );
}

function Column({
  column,
  hours,
  height,
  book,
  children,
}: {
  column: AgendaColumn;
  hours: Span;
  height: number;
  book: (column: AgendaColumn, minute: number) => void;
  children: ReactNode;
}) {
  const { setNodeRef, isOver } = useDroppable({
    id: `column ${column.professional.id}`,
    data: { column },
  });
  const click = (event: MouseEvent<HTMLDivElement>) => {
    const top = event.currentTarget.getBoundingClientRect().top;
    book(column, minuteAt(event.clientY - top, hours));
  };
  return (
    // The same is done with the keyboard by the button in the column's head.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={setNodeRef}
      className="agenda-column"
      data-over={isOver}
      style={{ height }}
      onClick={click}
    >
      {children}
    </div>
  );
}

/** What is said to somebody who moves an appointment without seeing it. */
function useAnnouncements(day: AgendaDay): Announcements {
  const { t } = useTranslation();
  return useMemo(() => {
    const of = (active: Active) => active.data.current?.entry as AgendaEntry;
    const name = (column: AgendaColumn | undefined) =>
      column ? professionalName(column.professional) : "";
    const home = (entry: AgendaEntry) =>
      day.columns.find((one) => one.professional.id === entry.professional_id);
    const start = (entry: AgendaEntry) => minutesIn(entry.starts_at, day.branch.zone);
    const down = ({ rect: { current } }: Active) =>
      (current.translated?.top ?? 0) - (current.initial?.top ?? 0);
    return {
      onDragStart: ({ active }) =>
        t("agenda.drag.start", { name: of(active).patient_name, time: clockOf(start(of(active))) }),
      onDragMove: ({ active, over }) =>
        t("agenda.drag.at", {
          time: clockOf(draggedTo(start(of(active)), down(active))),
          who: name((over?.data.current?.column as AgendaColumn) ?? home(of(active))),
        }),
      onDragOver: () => undefined,
      onDragEnd: () => t("agenda.drag.end"),
      onDragCancel: () => t("agenda.drag.cancel"),
    };
  }, [day, t]);
}

/** The day, one column for each professional; appointments are dragged, also by keyboard. */
export function AgendaGrid({
  day,
  now,
  today,
  fresh,
  open,
  drag,
  move,
  book,
  shortest,
}: {
  day: AgendaDay;
  now: number;
  today: boolean;
  fresh: ReadonlySet<number>;
  open: (entry: AgendaEntry) => void;
  /** Whether an appointment is being moved. */
  drag: (on: boolean) => void;
  move: (entry: AgendaEntry, professional: number, minute: number) => void;
  book: (column: AgendaColumn, minute: number) => void;
  /** How long the shortest service of a professional takes, in minutes. */
  shortest: (professional: number) => number;
}) {
  const { t } = useTranslation();
  const zone = day.branch.zone;
  const hours = visibleHours(day);
  const height = (hours.to - hours.from) * PIXELS_PER_MINUTE;
  const lines = Array.from(
    { length: (hours.to - hours.from) / 60 },
    (_, at) => hours.from + at * 60,
  );
  const minute = minutesIn(new Date(now), zone);
  const nowAt = (minute - hours.from) * PIXELS_PER_MINUTE;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, {
      coordinateGetter: byKeys,
      keyboardCodes: { start: ["Space"], cancel: ["Escape"], end: ["Space", "Enter"] },
    }),
  );
  const announcements = useAnnouncements(day);
  const dropped = ({ active, over, delta }: DragEndEvent) => {
    drag(false);
    const entry = active.data.current?.entry as AgendaEntry;
    const column = over?.data.current?.column as AgendaColumn | undefined;
    const from = minutesIn(entry.starts_at, zone);
    const to = Math.abs(delta.y) < 4 ? from : draggedTo(from, delta.y);
    const professional = column?.professional.id ?? entry.professional_id;
    if (to !== from || professional !== entry.professional_id) move(entry, professional, to);
  };
  const earliest = today ? Math.ceil((minute + 1) / STEP) * STEP : hours.from;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={nearestColumn}
      onDragStart={() => drag(true)}
      onDragCancel={() => drag(false)}
      onDragEnd={dropped}
      accessibility={{
        announcements,
        screenReaderInstructions: { draggable: t("agenda.drag.instructions") },
      }}
    >
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
            <button
              type="button"
              className="agenda-add"
              aria-label={t("agenda.bookWith", { name: professionalName(column.professional) })}
              onClick={() =>
                book(
                  column,
                  firstFree(column, zone, earliest, shortest(column.professional.id)) ?? earliest,
                )
              }
            >
              +
            </button>
          </div>
        ))}
        <div className="agenda-hours" style={{ height }}>
          {lines.slice(1).map((line) => (
            <span
              key={line}
              className="agenda-hour num"
              style={{ top: (line - hours.from) * PIXELS_PER_MINUTE }}
            >
              {clockOf(line)}
            </span>
          ))}
        </div>
        {day.columns.map((column) => (
          <Column
            key={column.professional.id}
            column={column}
            hours={hours}
            height={height}
            book={book}
          >
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
            {lines.map((line) => (
              <div
                key={line}
                className="agenda-line"
                style={{ top: (line - hours.from) * PIXELS_PER_MINUTE }}
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
          </Column>
        ))}
        {today && nowAt > 0 && nowAt < height && (
          <div
            style={{
              gridColumn: "1 / -1",
              gridRow: 2,
              position: "relative",
              pointerEvents: "none",
            }}
          >
            <div className="agenda-now" style={{ top: nowAt }} />
          </div>
        )}
      </div>
    </DndContext>
  );
}
