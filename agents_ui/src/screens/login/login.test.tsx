import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
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

async function enter() {
  await userEvent.type(screen.getByRole("textbox"), "lucia");
  await userEvent.type(screen.getByLabelText("Contraseña"), "una frase larga{Enter}");
}

it("speaks the language chosen on it, and keeps it with who logs in", async () => {
  await userEvent.click(screen.getByRole("radio", { name: "Español (México)" }));
  expect(await screen.findByText("Entrar a la consola")).toBeTruthy();
  await enter();
  await waitFor(() =>
    expect(asked).toHaveBeenCalledWith("/api/v1/me/language", { language: "es-MX" }),
  );
});

it("leaves each user their own language where none is chosen", async () => {
  await enter();
  await waitFor(() => expect(asked).toHaveBeenCalledWith("/api/v1/session", expect.anything()));
  expect(asked.mock.calls.map(([path]) => path)).not.toContain("/api/v1/me/language");
});
