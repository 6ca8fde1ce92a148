import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { AgendaEntry, Me, Visit } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { useChanges } from "./changes";
import { EntryDrawer } from "./entry";

const VISIT: AgendaEntry = {
  id: 7,
  reference: "1234",
  status: "confirmed",
  starts_at: "2026-11-24T09:00:00Z",
  ends_at: "2026-11-24T09:30:00Z",
  held_until: null,
  patient_id: null,
  patient_name: "Javier Domínguez",
  service_id: 1,
  service: "Limpieza",
  professional_id: 1,
  call_id: null,
  source: "desk",
  notes: "",
};
const asked: [string, unknown][] = [];

beforeAll(startTexts);
beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method !== "POST") throw new TypeError("no network");
    asked.push([
      new URL(request.url).pathname.split("/").slice(-2).join("/"),
      await request.json(),
    ]);
    return Response.json({
      ...VISIT,
      professional: "doctora Ruiz",
      zone: "Europe/Madrid",
    } as unknown as Visit);
  });
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
  client.setQueryData(queries.me.queryKey, { id: 1, name: "Lucía", username: "lucia" } as Me);
});
afterEach(() => {
  cleanup();
  notifications.clean();
  client.clear();
  vi.unstubAllGlobals();
});

function Shown({ now, status }: { now: string; status: string }) {
  const changes = useChanges();
  return (
    <EntryDrawer
      entry={{ ...VISIT, status }}
      column={undefined}
      zone="Europe/Madrid"
      now={Date.parse(now)}
      changes={changes}
      close={() => {}}
    />
  );
}

function shown(now: string, status = "confirmed") {
  render(
    <MantineProvider env="test">
      <Notifications />
      <QueryClientProvider client={client}>
        <Shown now={now} status={status} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it.each([
  ["the evening before", "2026-11-23T22:30:00Z", []],
  ["just after midnight there", "2026-11-23T23:30:00Z", ["Ha llegado"]],
  ["once it has begun", "2026-11-24T09:00:00Z", ["Ha llegado", "No ha venido"]],
])("offers what can have become of the patient %s", async (_, now, offered) => {
  shown(now);
  await screen.findByRole("button", { name: "Anular cita" });
  const marks = screen
    .queryAllByRole("button", { name: /^(Ha llegado|No ha venido)$/ })
    .map((one) => one.textContent);
  expect(marks).toEqual(offered);
});

it("puts an appointment back as it was when it was marked by mistake", async () => {
  shown("2026-11-24T09:05:00Z");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "No ha venido" }));
  await user.click(await screen.findByRole("button", { name: "Deshacer" }));
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(asked.map(([path]) => path)).toEqual(["7/miss", "7/restore"]);
  expect(asked[1]?.[1]).toEqual({ call_id: null, to: "confirmed" });
});

it("still takes the mark back when the moment to undo it has gone", async () => {
  shown("2026-11-24T12:00:00Z", "no_show");
  await userEvent.setup().click(await screen.findByRole("button", { name: "Quitar la marca" }));
  await waitFor(() => expect(asked).toEqual([["7/restore", { call_id: null, to: null }]]));
});
