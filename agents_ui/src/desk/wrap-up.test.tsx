import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { MyDesk } from "@/api/types";
import { client, queries } from "@/app/queries";
import { startTexts } from "@/i18n";
import { AVAILABLE, DESK } from "./a-desk";
import type { DeskState } from "./state";
import { WrapUp } from "./wrap-up";

const asked: [string, unknown][] = [];

function desk(state: DeskState, call = "", required = true): MyDesk {
  return {
    ...DESK,
    now: { ...AVAILABLE, state, call_id: call, since: null },
    dispositions: [
      { code: "booked", name: "Cita dada", needs_note: false },
      { code: "pending", name: "Queda pendiente", needs_note: true },
    ],
    disposition_required: required,
  };
}

function becomes(next: MyDesk) {
  act(() => client.setQueryData(queries.desk.queryKey, next));
}

beforeAll(startTexts);
beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method !== "PUT") throw new TypeError("no network");
    asked.push([new URL(request.url).pathname, await request.json()]);
    return Response.json({});
  });
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } });
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.unstubAllGlobals();
});

function wrapping(call: string, required = true) {
  client.setQueryData(queries.desk.queryKey, desk("wrap_up", call, required));
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <WrapUp />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return userEvent.setup();
}

it("keeps what was chosen and written when the time is over", async () => {
  const user = wrapping("one");
  await user.click(screen.getByRole("radio", { name: /Queda pendiente/ }));
  await user.type(screen.getByLabelText(/Nota/), "Llamar el lunes");
  becomes(desk("available"));
  await waitFor(() =>
    expect(asked).toEqual([
      ["/api/v1/calls/one/disposition", { code: "pending", note: "Llamar el lunes", done: false }],
    ]),
  );
  await waitFor(() => expect(screen.queryByText("¿Cómo terminó la llamada?")).toBeNull());
});

it("goes on asking between calls where the clinic wants an answer, with the note as it was", async () => {
  const user = wrapping("two");
  await user.type(screen.getByLabelText(/Nota/), "Llamar el lunes");
  becomes(desk("available"));
  expect(await screen.findByText(/Falta decir cómo acabó/)).toBeTruthy();
  becomes(desk("ringing", "three"));
  await waitFor(() => expect(screen.queryByRole("radio", { name: /Cita dada/ })).toBeNull());
  becomes(desk("available"));
  const note = await screen.findByLabelText<HTMLTextAreaElement>(/Nota/);
  expect(note.value).toBe("Llamar el lunes");
  await user.click(screen.getByRole("radio", { name: /Cita dada/ }));
  await user.click(screen.getByRole("button", { name: "Listo" }));
  await waitFor(() => expect(screen.queryByText("¿Cómo terminó la llamada?")).toBeNull());
  expect(asked.at(-1)?.[0]).toBe("/api/v1/calls/two/disposition");
});

it("is stored once although the screen is told before the answer has come", async () => {
  const user = wrapping("six");
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method !== "PUT") throw new TypeError("no network");
    asked.push([new URL(request.url).pathname, await request.json()]);
    becomes(desk("available"));
    return Response.json({});
  });
  await user.click(screen.getByRole("radio", { name: /Cita dada/ }));
  await user.click(screen.getByRole("button", { name: "Listo" }));
  await waitFor(() => expect(screen.queryByText("¿Cómo terminó la llamada?")).toBeNull());
  expect(asked).toHaveLength(1);
});

it("keeps a note that has no code, and says what is missing", async () => {
  const user = wrapping("seven", false);
  await user.type(screen.getByLabelText(/Nota/), "Llamar el lunes");
  await user.click(screen.getByRole("button", { name: "Listo" }));
  expect(screen.getByRole("alert").textContent).toContain("Elija");
  expect(asked).toEqual([]);
});

it("is not left with a note unsaved without being asked", async () => {
  const user = wrapping("eight");
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leave()).toBe(false);
  await user.type(screen.getByLabelText(/Nota/), "Llamar el lunes");
  expect(leave()).toBe(true);
  await user.click(screen.getByRole("radio", { name: /Cita dada/ }));
  await user.click(screen.getByRole("button", { name: "Listo" }));
  await waitFor(() => expect(leave()).toBe(false));
});

it("goes when the time is over and nothing is missing", async () => {
  wrapping("four", false);
  becomes(desk("available", "", false));
  await waitFor(() => expect(screen.queryByText("¿Cómo terminó la llamada?")).toBeNull());
  expect(asked).toEqual([]);
});

it("is finished with Enter once a key has chosen, and not from within the note", async () => {
  const user = wrapping("five");
  await user.keyboard("1");
  expect(screen.getByText(/Intro para terminar/)).toBeTruthy();
  await user.click(screen.getByLabelText(/Nota/));
  await user.keyboard("{Enter}");
  expect(asked).toEqual([]);
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("{Enter}");
  await waitFor(() =>
    expect(asked).toEqual([
      ["/api/v1/calls/five/disposition", { code: "booked", note: "\n", done: true }],
    ]),
  );
});
