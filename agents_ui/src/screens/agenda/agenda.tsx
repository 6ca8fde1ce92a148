import { ActionIcon, Button, Group, SegmentedControl, Title } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useHotkeys } from "@mantine/hooks";
import { IconCalendarOff, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaEntry, StreamEvent } from "@/api/types";
import { queries } from "@/app/queries";
import { useClinic } from "@/app/session";
import { useNow } from "@/components/now";
import { Empty, Failed, Loading } from "@/components/states";
import { dayIn, fullDate, shifted } from "@/format";
import { useLive, useLiveEvents } from "@/live/hooks";
import { EntryDrawer } from "./entry";
import { AgendaGrid } from "./grid";
import "./agenda.css";
import { Scroll } from "@/components/scroll";

const FRESH_MS = 2600;

/** Appointments that changed a moment ago. */
function useFresh(): ReadonlySet<number> {
  const [fresh, setFresh] = useState<ReadonlySet<number>>(new Set());
  const watch = useCallback((event: StreamEvent) => {
    if (event.data.type !== "appointment.changed") return;
    const id = event.data.appointment_id;
    setFresh((before) => new Set(before).add(id));
    setTimeout(() => {
      setFresh((before) => {
        const after = new Set(before);
        after.delete(id);
        return after;
      });
    }, FRESH_MS);
  }, []);
  useLiveEvents(watch);
  return fresh;
}

const LEGEND = [
  ["held", "#d38b0b"],
  ["booked", "#3b82c4"],
  ["confirmed", "#22a06b"],
  ["arrived", "#8457d6"],
  ["no_show", "#d64545"],
] as const;

export function Agenda() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate({ from: "/agenda" });
  const { dia, sede } = useSearch({ from: "/shell/agenda" });
  const { branches } = useClinic();
  const { skew } = useLive();
  const now = useNow(1000, skew);
  const query = useQuery(queries.agenda(dia ?? null, sede ?? null));
  const day = query.data;
  const fresh = useFresh();
  const [opened, setOpened] = useState<AgendaEntry["id"] | null>(null);
  const box = useRef<HTMLElement>(null);

  const shown = day?.day ?? dia;
  const today = day ? dayIn(day.branch.zone, new Date(now)) : undefined;
  const go = (to: string | undefined) =>
    navigate({ search: (before) => ({ ...before, dia: to }), replace: true });
  const step = (days: number) => shown && go(shifted(shown, days));
  useHotkeys([
    ["ArrowLeft", () => step(-1)],
    ["ArrowRight", () => step(1)],
    ["h", () => go(undefined)],
  ]);

  const isToday = !!day && day.day === today;
  const ready = !!day;
  useEffect(() => {
    if (!ready || !isToday) return;
    const line = box.current?.querySelector<HTMLElement>(".agenda-now");
    if (line && box.current) box.current.scrollTop = line.offsetTop - 160;
  }, [ready, isToday]);

  const columns = day?.columns ?? [];
  const column = columns.find((c) => c.entries.some((entry) => entry.id === opened));
  const entry = column?.entries.find((one) => one.id === opened);
  return (
    <div className="agenda">
      <div className="agenda-head">
        <Title order={1} style={{ minWidth: 280 }}>
          {shown ? fullDate(shown, i18n.language) : t("agenda.title")}
        </Title>
        <Group gap={6}>
          <ActionIcon
            variant="default"
            size={36}
            onClick={() => step(-1)}
            aria-label={t("agenda.previous")}
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
            aria-label={t("agenda.next")}
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
        {branches.length > 1 && (
          <SegmentedControl
            aria-label={t("agenda.branch")}
            value={String(day?.branch.id ?? branches[0]?.id)}
            data={branches.map((branch) => ({ value: String(branch.id), label: branch.name }))}
            onChange={(value) =>
              navigate({ search: (before) => ({ ...before, sede: Number(value) }), replace: true })
            }
          />
        )}
      </div>
      <section className="panel" aria-label={t("agenda.title")}>
        {query.isPending ? (
          <Loading rows={8} />
        ) : query.isError ? (
          <Failed error={query.error} again={() => query.refetch()} />
        ) : columns.length === 0 ? (
          <Empty icon={IconCalendarOff} title={t("agenda.closed")} hint={t("agenda.closedHint")} />
        ) : (
          <Scroll ref={box} label={t("agenda.title")}>
            {day && (
              <AgendaGrid
                day={day}
                now={now}
                today={isToday}
                fresh={fresh}
                open={(one) => setOpened(one.id)}
              />
            )}
          </Scroll>
        )}
        <div className="legend" aria-hidden>
          {LEGEND.map(([status, color]) => (
            <span key={status}>
              <i style={{ background: color }} />
              {t(`agenda.status.${status}`)}
            </span>
          ))}
        </div>
      </section>
      <EntryDrawer
        entry={entry}
        column={column}
        zone={day?.branch.zone ?? "UTC"}
        close={() => setOpened(null)}
      />
    </div>
  );
}
