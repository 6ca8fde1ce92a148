import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { AgendaEntry, Clinic, Me, SlotSearch } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { useChanges } from "./changes";
import { Finder } from "./finder";
import { HitchDialog } from "./hitch";

const ZONE = "Europe/Madrid";
const slot = (starts_at: string) => ({
  professional_id: 1,
  professional: "doctora Elena Ruiz",
  branch_id: 1,
  service_id: 1,
  starts_at,
  zone: ZONE,
});
const FREE = [slot("2026-11-30T18:15:00Z"), slot("2026-12-01T18:15:00Z")];
const moved = { id: 7, service_id: 1, professional_id: 1 } as AgendaEntry;
const booked: string[] = [];
let refused = false;

function answer(request: Request): unknown {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/agenda/free")) {
    const slots = FREE.filter((one) => !booked.includes(one.starts_at));
    return {
      understood: true,
      service_id: 1,
      professional_id: null,
      slots,
    } as unknown as SlotSearch;
  }
  return {
    columns: [
      {
        professional: { id: 1 },
        entries: [{ id: 8, starts_at: "2026-11-30T11:30:00Z", ends_at: "2026-11-30T12:00:00Z" }],
      },
    ],
  };
}

vi.setConfig({ testTimeout: 30_000 });
beforeAll(startTexts);
beforeEach(() => {
  booked.length = 0;
  refused = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method !== "POST") return Response.json(answer(request));
    if (refused) return Response.json({ code: "slot_taken" }, { status: 409 });
    const { starts_at } = await request.json();
    booked.push(starts_at);
    return Response.json({
      id: 9,
      status: "booked",
      patient_name: "Rosa Vidal",
      professional: "doctora Ruiz",
      starts_at,
      zone: ZONE,
    });
  });
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
  client.setQueryData(queries.me.queryKey, { id: 1, name: "Lucía", username: "lucia" } as Me);
  client.setQueryData(queries.clinic.queryKey, {
    branches: [{ id: 1, zone: ZONE }],
    services: [{ id: 1, name: "Limpieza", minutes: 45 }],
    professionals: [],
  } as unknown as Clinic);
});
afterEach(() => {
  cleanup();
  notifications.clean();
  client.clear();
  vi.unstubAllGlobals();
});

function Shown({ show, close = () => {} }: { show: () => void; close?: () => void }) {
  const changes = useChanges();
  const to = { professional_id: 1, branch_id: 1, starts_at: "2026-11-30T11:00:00Z" };
  const entry = {
    ...moved,
    starts_at: "2026-11-30T09:00:00Z",
    ends_at: "2026-11-30T09:45:00Z",
  };
  return (
    <>
      <Finder
        ref={null}
        branch={1}
        patient={{ id: 4, name: "Rosa Vidal" }}
        choosePatient={() => {}}
        changes={changes}
        close={close}
        show={show}
      />
      <button type="button" onClick={() => changes.place({ kind: "move", entry, place: to })}>
        move
      </button>
      <HitchDialog changes={changes} zone={ZONE} />
    </>
  );
}

function shown(show = () => {}, close = () => {}) {
  render(
    <MantineProvider env="test">
      <Notifications />
      <QueryClientProvider client={client}>
        <Shown show={show} close={close} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("gives one time however often it is clicked on, and leaves the list where it was", async () => {
  const show = vi.fn();
  shown(show);
  fireEvent.change(screen.getByLabelText("Qué hueco busca, con sus palabras"), {
    target: { value: "limpieza" },
  });
  const first = (await screen.findByText(/30 nov/)).closest("button") as HTMLButtonElement;
  fireEvent.click(first);
  await waitFor(() => expect(first.disabled).toBe(true));
  fireEvent.click(first);
  expect(await screen.findByText(/Cita dada a Rosa Vidal: lun, 30 nov, 19:15/)).toBeTruthy();
  await waitFor(() => expect(show).toHaveBeenCalledOnce());
  const list = [...document.querySelectorAll<HTMLButtonElement>(".slot")];
  expect(list.map((one) => one.disabled)).toEqual([true, false]);
  expect(list[0]?.textContent).toContain("Dada");
  expect(booked).toEqual([FREE[0]?.starts_at]);
});

it("closes the search for a free time with Escape, which first closes a list that is open", async () => {
  const close = vi.fn();
  shown(undefined, close);
  const service = screen.getByRole("combobox", { name: "Servicio" });
  fireEvent.click(service);
  await waitFor(() => expect(service.getAttribute("aria-expanded")).toBe("true"));
  fireEvent.keyDown(service, { key: "Escape", code: "Escape" });
  await waitFor(() => expect(service.getAttribute("aria-expanded")).toBe("false"));
  expect(close).not.toHaveBeenCalled();
  fireEvent.keyDown(service, { key: "Escape", code: "Escape" });
  expect(close).toHaveBeenCalledOnce();
});

it("says what is in the way of a move, and nothing harmful has the focus", async () => {
  refused = true;
  shown();
  fireEvent.click(screen.getByText("move"));
  expect(await screen.findByText("A las 12:00 no cabe la cita")).toBeTruthy();
  expect(screen.getByText(/La cita dura 45 min y de 12:30 a 13:00 ya hay otra/)).toBeTruthy();
  const focus = document.querySelector("[data-autofocus]");
  expect(focus?.textContent).toBe("Cancelar");
});
