import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { AgentOnBoard, Clinic, Me, MyDesk, WaitingCaller } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { Agents } from "./agents";
import { Line } from "./line";

const { onAir } = vi.hoisted(() => ({ onAir: new Map<string, unknown>() }));
vi.mock("@/live/hooks", () => ({
  useLivePart: (select: (state: unknown) => unknown) => select({ calls: onAir }),
}));

const NURIA: AgentOnBoard = {
  username: "nuria",
  name: "Nuria",
  supervises: false,
  branch_id: null,
  call_branch_id: null,
  state: "on_call",
  reason: "",
  since: "2026-11-24T09:00:00Z",
  until: null,
  call_id: "one",
  talking_to: "",
  wish: "paused",
  wish_reason: "training",
  changed_by: "",
  note: "",
  wish_by: "marta",
  wish_note: "Sala 2",
  queues: {},
  answered: 0,
};

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  client.clear();
  onAir.clear();
});

function show(agents: AgentOnBoard[]) {
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.me.queryKey, { username: "marta", branch_id: null } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [
      { id: 1, username: "marta", name: "Marta" },
      { id: 2, username: "nuria", name: "Nuria" },
      { id: 3, username: "nuria2", name: "Nuria Campos" },
    ],
  } as unknown as Clinic);
  client.setQueryData(queries.desk.queryKey, {
    reasons: [{ code: "training", name: "Formación" }],
  } as MyDesk);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Agents agents={agents} now={Date.parse("2026-11-24T09:01:00Z")} queues={[]} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("shows what comes after an agent's call, who asked for it and why", () => {
  show([NURIA]);
  const row = screen.getByRole("row").textContent;
  expect(row).toContain("Después: En pausa: formación");
  expect(row).toContain("Marta");
  expect(row).toContain("«Sala 2»");
});

it("tells those apart whose names are alike, and who supervises", () => {
  const campos = { ...NURIA, username: "nuria2", name: "Nuria Campos" };
  const marta = { ...NURIA, username: "marta", name: "Marta", supervises: true };
  show([NURIA, campos, marta]);
  const names = screen.getAllByRole("row").map((row) => row.children[0]?.textContent);
  expect(names).toEqual(["Nuria (nuria)", "Nuria Campos (nuria2)", "MartaSupervisión"]);
});

const JAVIER = {
  direction: "inbound",
  ani: "+34600000002",
  patient_name: "",
  sight: "full",
  caller: { patients: [{ given: "Javier", family: "Domínguez" }] },
};

it("names callers as the live calls do, and keeps all of a note that is cut short", () => {
  onAir.set("one", JAVIER);
  show([{ ...NURIA, talking_to: "+34600000002" }]);
  expect(screen.getByRole("row").textContent).toContain("con Javier Domínguez");
  expect(screen.getByTitle(/con Javier Domínguez .*«Sala 2»/)).toBeTruthy();
});

it("names who waits as the live calls do, unless they call another branch", () => {
  onAir.set("one", JAVIER);
  const waiting = { call_id: "one", queue: "", who: "", number: "+34600000002", priority: 0 };
  const callers = [
    { ...waiting, place: 1, hidden: false },
    { ...waiting, place: 2, hidden: true },
  ] as unknown as WaitingCaller[];
  client.setQueryData(queries.clinic.queryKey, { branches: [], colleagues: [] } as never);
  client.setQueryData(queries.me.queryKey, { username: "marta", branch_id: null } as Me);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Line callers={callers} now={0} queues={[]} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const [first, second] = screen.getAllByRole("listitem").map((one) => one.textContent);
  expect(first).toContain("Javier Domínguez");
  expect(second).toContain("Otra sede");
});
