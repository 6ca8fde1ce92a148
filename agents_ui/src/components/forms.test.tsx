import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Clinic, Me, PatientFile } from "@/api/types";
import { AccountMenu } from "@/app/account";
import { client, queries } from "@/app/queries";
import { Notes } from "@/components/notes";
import { PatientForm } from "@/components/patient-form";
import { startTexts } from "@/i18n";
import { NewTicket } from "@/screens/tickets/new-ticket";

const went = vi.hoisted(() => vi.fn());
vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<object>()),
  useNavigate: () => went,
}));

vi.setConfig({ testTimeout: 30_000 });
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
  const found = document.querySelector<HTMLElement>(".mantine-Modal-overlay");
  if (!found) throw new Error("no dialog");
  return found;
}

function field(name: RegExp) {
  return screen.findByLabelText<HTMLInputElement>(name, { selector: "input, textarea" });
}

async function button(name: string) {
  const found = (await screen.findByText(name)).closest("button");
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

it.each([
  ["task", (close: () => void) => <NewTicket close={close} />, "Qué hay que hacer"],
  ["file", (close: () => void) => <PatientForm close={close} saved={() => {}} />, "Notas"],
])("throws a %s somebody is writing away only when they say so", async (_, form, name) => {
  const close = vi.fn();
  shown(form(close));
  const user = userEvent.setup();
  const box = await field(new RegExp(name));
  await user.type(box, "Llamar");
  for (const leave of [
    () => user.click(besides()),
    () => user.keyboard("{Escape}"),
    () => user.click(screen.getByRole("button", { name: "Cancelar" })),
  ]) {
    await leave();
    await user.click(await button("Seguir escribiendo"));
    expect(close).not.toHaveBeenCalled();
    expect(box.value).toBe("Llamar");
  }
  await user.click(screen.getByRole("button", { name: "Cancelar" }));
  await user.click(screen.getByRole("button", { name: "Descartar" }));
  expect(close).toHaveBeenCalledOnce();
});

it("says in its own words what is missing, beside the field", async () => {
  shown(<PatientForm close={() => {}} saved={() => {}} />);
  await userEvent.setup().click(await button("Guardar"));
  const given = await field(/^Nombre/);
  expect(given.form?.noValidate).toBe(true);
  expect(given.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getAllByText("Rellene este campo.")).toHaveLength(2);
});

it("takes a date of birth as people write it, and saves nothing while it is no date", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "POST") sent.push((await request.clone().json()).birth_date);
    return Response.json({ code: "wrong_document", status: 422 }, { status: 422 });
  });
  shown(<PatientForm close={() => {}} saved={() => {}} />);
  const user = userEvent.setup();
  await user.type(await field(/^Nombre/), "Ana");
  await user.type(await field(/^Apellidos/), "Paz");
  const birth = await field(/^Fecha de nacimiento/);
  await user.type(birth, "31/2/1979");
  expect(birth.getAttribute("aria-invalid")).not.toBe("true");
  await user.click(await button("Guardar"));
  expect(birth.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText(/^No es una fecha/)).toBeTruthy();
  expect(birth.value).toBe("31/2/1979");
  await user.clear(birth);
  await user.type(birth, "21061979");
  await user.click(await button("Guardar"));
  await waitFor(() => expect(sent).toEqual(["1979-06-21"]));
});

it("shows what the server refuses beside the field it is about", async () => {
  vi.stubGlobal("fetch", async () =>
    Response.json({ code: "wrong_document", status: 422 }, { status: 422 }),
  );
  shown(<PatientForm close={() => {}} saved={() => {}} />);
  const user = userEvent.setup();
  await user.type(await field(/^Nombre/), "Ana");
  await user.type(await field(/^Apellidos/), "Paz");
  await user.click(await button("Guardar"));
  const document = await field(/^Documento$/);
  await waitFor(() => expect(document.getAttribute("aria-invalid")).toBe("true"));
});

it("keeps a note that was not saved while other screens are looked at", async () => {
  const file = { patient: { id: 4 }, notes: "", note_list: [] } as unknown as PatientFile;
  const notes = <Notes file={file} zone="Europe/Madrid" callId={null} />;
  const { unmount } = shown(notes);
  await userEvent.setup().type(await field(/Añadir una nota/), "Prefiere por la tarde");
  unmount();
  shown(notes);
  expect((await field(/Añadir una nota/)).value).toBe("Prefiere por la tarde");
});

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
