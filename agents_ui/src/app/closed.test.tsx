import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Clinic, Me, Opening } from "@/api/types";
import { startTexts } from "@/i18n";
import { ClosedNotice } from "./closed";
import { client, queries } from "./queries";

const { answers } = vi.hoisted(() => ({ answers: [] as Opening[] }));
vi.mock("@/api/client", async (original) => ({
  ...(await original<object>()),
  api: { GET: () => (answers.length > 1 ? answers.shift() : answers[0]) },
  unwrap: async (answer: Opening) => answer,
}));

const MADRID = { branch_id: 1, open: true, changes_at: "2026-11-27T19:00:00Z" };
const MEXICO = { branch_id: 2, open: true, changes_at: "2026-11-28T01:00:00Z" };
const CLOSED = { branch_id: 1, open: false, changes_at: "2026-11-30T08:00:00Z" };

beforeEach(async () => {
  vi.useFakeTimers();
  vi.setSystemTime("2026-11-27T18:55:00Z");
  await startTexts();
});
afterEach(() => {
  cleanup();
  client.clear();
  answers.length = 0;
  vi.useRealTimers();
});

async function shown(...told: Opening["branches"][]) {
  const [first] = told;
  client.setQueryData(queries.clinic.queryKey, {
    branches: [
      { id: 1, name: "Madrid Centro", zone: "Europe/Madrid" },
      { id: 2, name: "Roma", zone: "America/Mexico_City" },
    ].slice(0, first?.length),
  } as Clinic);
  client.setQueryData(queries.me.queryKey, { branch_id: 1 } as Me);
  for (const branches of told) answers.push({ now: new Date().toISOString(), branches });
  render(
    <QueryClientProvider client={client}>
      <ClosedNotice />
    </QueryClientProvider>,
  );
  await act(() => vi.advanceTimersByTimeAsync(10));
}

it("says nothing while the clinic is open, and when it closes says so by itself", async () => {
  await shown([MADRID], [CLOSED]);
  expect(screen.queryByRole("status")).toBeNull();
  await act(() => vi.advanceTimersByTimeAsync(5 * 60_000 + 1000));
  expect(screen.getByRole("status").textContent).toBe(
    "Cerrado: abre el 30 de noviembre a las 09:00; mientras tanto contesta el asistente",
  );
});

it("tells today from tomorrow by the branch's clock", async () => {
  await shown([{ ...CLOSED, changes_at: "2026-11-28T08:00:00Z" }]);
  expect(screen.getByRole("status").textContent).toContain("abre mañana a las 09:00");
  await act(() => vi.advanceTimersByTimeAsync(5 * 3_600_000));
  expect(screen.getByRole("status").textContent).toContain("abre hoy a las 09:00");
});

it("names the branch that is closed where another is open", async () => {
  await shown([CLOSED, MEXICO]);
  expect(screen.getByRole("status").textContent).toBe(
    "Cerrado en Madrid Centro (abre el 30 de noviembre a las 09:00); allí contesta el asistente",
  );
});

it("names the day where it is another one there than here", async () => {
  vi.setSystemTime("2026-11-30T04:35:00Z");
  await shown([MADRID, { ...MEXICO, open: false, changes_at: "2026-11-30T14:00:00Z" }]);
  expect(screen.getByRole("status").textContent).toBe(
    "Cerrado en Roma (abre el 30 de noviembre a las 08:00, hora de allí); allí contesta el asistente",
  );
});

it("says whose clock it is where the branch has another than the reader", async () => {
  await shown([MADRID, { ...MEXICO, open: false, changes_at: "2026-11-28T14:00:00Z" }]);
  expect(screen.getByRole("status").textContent).toBe(
    "Cerrado en Roma (abre mañana a las 08:00, hora de allí); allí contesta el asistente",
  );
});
