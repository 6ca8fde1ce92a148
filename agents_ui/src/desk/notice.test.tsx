import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { AgentNow, Clinic, MyDesk } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { IDLE } from "@/phone/line";
import { AVAILABLE as NOW } from "./a-desk";
import { DeskBar } from "./bar";
import { DeskNotice } from "./notice";

const { agent, want } = vi.hoisted(() => ({
  agent: { wanted: "available", begins: false, registered: true },
  want: vi.fn(),
}));
vi.mock("@/phone/agent", () => ({
  phone: { want },
  useAgentPhone: () => ({
    ...agent,
    failed: false,
    here: true,
    line: { ...IDLE, registered: agent.registered },
  }),
}));

beforeAll(startTexts);
beforeEach(() => {
  Object.assign(agent, { wanted: "available", begins: false, registered: true });
  want.mockClear();
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [{ id: 1, username: "marta", name: "Marta" }],
  } as unknown as Clinic);
});
afterEach(() => {
  cleanup();
  client.clear();
});

function shown(now: Partial<AgentNow>) {
  client.setQueryData(queries.desk.queryKey, {
    now: { ...NOW, ...now },
    reasons: [{ code: "training", name: "Formación", limit_s: null }],
  } as MyDesk);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <DeskBar />
        <DeskNotice />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("tells in the call who asked for what comes after it, and why", () => {
  shown({
    state: "on_call",
    wish: "paused",
    wish_reason: "training",
    wish_by: "marta",
    wish_note: "Sala 2",
  });
  const notice = screen.getByRole("alert").textContent;
  expect(notice).toContain("Marta ha pedido para después de la llamada: En pausa: formación");
  expect(notice).toContain("Sala 2");
});

it("tells who ended the shift and why, and lets the agent begin another", async () => {
  shown({ state: "off", since: null, wish: "off", changed_by: "marta", note: "Puede irse" });
  const notice = screen.getByRole("alert").textContent;
  expect(notice).toContain("Marta ha cambiado su estado: Fuera de turno");
  expect(notice).toContain("Puede irse");
  const buttons = screen.getAllByRole("button");
  expect(buttons.map((one) => one.textContent)).toEqual(["Empezar turno"]);
  await userEvent.click(screen.getByRole("button"));
  expect(want).toHaveBeenCalledWith("available");
});

it("tells of a shift that ended by itself", () => {
  shown({ state: "off", since: null, wish: "off" });
  expect(screen.getByRole("alert").textContent).toContain("Su turno ha terminado");
});

it("says nothing of a shift to who has not begun one here, or begins one now", () => {
  agent.wanted = "off";
  shown({ state: "off", since: null, changed_by: "marta" });
  expect(screen.queryByRole("alert")).toBeNull();
  cleanup();
  Object.assign(agent, { wanted: "available", begins: true, registered: false });
  shown({ state: "off", since: null, changed_by: "marta" });
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByRole("button").textContent).toContain("Conectando");
});

it("offers the away once what makes them available: the phone", async () => {
  agent.wanted = "off";
  shown({ state: "away" });
  expect(screen.queryByText("Volver a estar disponible")).toBeNull();
  expect(screen.getByText("Ausente")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Conectar el teléfono" }));
  expect(want).toHaveBeenCalledWith("available");
});

it("shows the pause that goes on beside the button for the phone, which leaves it as it is", () => {
  agent.wanted = "off";
  shown({ state: "paused", reason: "training" });
  expect(screen.getByText(/En pausa: formación/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Conectar el teléfono" })).toBeTruthy();
});
