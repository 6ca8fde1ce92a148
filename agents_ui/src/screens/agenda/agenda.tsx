import { ActionIcon, Button, Group, SegmentedControl, Title } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useHotkeys } from "@mantine/hooks";
import {
  IconCalendarOff,
  IconCalendarSearch,
  IconChevronLeft,
  IconChevronRight,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaDay, AgendaEntry } from "@/api/types";
import { queries } from "@/app/queries";
import { useClinic } from "@/app/session";
import { useNow } from "@/components/now";
import type { Picked } from "@/components/patient-picker";
import { Scroll } from "@/components/scroll";
import { Empty, Failed, Loading } from "@/components/states";
import { dayIn, fullDate, momentAt, shifted, shortDay } from "@/format";
import { useLivePart } from "@/live/hooks";
import { useOnTheLine } from "@/live/on-the-line";
import { BookingDialog } from "./booking";
import { type Place, useChanges } from "./changes";
import { EntryDrawer } from "./entry";
import { Finder } from "./finder";
import { useFresh } from "./fresh";
import { AgendaGrid } from "./grid";
import { HitchDialog } from "./hitch";
import { useIntoView } from "./into-view";
import { STEP } from "./scale";
import { WeekTable } from "./week";
import "./agenda.css";

const LEGEND = [
  ["held", "#d38b0b"],
  ["booked", "#3b82c4"],
  ["confirmed", "#22a06b"],
  ["arrived", "#8457d6"],
  ["completed", "#8a97a6"],
  ["no_show", "#d64545"],
] as const;

/** A letter that works while a choice has the keyboard, too: that one takes the arrows only. */
const letter = (act: () => void) => (event: KeyboardEvent) => {
  if (event.target instanceof HTMLInputElement && event.target.type !== "radio") return;
  event.preventDefault();
  act();
};

/** Who is booked for: whoever was chosen, or else the patient on the line. */
function usePatient(): [Picked | null, (patient: Picked | null) => void] {
  const navigate = useNavigate({ from: "/agenda" });
  const { paciente } = useSearch({ from: "/shell/agenda" });
  const [forNobody, setForNobody] = useState(false);
  const chosen = useQuery({ ...queries.patient(paciente ?? 0), enabled: paciente !== undefined });
  const line = useOnTheLine();
  const person = chosen.data?.patient;
  const patient =
    paciente !== undefined
      ? person
        ? { id: person.id, name: `${person.given} ${person.family}`.trim() }
        : null
      : forNobody
        ? null
        : (line?.patient ?? null);
  const choose = (one: Picked | null) => {
    setForNobody(one === null);
    navigate({ search: (before) => ({ ...before, paciente: one?.id }), replace: true });
  };
  return [patient, choose];
}

interface Booking {
  at: Place;
  column: AgendaColumn;
}

