import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { AgendaEntry, FreeSlot, Visit } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useFailureText } from "@/components/states";
import { useUndoable } from "@/components/undo";
import { courteous, dateTime, dayIn } from "@/format";
import { useOnTheLine } from "@/live/on-the-line";

/** When and with whom an appointment is to be. */
export interface Place {
  professional_id: number;
  branch_id: number;
  starts_at: string;
  any_hour?: boolean;
}

export type Wanted =
  | {
      kind: "book";
      place: Place;
      service_id: number;
      patient_id: number;
      notes?: string;
      /** The time was found free a moment ago. */
      free?: boolean;
    }
  | { kind: "move"; place: Place; entry: AgendaEntry; free?: boolean };

/** A change that did not go through, and what the agent may do about it. */
export interface Hitch {
  wanted: Wanted;
  why: "slot_taken" | "overlap" | "outside_hours";
  next: FreeSlot | null;
  /** What is in the way, and how long what was wanted takes. */
  clash?: { entry: AgendaEntry; minutes: number };
}

export type Change = "confirm" | "cancel" | "restore" | "arrive" | "complete" | "miss";

type Before = NonNullable<components["schemas"]["ChangeOf"]["to"]>;
const BEFORE: readonly Before[] = ["booked", "confirmed", "arrived", "no_show"];

/** A change of one appointment: what it was, to be put back, or what it is to be again. */
interface Marked {
  id: number;
  what: Change;
  was?: string;
  to?: Before;
}

async function nextFree(wanted: Wanted): Promise<FreeSlot | null> {
  const service = wanted.kind === "book" ? wanted.service_id : wanted.entry.service_id;
  const { professional_id, branch_id, starts_at } = wanted.place;
  const found = await unwrap(
    api.GET("/api/v1/agenda/free", {
      params: {
        query: { service_id: service, professional_id, branch_id, after: starts_at, limit: 1 },
      },
    }),
  );
  return found.slots[0] ?? null;
}

async function clashOf(wanted: Wanted): Promise<Hitch["clash"]> {
  const { branches, services } = await client.ensureQueryData(queries.clinic);
  const { professional_id, branch_id, starts_at } = wanted.place;
  const zone = branches.find((one) => one.id === branch_id)?.zone;
  if (!zone) return undefined;
  const from = Date.parse(starts_at);
  const minutes =
    wanted.kind === "book"
      ? (services.find((one) => one.id === wanted.service_id)?.minutes ?? 0)
      : (Date.parse(wanted.entry.ends_at) - Date.parse(wanted.entry.starts_at)) / 60_000;
  const own = wanted.kind === "move" ? wanted.entry.id : undefined;
  const day = await client.fetchQuery({
    ...queries.agenda(dayIn(zone, new Date(from)), branch_id),
    staleTime: 0,
  });
  const entry = day.columns
    .find((one) => one.professional.id === professional_id)
    ?.entries.find(
      (one) =>
        one.id !== own &&
        Date.parse(one.starts_at) < from + minutes * 60_000 &&
        Date.parse(one.ends_at) > from,
    );
  return entry && { entry, minutes };
}

/** Every change of the agenda, with its undo and what to do when somebody was faster. */
export function useChanges() {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const undoable = useUndoable();
  const line = useOnTheLine();
  const callId = line?.call.id ?? null;
  const [hitch, setHitch] = useState<Hitch | null>(null);
  const failed = (error: unknown) =>
    notifications.show({ message: failureText(error), color: "red" });

  const tell = (message: string, undo?: () => void) => {
    client.invalidateQueries({ queryKey: ["agenda"] });
    if (undo) undoable(message, undo);
    else notifications.show({ color: "teal", message });
  };
  const told = (visit: Visit) => ({
    name: visit.patient_name,
    when: dateTime(visit.starts_at, visit.zone, i18n.language),
    who: courteous(visit.professional),
  });

  const change = useMutation({
    mutationFn: ({ id, what, to }: Marked) =>
      unwrap(
        api.POST("/api/v1/appointments/{appointment_id}/{change}", {
          params: { path: { appointment_id: id, change: what } },
          body: { call_id: callId, to: to ?? null },
        }),
      ),
    onSuccess: (visit, { what, was }) => {
      const to = BEFORE.find((one) => one === was);
      tell(
        t(`agenda.done.${what}`, told(visit)),
        to && (() => change.mutate({ id: visit.id, what: "restore", to })),
      );
    },
    onError: failed,
  });

  const place = useMutation({
    mutationFn: (wanted: Wanted) =>
      wanted.kind === "book"
        ? unwrap(
            api.POST("/api/v1/appointments", {
              body: {
                ...wanted.place,
                any_hour: wanted.place.any_hour ?? false,
                service_id: wanted.service_id,
                patient_id: wanted.patient_id,
                notes: wanted.notes ?? "",
                call_id: callId,
              },
            }),
          )
        : unwrap(
            api.POST("/api/v1/appointments/{appointment_id}/move", {
              params: { path: { appointment_id: wanted.entry.id } },
              body: {
                ...wanted.place,
                any_hour: wanted.place.any_hour ?? false,
                call_id: callId,
              },
            }),
          ),
    onSuccess: (visit, wanted) => {
      setHitch(null);
      if (wanted.kind === "book") {
        tell(t("agenda.done.book", told(visit)), () =>
          change.mutate({ id: visit.id, what: "cancel", was: visit.status }),
        );
        return;
      }
      const { entry } = wanted;
      const back: Place = {
        professional_id: entry.professional_id,
        branch_id: wanted.place.branch_id,
        starts_at: entry.starts_at,
        any_hour: true,
      };
      tell(t("agenda.done.move", told(visit)), () =>
        place.mutate({
          kind: "move",
          place: back,
          entry: {
            ...entry,
            starts_at: visit.starts_at,
            ends_at: visit.ends_at,
            professional_id: visit.professional_id,
          },
        }),
      );
    },
    onError: async (error, wanted) => {
      const why = error instanceof Failure ? error.code : "";
      client.invalidateQueries({ queryKey: ["agenda"] });
      if (why === "slot_taken" || why === "outside_hours") {
        const overlap = why === "slot_taken" && !wanted.free;
        const [next, clash] = await Promise.all([
          nextFree(wanted).catch(() => null),
          overlap ? clashOf(wanted).catch(() => undefined) : undefined,
        ]);
        setHitch({ wanted, why: overlap ? "overlap" : why, next, clash });
      } else failed(error);
    },
  });
  return {
    callId,
    place: (wanted: Wanted) => place.mutate(wanted),
    book: (done: () => void, wanted: Wanted) => place.mutate(wanted, { onSuccess: done }),
    change: change.mutate,
    busy: place.isPending || change.isPending,
    hitch,
    forget: () => setHitch(null),
  };
}

export type Changes = ReturnType<typeof useChanges>;
