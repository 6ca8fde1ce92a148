import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { startTexts } from "@/i18n";
import { WrapUp } from "./wrap-up";

const put = vi.hoisted(() => vi.fn());

vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  api: { PUT: put },
  unwrap: async () => ({}),
}));
vi.mock("@/live/hooks", () => ({ useLivePart: () => 0 }));
vi.mock("./state", () => ({
  useDesk: () => ({
    now: { state: "wrap_up", call_id: "c", until: null },
    chosen: null,
    dispositions: [{ code: "booked", name: "Cita dada", needs_note: false }],
    disposition_required: true,
  }),
}));

beforeAll(() => startTexts());
afterEach(cleanup);

it("is finished with Enter once a key has chosen, and not from within the note", async () => {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <WrapUp />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.keyDown(document.body, { key: "1" });
  fireEvent.keyDown(screen.getByLabelText("Nota"), { key: "Enter" });
  expect(put).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: "Enter" });
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(screen.getByText(/Intro para terminar/)).toBeTruthy();
});
