import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Confirmation, Me, PatientFile } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { FileView } from "./patient";

vi.mock("@/components/links", () => ({
  ButtonLink: () => null,
  TextLink: ({ children }: { children: string }) => <a href="/">{children}</a>,
}));

function visit(id: number) {
  const starts_at = `2026-12-0${id}T09:00:00Z`;
  const what = { professional: "Ruiz", service: "Limpieza", status: "booked" };
  return { id, starts_at, zone: "Europe/Madrid", ...what };
}

function earlier(id: string, outcome: string | null) {
  return { id, started_at: "2026-11-24T09:00:00Z", reason: "", outcome, patient_id: 1 };
}

const FILE = {
  patient: { id: 1, given: "Ana", family: "Gil", birth_date: null, provisional: false },
  next_visits: [visit(7), visit(8)],
  last_visits: [],
  warnings: "",
  notes: "",
  note_list: [],
  balance_cents: 0,
  pending_documents: [],
  campaigns: [],
  numbers: [],
  preferred_channel: "call",
  consents: [],
  tickets: [],
  calls: [earlier("a", "abandoned"), earlier("b", null)],
  merges: [],
} as unknown as PatientFile;

beforeAll(startTexts);
beforeEach(() => {
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("no network")));
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
  for (const { id } of FILE.next_visits)
    client.setQueryData(queries.confirmation(id).queryKey, {
      appointment_id: id,
      problem: "",
      last: null,
    } as Confirmation);
  client.setQueryData(queries.me.queryKey, { id: 1, username: "lucia" } as Me);
  client.setQueryData(queries.duplicates(1).queryKey, []);
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.unstubAllGlobals();
});

function shown(besideVisit: number | null) {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <FileView file={FILE} zone="Europe/Madrid" besideVisit={besideVisit} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("leaves the confirmation of an appointment to what shows it beside the file", async () => {
  shown(null);
  expect(await screen.findAllByRole("button", { name: "Enviar confirmación" })).toHaveLength(2);
  cleanup();
  shown(7);
  expect(await screen.findAllByRole("button", { name: "Enviar confirmación" })).toHaveLength(1);
});

it("says of a call without a reason how it ended, or that it goes on", async () => {
  shown(null);
  expect(await screen.findByText("Colgó sin que nadie atendiera")).toBeTruthy();
  expect(screen.getByText("En curso")).toBeTruthy();
});
