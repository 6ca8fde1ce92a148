import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { client } from "@/app/queries";
import { startTexts } from "@/i18n";
import { Login } from "./login";

const { asked } = vi.hoisted(() => ({ asked: vi.fn() }));
vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<object>()),
  Link: () => null,
  useNavigate: () => () => undefined,
  useSearch: () => ({}),
}));
vi.mock("@/api/client", async (original) => {
  const answer = async (path: string, sent?: { body: object }) => {
    asked(path, sent?.body);
    return { data: {}, response: { ok: false } };
  };
  return {
    ...(await original<object>()),
    api: { GET: answer, POST: answer, PUT: answer },
    unwrap: async (request: Promise<{ data: object }>) => (await request).data,
  };
});

beforeEach(async () => {
  localStorage.clear();
  asked.mockClear();
  await startTexts();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Login />
      </QueryClientProvider>
    </MantineProvider>,
  );
});
afterEach(() => {
  cleanup();
  client.clear();
});

function write(field: HTMLElement, value: string) {
  fireEvent.change(field, { target: { value } });
}

function enter() {
  write(screen.getByRole("textbox"), "lucia");
  write(screen.getByLabelText("Contraseña"), "una frase larga");
  fireEvent.click(screen.getByRole("button", { name: "Entrar" }));
}

it("speaks the language chosen on it, and keeps it with who logs in", async () => {
  fireEvent.click(screen.getByRole("radio", { name: "Español (México)" }));
  expect(await screen.findByText("Entrar a la consola")).toBeTruthy();
  enter();
  await waitFor(() =>
    expect(asked).toHaveBeenCalledWith("/api/v1/me/language", { language: "es-MX" }),
  );
});

it("keeps the language that is chosen already with who clicks on it", async () => {
  fireEvent.click(screen.getByRole("radio", { name: "Español" }));
  enter();
  await waitFor(() =>
    expect(asked).toHaveBeenCalledWith("/api/v1/me/language", { language: "es" }),
  );
});

it("leaves each user their own language where none is chosen", async () => {
  enter();
  await waitFor(() => expect(asked).toHaveBeenCalledWith("/api/v1/session", expect.anything()));
  expect(asked.mock.calls.map(([path]) => path)).not.toContain("/api/v1/me/language");
});

it("says under a field what is missing, in its own words, and goes there", () => {
  write(screen.getByRole("textbox"), "lucia");
  fireEvent.click(screen.getByRole("button", { name: "Entrar" }));
  const password = screen.getByLabelText("Contraseña");
  expect(document.activeElement).toBe(password);
  expect(screen.getAllByText("Rellene este campo.")).toHaveLength(1);
  expect(asked.mock.calls.map(([path]) => path)).not.toContain("/api/v1/session");
});
