import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/api/types";
import { startTexts } from "@/i18n";
import { AccountMenu } from "./account";
import { client, queries } from "./queries";

vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<object>()),
  useNavigate: () => () => undefined,
}));

afterEach(() => {
  cleanup();
  client.clear();
});

it("tells which language and which theme are in use, not by bold type alone", async () => {
  await startTexts();
  client.setDefaultOptions({ queries: { staleTime: Number.POSITIVE_INFINITY } });
  client.setQueryData(queries.me.queryKey, { name: "Lucía", username: "lucia" } as Me);
  render(
    <MantineProvider env="test" defaultColorScheme="dark">
      <QueryClientProvider client={client}>
        <AccountMenu />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Cuenta de Lucía" }));
  const inUse = await screen.findAllByRole("menuitem", { current: true });
  expect(inUse.map((one) => one.textContent)).toEqual(["Tema oscuro", "Español"]);
});
