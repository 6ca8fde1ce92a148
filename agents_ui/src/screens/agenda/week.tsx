import {
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  pointerWithin,
  rectIntersection,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaDay, AgendaEntry, AgendaWeek, Professional } from "@/api/types";
import { useCodes } from "@/components/texts";
import { clockTime, minutesIn, professionalName } from "@/format";
import { movable, occupancy } from "./scale";

function Chip({
  entry,
  zone,
  fresh,
  open,
}: {
  entry: AgendaEntry;
  zone: string;
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
  return (
    <button
      type="button"
      ref={setNodeRef}
      className="chip"
      data-status={entry.status}
      data-fresh={fresh}
      data-dragging={isDragging}
      style={{
        transform: transform ? `translate(${transform.x}px, ${transform.y}px)` : undefined,
      }}
      {...(can ? { ...attributes, ...listeners, role: undefined } : {})}
      onClick={() => open(entry)}
    >
      <b className="num">{clockTime(entry.starts_at, zone, i18n.language)}</b>{" "}
      {entry.status === "held" ? t("agenda.status.held") : entry.patient_name}
      <span className="visually-hidden">
        {entry.service} {codes.status(entry.status)}
      </span>
    </button>
  );
}

function Cell({
  day,
  column,
  professional,
  fresh,
  open,
}: {
  day: AgendaDay;
  column: AgendaColumn | undefined;
  professional: Professional;
  fresh: ReadonlySet<number>;
  open: (entry: AgendaEntry) => void;
}) {
  const { t } = useTranslation();
  const { setNodeRef, isOver } = useDroppable({
    id: `${day.day} ${professional.id}`,
    data: { day, professional },
  });
  const free = column && column.working.length > 0;
  return (
    <td ref={setNodeRef} className="week-cell" data-over={isOver} data-working={!!free}>
      {column?.away && <span className="week-away">{column.away}</span>}
      {free && (
        <div
          className="week-bar"
          role="img"
          aria-label={t("agenda.occupancy", { percent: Math.round(occupancy(column) * 100) })}
        >
          <i style={{ width: `${occupancy(column) * 100}%` }} />
        </div>
      )}
      {column?.entries.map((entry) => (
        <Chip
          key={entry.id}
          entry={entry}
          zone={day.branch.zone}
          fresh={fresh.has(entry.id)}
          open={open}
        />
      ))}
    </td>
  );
}

/** The week: a row for each professional, a column for each day. */
export function WeekTable({
  week,
  today,
  fresh,
  open,
  drag,
  move,
  show,
}: {
  week: AgendaWeek;
  today: string | undefined;
  fresh: ReadonlySet<number>;
  open: (entry: AgendaEntry, day: AgendaDay) => void;
  /** Whether an appointment is being moved. */
  drag: (on: boolean) => void;
  move: (entry: AgendaEntry, professional: number, day: string, minute: number) => void;
  show: (day: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, {
      keyboardCodes: { start: ["Space"], cancel: ["Escape"], end: ["Space", "Enter"] },
      coordinateGetter: (event, { currentCoordinates: { x, y }, context }) => {
        const rect = context.over?.rect ?? [...context.droppableRects.values()][0];
        const wide = rect?.width ?? 130;
        const high = rect?.height ?? 60;
        const moves: Record<string, [number, number]> = {
          ArrowUp: [0, -high],
          ArrowDown: [0, high],
          ArrowLeft: [-wide, 0],
          ArrowRight: [wide, 0],
        };
        const step = moves[event.code];
        if (!step) return undefined;
        event.preventDefault();
        return { x: x + step[0], y: y + step[1] };
      },
    }),
  );
  const people = new Map<number, Professional>();
  for (const day of week.days) {
    for (const column of day.columns) people.set(column.professional.id, column.professional);
  }
  const days = week.days.filter(
    (day) => day.columns.some((c) => c.working.length || c.entries.length) || day.holiday,
  );
  const dropped = ({ active, over }: DragEndEvent) => {
    drag(false);
    const entry = active.data.current?.entry as AgendaEntry;
    const day = over?.data.current?.day as AgendaDay | undefined;
    const to = over?.data.current?.professional as Professional | undefined;
    if (!day || !to) return;
    const from = week.days.find((one) =>
      one.columns.some((c) => c.entries.some((e) => e.id === entry.id)),
    );
    if (day.day === from?.day && to.id === entry.professional_id) return;
    move(entry, to.id, day.day, minutesIn(entry.starts_at, day.branch.zone));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={(args) =>
        args.pointerCoordinates ? pointerWithin(args) : rectIntersection(args)
      }
      onDragStart={() => drag(true)}
      onDragCancel={() => drag(false)}
      onDragEnd={dropped}
      accessibility={{
        screenReaderInstructions: { draggable: t("agenda.drag.weekInstructions") },
        announcements: {
          onDragStart: () => t("agenda.drag.end"),
          onDragOver: ({ over }) => {
            const day = over?.data.current?.day as AgendaDay | undefined;
            const person = over?.data.current?.professional as Professional | undefined;
            return day && person ? `${day.day}, ${professionalName(person)}` : undefined;
          },
          onDragEnd: () => t("agenda.drag.end"),
          onDragCancel: () => t("agenda.drag.cancel"),
        },
      }}
    >
      <table className="week">
        <thead>
          <tr>
            <th scope="col" className="week-corner">
              <span className="visually-hidden">{t("finder.professional")}</span>
            </th>
            {days.map((day) => (
              <th key={day.day} scope="col" data-today={day.day === today}>
                <button type="button" className="week-day" onClick={() => show(day.day)}>
                  {new Intl.DateTimeFormat(i18n.language, {
                    weekday: "short",
                    day: "numeric",
                    month: "short",
                    timeZone: "UTC",
                  }).format(new Date(`${day.day}T12:00:00Z`))}
                </button>
                {day.holiday && <span className="week-away">{day.holiday}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...people.values()].map((professional) => (
            <tr key={professional.id}>
              <th scope="row">
                <Text size="sm" fw={620}>
                  {professionalName(professional)}
                </Text>
              </th>
              {days.map((day) => (
                <Cell
                  key={day.day}
                  day={day}
                  professional={professional}
                  column={day.columns.find((c) => c.professional.id === professional.id)}
                  fresh={fresh}
                  open={(entry) => open(entry, day)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </DndContext>
  );
}
