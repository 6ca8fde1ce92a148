import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { CallDetail, Clinic, Me, CallPage as Page } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { CallPage } from "./detail";
import { Log } from "./log";

const { Plain } = vi.hoisted(() => ({
  Plain: ({ children }: { children: ReactNode }) => <a href="/registro">{children}</a>,
}));

vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<object>()),
  Link: Plain,
  useNavigate: () => () => undefined,
  useParams: () => ({ callId: "likely" }),
  useSearch: () => ({}),
}));
vi.mock("@/components/links", () => ({ TextLink: Plain }));
vi.mock("@/phone/dial", () => ({ CallNumber: () => null }));
vi.mock("./player", () => ({ Player: () => null, NoPlayer: () => null }));

const CALL = {
  id: "likely",
  direction: "inbound",
  ani: "+34600000002",
  dnis: "+34910000001",
  zone: "Europe/Madrid",
  patient_id: null,
  patient_name: "",
  likely_name: "Javier Domínguez",
  reason: "",
  started_at: "2026-11-24T09:00:00Z",
  outcome: "completed",
  unreached: null,
  duration_s: 60,
  agents: [],
  recordings: 0,
  events: [],
  recording_files: [],
  legs: [],
  consents: [],
} as unknown as CallDetail;

beforeAll(startTexts);
beforeEach(() => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.unstubAllGlobals();
});

function shown(what: ReactElement): void {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>{what}</QueryClientProvider>
    </MantineProvider>,
  );
}

const unsure = /sin confirmar quién/;

it("says in the list of a name known only by the number that nobody confirmed it", () => {
  const sure = { ...CALL, id: "sure", patient_id: 1, patient_name: "Ana Ruiz", likely_name: "" };
  const page: Page = { calls: [CALL, sure], total: 2, next: null };
  client.setQueryData(queries.calls({}).queryKey, { pages: [page], pageParams: [""] });
  shown(<Log />);
  const row = (name: string) => screen.getByText(name).closest("tr")?.textContent;
  expect(row("Javier Domínguez")).toMatch(unsure);
  expect(row("Ana Ruiz")).not.toMatch(unsure);
});

it("says so on the call's own page, too", () => {
  client.setQueryData(queries.call("likely").queryKey, CALL);
  shown(<CallPage />);
  expect(screen.getByRole("heading", { name: "Javier Domínguez" })).toBeTruthy();
  expect(screen.getByText(unsure)).toBeTruthy();
  expect(screen.getByText("No se confirmó quién llamaba")).toBeTruthy();
});

const RECORDED = {
  ...CALL,
  events: [
    { number: 1, at: "2026-11-24T09:00:01Z", data: { type: "prompt.said", text: "Bienvenido" } },
    { number: 2, at: "2026-11-24T09:00:09Z", data: { type: "prompt.said", text: "Gracias" } },
  ],
  recording_files: [
    {
      id: "r",
      status: "sealed",
      audio: "/audio",
      started_at: "2026-11-24T09:00:06Z",
      listened: [{ at: "2026-11-24T10:00:00Z", by: "nuria" }],
    },
  ],
} as unknown as CallDetail;

function recorded(role: Me["role"]): void {
  client.setQueryData(queries.call("likely").queryKey, RECORDED);
  client.setQueryData(queries.me.queryKey, { username: "marta", role } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [{ id: 1, username: "nuria", name: "Nuria" }],
  } as unknown as Clinic);
  shown(<CallPage />);
}

it("plays from a line on only where the line was recorded", () => {
  recorded("supervisor");
  expect(screen.getByText("Bienvenido")).toBeTruthy();
  expect(screen.getAllByRole("button", { name: /^Escuchar desde/ })).toHaveLength(1);
  expect(screen.getByRole("button", { name: "Escuchar desde 0:09" })).toBeTruthy();
});

it("tells supervisors who listened", () => {
  recorded("supervisor");
  fireEvent.click(screen.getByText("Datos"));
  expect(screen.getByText("Quién la ha escuchado").nextSibling?.textContent).toMatch(
    /^Nuria · mar, 24 nov, 11:00$/,
  );
});

it("tells agents nothing of who listened", () => {
  recorded("agent");
  fireEvent.click(screen.getByText("Datos"));
  expect(screen.queryByText("Quién la ha escuchado")).toBeNull();
});
