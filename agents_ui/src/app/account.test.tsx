import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startTexts } from "@/i18n";
import { MustChangePassword } from "./account";
import { client } from "./queries";

const sent = vi.fn();

beforeEach(async () => {
  await startTexts();
  sent.mockClear();
  vi.stubGlobal("fetch", async (request: Request) => {
    sent(await request.json());
    return Response.json({});
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <MustChangePassword />
      </QueryClientProvider>
    </MantineProvider>,
  );
});
afterEach(() => {
  cleanup();
  client.clear();
  vi.unstubAllGlobals();
});

it("says under each field what is wrong, goes to the first, and sends what is right", async () => {
  const change = screen.getByRole("button", { name: "Cambiar contraseña" });
  const current = screen.getByLabelText(/Contraseña actual/);
  const fresh = screen.getByLabelText(/Contraseña nueva/);
  const write = (field: HTMLElement, value: string) =>
    fireEvent.change(field, { target: { value } });
  expect(change.closest("form")?.noValidate).toBe(true);
  fireEvent.click(change);
  expect(document.activeElement).toBe(current);
  expect(screen.getAllByText("Rellene este campo.")).toHaveLength(3);
  write(current, "la de antes");
  write(fresh, "corta");
  fireEvent.click(change);
  expect(document.activeElement).toBe(fresh);
  expect(screen.getByText("Le faltan caracteres: necesita al menos 10.")).toBeTruthy();
  write(fresh, "corta pero ya no tanto");
  write(screen.getByLabelText(/Repita/), "corta pero ya no tanto");
  fireEvent.click(change);
  await waitFor(() =>
    expect(sent).toHaveBeenCalledWith({ current: "la de antes", fresh: "corta pero ya no tanto" }),
  );
});
