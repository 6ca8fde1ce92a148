import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { CallDetail, Clinic, Me, MyDesk } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { Timeline } from "./timeline";

const SUPERVISED = { type: "supervision.started", agent: "lucia", supervisor: "marta" };

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  client.clear();
});

it("tells what happened by titles and names, not by codes", () => {
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.me.queryKey, { name: "Marta", role: "supervisor" } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [
      { id: 1, username: "marta", name: "Marta" },
      { id: 2, username: "lucia", name: "Lucía" },
    ],
    queues: [{ name: "recepcion", title: "Recepción" }],
  } as unknown as Clinic);
  client.setQueryData(queries.desk.queryKey, {
    reasons: [],
    dispositions: [{ code: "booked", name: "Cita dada" }],
  } as unknown as MyDesk);
  const told = [
    [{ type: "action.started", action: "check_opening" }, "Acción: Horario de apertura"],
    [
      { type: "action.finished", action: "check_opening", outcome: "open" },
      "Horario de apertura: abierto",
    ],
    [{ type: "call.transferred", kind: "queue", name: "recepcion" }, "Pasa a Recepción"],
    [{ type: "queue.joined", queue: "recepcion" }, "Entra en la cola Recepción"],
    [{ type: "agent.no_answer", agent: "lucia" }, "Lucía no contesta"],
    [{ ...SUPERVISED, mode: "listen" }, "Marta escucha a Lucía"],
    [{ ...SUPERVISED, mode: "whisper" }, "Marta susurra a Lucía"],
    [{ ...SUPERVISED, mode: "barge" }, "Marta interviene en la llamada de Lucía"],
    [
      { type: "queue.moved", queue: "recepcion", by: "lucia" },
      "Lucía la pasa delante en Recepción",
    ],
    [
      { type: "queue.left", queue: "recepcion", reason: "empty", waited_s: 0 },
      "Nadie atiende la cola Recepción en ese momento",
    ],
    [
      { type: "call.disposed", agent: "lucia", code: "booked" },
      "Lucía anota cómo terminó: Cita dada",
    ],
    [{ type: "call.ended", outcome: "failed", duration_s: 9 }, "Termina: Comunicaba"],
  ] as const;
  const events = told.map(([data], number) => ({ number, at: "2026-11-24T09:00:00Z", data }));
  render(
    <QueryClientProvider client={client}>
      <Timeline
        call={
          {
            started_at: "2026-11-24T09:00:00Z",
            unreached: "busy",
            events,
          } as unknown as CallDetail
        }
      />
    </QueryClientProvider>,
  );
  for (const [, said] of told) expect(screen.getByText(said)).toBeTruthy();
});
