import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Clinic, Me, MyDesk, QueueNow, SupervisorDone } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { Done } from "./done";

vi.mock("@/components/links", () => ({
  TextLink: ({ params, children }: { params: { callId: string }; children: ReactNode }) => (
    <a href={params.callId}>{children}</a>
  ),
}));

const DONE: SupervisorDone = {
  at: "2026-11-24T09:00:00Z",
  by: "Marta",
  action: "",
  agent: "lucia",
  call_id: null,
  who: "",
  detail: "",
  note: "",
};

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  client.clear();
});

it("tells what supervision did in the words of the screens, not in codes", async () => {
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.me.queryKey, { name: "Marta", role: "supervisor" } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [{ id: 2, username: "lucia", name: "Lucía" }],
  } as unknown as Clinic);
  client.setQueryData(queries.desk.queryKey, {
    reasons: [{ code: "lunch", name: "Comida" }],
  } as MyDesk);
  client.setQueryDefaults(queries.roomLog({}).queryKey, { staleTime: Number.POSITIVE_INFINITY });
  client.setQueryData(queries.roomLog({}).queryKey, [
    { ...DONE, action: "agent.state", detail: "paused lunch" },
    { ...DONE, action: "queue.move_up", detail: "recepcion 9", call_id: "c1", who: "Ana Ruiz" },
    { ...DONE, action: "queue.skill", detail: "recepcion 2" },
    { ...DONE, action: "queue.skill", detail: "recepcion -", at: "2026-11-24T08:00:00Z" },
    { ...DONE, action: "place.cancelled", detail: "recepcion" },
  ]);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Done
          opened
          close={() => {}}
          queues={[{ name: "recepcion", title: "Recepción" } as QueueNow]}
          filters={{}}
          change={() => {}}
        />
      </QueryClientProvider>
    </MantineProvider>,
  );
  for (const said of [
    "Marta puso a Lucía en «En pausa: comida»",
    "Marta pasó delante una llamada de Recepción",
    "Marta cambió las colas de Lucía: Recepción, nivel 2",
    "Marta cambió las colas de Lucía: Recepción, no la atiende",
    "Marta quitó de la espera de Recepción a quien íbamos a llamar",
  ])
    expect(await screen.findByText(said)).toBeTruthy();
  expect(screen.getByText("Ana Ruiz").getAttribute("href")).toBe("c1");
});

it("asks for what is filtered, and takes the filters off where nothing is left", async () => {
  const filters = { action: "call.listen" };
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.me.queryKey, { name: "Marta", role: "supervisor" } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [],
  } as unknown as Clinic);
  client.setQueryDefaults(queries.roomLog(filters).queryKey, {
    staleTime: Number.POSITIVE_INFINITY,
  });
  client.setQueryData(queries.roomLog(filters).queryKey, []);
  const change = vi.fn();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Done opened close={() => {}} queues={[]} filters={filters} change={change} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  expect(await screen.findByText("Nada con estos filtros.")).toBeTruthy();
  expect(screen.getByDisplayValue("Escucha")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Quitar filtros" }));
  expect(change).toHaveBeenCalledWith({});
});
