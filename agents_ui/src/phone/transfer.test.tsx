import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { startTexts } from "@/i18n";
import type { useCallActions } from "./actions";
import { TransferDialog } from "./transfer";

vi.mock("@/app/session", () => ({ useColleague: () => String }));
vi.mock("@/desk/state", () => ({ useStateName: () => (state: string) => state }));
vi.mock("@/api/client", () => ({
  api: { GET: () => null },
  unwrap: async () => ({
    colleagues: [
      { username: "mario", name: "Mario Gil", phone: "free", state: "available", reason: "" },
    ],
    queues: [
      { name: "recepcion", title: "Recepción", phone: "free" },
      { name: "presupuestos", title: "Presupuestos", phone: "off" },
    ],
  }),
}));

const transfer = vi.fn().mockResolvedValue(true);

beforeAll(() => startTexts());
beforeEach(() => {
  const actions = { transfer } as unknown as ReturnType<typeof useCallActions>;
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <TransferDialog opened close={() => {}} actions={actions} />
      </QueryClientProvider>
    </MantineProvider>,
  );
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

const press = async (name: RegExp) => fireEvent.click(await screen.findByRole("button", { name }));

it("names queues as people do, and hands on at once where somebody answers", async () => {
  await press(/Pasar directamente: Cola Recepción/);
  expect(transfer).toHaveBeenCalledWith("blind", "queue", "recepcion");
});

it("asks before a patient is left in a queue that nobody serves", async () => {
  await screen.findByText("nadie atiende");
  await press(/Pasar directamente: Cola Presupuestos/);
  expect(transfer).not.toHaveBeenCalled();
  await press(/^Pasar la llamada$/);
  expect(transfer).toHaveBeenCalledWith("blind", "queue", "presupuestos");
});

it("asks before a patient is handed to a number outside, short ones too", async () => {
  fireEvent.change(await screen.findByLabelText("A quién"), { target: { value: "112" } });
  await press(/Pasar directamente: 112/);
  expect(transfer).not.toHaveBeenCalled();
  await press(/^Cancelar$/);
  expect(transfer).not.toHaveBeenCalled();
});