export function Agenda() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate({ from: "/agenda" });
  const { dia, sede, vista, paciente } = useSearch({ from: "/shell/agenda" });
  const { branches, professionals, services } = useClinic();
  const skew = useLivePart((state) => state.skew);
  const now = useNow(1000, skew);
  const weekly = vista === "semana";
  const dayQuery = useQuery({ ...queries.agenda(dia ?? null, sede ?? null), enabled: !weekly });
  const weekQuery = useQuery({ ...queries.week(dia ?? null, sede ?? null), enabled: weekly });
  const query = weekly ? weekQuery : dayQuery;
  const day = dayQuery.data;
  const week = weekQuery.data;
  const branch = (weekly ? week : day)?.branch;
  const fresh = useFresh();
  const changes = useChanges();
  const [patient, choosePatient] = usePatient();
  const [opened, setOpened] = useState<AgendaEntry["id"] | null>(null);
  const [booking, setBooking] = useState<Booking | null>(null);
  const [finding, setFinding] = useState(paciente !== undefined);
  const opener = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLElement>(null);
  const words = useRef<HTMLInputElement>(null);
  /** While an appointment is moved by keyboard, the arrow keys are its own. */
  const dragging = useRef(false);
  const drag = (on: boolean) => {
    dragging.current = on;
  };

  const shown = weekly ? (dia ?? week?.first) : (day?.day ?? dia);
  const today = branch ? dayIn(branch.zone, new Date(now)) : undefined;
  const go = (to: string | undefined) =>
    navigate({ search: (before) => ({ ...before, dia: to }), replace: true });
  const step = (days: number) => shown && go(shifted(shown, weekly ? days * 7 : days));
  const turn = (days: number) => !dragging.current && step(days);
  const view = (to: "semana" | undefined, on?: string) =>
    navigate({
      search: (before) => ({ ...before, vista: to, dia: on ?? before.dia }),
      replace: true,
    });
  const find = () => {
    setFinding(true);
    setTimeout(() => words.current?.focus());
  };
  useHotkeys([
    ["ArrowLeft", () => turn(-1)],
    ["ArrowRight", () => turn(1)],
  ]);
  useHotkeys(
    [
      ["h", letter(() => go(undefined)), { preventDefault: false }],
      ["d", letter(() => view(undefined)), { preventDefault: false }],
      ["s", letter(() => view("semana")), { preventDefault: false }],
      ["b", letter(find), { preventDefault: false }],
    ],
    ["TEXTAREA", "SELECT"],
  );

  const isToday = !!day && day.day === today;
  const ready = !!day && !weekly;
  useEffect(() => {
    if (!ready || !isToday) return;
    const line = box.current?.querySelector<HTMLElement>(".agenda-now");
    if (line && box.current) box.current.scrollTop = line.offsetTop - 160;
  }, [ready, isToday]);
  const bring = useIntoView(box, weekly ? undefined : day);

  const move = (entry: AgendaEntry, professional: number, on: string, minute: number) => {
    if (!branch) return;
    changes.place({
      kind: "move",
      entry,
      place: {
        professional_id: professional,
        branch_id: branch.id,
        starts_at: momentAt(on, minute, branch.zone),
      },
    });
  };
  const book = (on: AgendaDay, column: AgendaColumn, minute: number) =>
    setBooking({
      column,
      at: {
        professional_id: column.professional.id,
        branch_id: on.branch.id,
        starts_at: momentAt(on.day, minute, on.branch.zone),
      },
    });

  const shortest = (professional: number) => {
    const able = professionals.find((one) => one.id === professional)?.service_ids ?? [];
    const took = services.filter((one) => able.includes(one.id)).map((one) => one.minutes);
    return took.length ? Math.min(...took) : STEP;
  };
  const columns = (weekly ? week?.days : day && [day])?.flatMap((one) => one.columns) ?? [];
  const column = columns.find((c) => c.entries.some((entry) => entry.id === opened));
  const entry = column?.entries.find((one) => one.id === opened);
  const title =
    weekly && week
      ? t("agenda.weekOf", { day: shortDay(week.first, i18n.language) })
      : shown
        ? fullDate(shown, i18n.language)
        : t("agenda.title");
  return (
    <div className="agenda">
      <div className="agenda-head">
        <Title order={1} fz="1.25rem" style={{ minWidth: 230 }}>
          {title}
        </Title>
        <Group gap={6}>
          <ActionIcon
            variant="default"
            size={36}
            onClick={() => step(-1)}
            aria-label={t(weekly ? "agenda.previousWeek" : "agenda.previous")}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
          <Button variant={isToday ? "light" : "default"} onClick={() => go(undefined)}>
            {t("agenda.today")}
          </Button>
          <ActionIcon
            variant="default"
            size={36}
            onClick={() => step(1)}
            aria-label={t(weekly ? "agenda.nextWeek" : "agenda.next")}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
          <DatePickerInput
            value={shown ?? null}
            onChange={(value) => value && go(String(value).slice(0, 10))}
            valueFormat="DD/MM/YYYY"
            aria-label={`${t("agenda.pick")}: ${shown?.split("-").reverse().join("/") ?? ""}`}
            w={118}
          />
        </Group>
        <SegmentedControl
          size="xs"
          aria-label={t("agenda.view")}
          value={weekly ? "semana" : "dia"}
          data={[
            { value: "dia", label: t("agenda.day") },
            { value: "semana", label: t("agenda.week") },
          ]}
          onChange={(value) => view(value === "semana" ? "semana" : undefined)}
        />
        {branches.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label={t("agenda.branch")}
            value={String(branch?.id ?? branches[0]?.id)}
            data={branches.map((one) => ({ value: String(one.id), label: one.name }))}
            onChange={(value) =>
              navigate({ search: (before) => ({ ...before, sede: Number(value) }), replace: true })
            }
          />
        )}
        <Button
          ref={opener}
          ml="auto"
          leftSection={<IconCalendarSearch size={18} aria-hidden />}
          aria-keyshortcuts="b"
          onClick={finding ? () => setFinding(false) : find}
          variant={finding ? "light" : "filled"}
        >
          {t("finder.title")}
        </Button>
      </div>
      <div className="agenda-body" data-finding={finding}>
        <section className="panel" aria-label={t("agenda.title")}>
          {query.isPending ? (
            <Loading rows={8} />
          ) : query.isError ? (
            <Failed error={query.error} again={() => query.refetch()} />
          ) : columns.length === 0 ? (
            <Empty
              icon={IconCalendarOff}
              title={day?.holiday ? t("agenda.holiday", { name: day.holiday }) : t("agenda.closed")}
              hint={t("agenda.closedHint")}
            />
          ) : (
            <Scroll ref={box} label={t("agenda.title")}>
              {weekly && week && (
                <WeekTable
                  week={week}
                  today={today}
                  fresh={fresh}
                  open={(one) => setOpened(one.id)}
                  drag={drag}
                  move={move}
                  show={(on) => view(undefined, on)}
                />
              )}
              {!weekly && day && (
                <>
                  {day.holiday && (
                    <div className="agenda-holiday" role="note">
                      {t("agenda.holiday", { name: day.holiday })}
                    </div>
                  )}
                  <AgendaGrid
                    day={day}
                    now={now}
                    today={isToday}
                    fresh={fresh}
                    open={(one) => setOpened(one.id)}
                    drag={drag}
                    move={(one, professional, minute) => move(one, professional, day.day, minute)}
                    book={(where, minute) => book(day, where, minute)}
                    shortest={shortest}
                  />
                </>
              )}
            </Scroll>
          )}
          <div className="legend">
            {LEGEND.map(([status, color]) => (
              <span key={status}>
                <i style={{ background: color }} aria-hidden />
                {t(`agenda.status.${status}`)}
              </span>
            ))}
            <span className="legend-keys">{t("agenda.keys")}</span>
          </div>
        </section>
        {finding && (
          <Finder
            ref={words}
            branch={branch?.id}
            patient={patient}
            choosePatient={choosePatient}
            changes={changes}
            close={() => {
              setFinding(false);
              opener.current?.focus();
            }}
            show={(slot) => {
              view(undefined, dayIn(slot.zone, new Date(slot.starts_at)));
              bring(slot);
            }}
          />
        )}
      </div>
      <EntryDrawer
        entry={entry}
        column={column}
        zone={branch?.zone ?? "UTC"}
        now={now}
        changes={changes}
        close={() => setOpened(null)}
      />
      {booking && branch && (
        <BookingDialog
          at={booking.at}
          professional={booking.column.professional}
          zone={branch.zone}
          patient={patient}
          changes={changes}
          close={() => setBooking(null)}
        />
      )}
      <HitchDialog changes={changes} zone={branch?.zone ?? "UTC"} />
    </div>
  );
}
