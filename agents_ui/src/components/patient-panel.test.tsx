import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { client } from "@/app/queries";
import { startTexts } from "@/i18n";
import type { CallOnAir } from "@/live/call";
import { PatientPanel } from "./patient-panel";

vi.mock("./patient", () => ({
  FileView: () => null,
  StoredFile: ({ id }: { id: number }) => <p>Ficha {id}</p>,
}));
vi.mock("./parts", () => ({ useParts: () => 2 }));
vi.mock("@/phone/file-first", () => ({ useFileShown: () => undefined }));

beforeAll(startTexts);
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("lets reception correct whom they took the caller for", async () => {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(await request.json());
    return new Response(null, { status: 204 });
  });
  const patient = (id: number, given: string) => ({ id, given, family: "Vidal", birth_date: null });
  const call = {
    id: "one",
    ani: "+34600000002",
    patient_id: 1,
    caller: { patients: [patient(1, "Carmen"), patient(2, "Rosa")], file: null },
  } as unknown as CallOnAir;
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <PatientPanel call={call} zone="Europe/Madrid" />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const user = userEvent.setup();
  expect(screen.getByText("Ficha 1")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "No es esta persona" }));
  expect(screen.queryByText("Carmen Vidal")).toBeNull();
  await user.click(screen.getByRole("button", { name: /Rosa Vidal/ }));
  await waitFor(() => expect(asked).toEqual([{ patient_id: 2 }]));
});
