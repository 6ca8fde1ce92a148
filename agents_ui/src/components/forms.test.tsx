import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Clinic, Me } from "@/api/types";
import { AccountMenu } from "@/app/account";
import { client, queries } from "@/app/queries";
import { PatientForm } from "@/components/patient-form";
import { startTexts } from "@/i18n";
import { NewTicket } from "@/screens/tickets/new-ticket";

const went = vi.hoisted(() => vi.fn());
vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<object>()),
  useNavigate: () => went,
}));

beforeAll(startTexts);
beforeEach(() => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
  client.setQueryData(queries.me.queryKey, { id: 1, name: "Lucía", username: "lucia" } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [],
    colleagues: [],
    queues: [],
    currency: "EUR",
    language: "es-ES",
  } as unknown as Clinic);
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.unstubAllGlobals();
  went.mockReset();
});

function shown(what: ReactElement) {
  return render(
    <MantineProvider env="test">
      <Notifications />
      <QueryClientProvider client={client}>{what}</QueryClientProvider>
    </MantineProvider>,
  );
}

function besides(): HTMLElement {
  const found = document.querySelector<HTMLElement>(".mantine-Modal-inner");
  if (!found) throw new Error("no dialog");
  return found;
}

it.each([
  ["task", (close: () => void) => <NewTicket close={close} />, "Qué hay que hacer"],
  ["file", (close: () => void) => <PatientForm close={close} saved={() => {}} />, "Notas"],
])(
  "keeps a %s somebody is writing when they click beside it or press Escape",
  async (_, form, field) => {
    const close = vi.fn();
    shown(form(close));
    const user = userEvent.setup();
    const box = await screen.findByRole("textbox", { name: new RegExp(field) });
    await user.type(box, "Llamar");
    await user.click(besides());
    await user.keyboard("{Escape}");
    expect(close).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Cancelar" }));
    expect(close).toHaveBeenCalledOnce();
  },
);

it("closes an untouched form with Escape", async () => {
  const close = vi.fn();
  shown(<NewTicket close={close} />);
  await screen.findByRole("dialog");
  await userEvent.setup().keyboard("{Escape}");
  expect(close).toHaveBeenCalledOnce();
});

it("says so when the session could not be closed, and stays", async () => {
  shown(<AccountMenu />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: /Lucía/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Cerrar sesión" }));
  expect(await screen.findByText("La sesión sigue abierta")).toBeTruthy();
  expect(went).not.toHaveBeenCalled();
});
