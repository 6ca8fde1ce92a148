import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { DayRange } from "./day-range";

vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

function shown() {
  const change = vi.fn();
  render(
    <MantineProvider env="test">
      <DayRange from="2026-11-02" to="2026-11-05" change={change} aria-label="Días" clearable />
    </MantineProvider>,
  );
  return change;
}

const day = (number: number) =>
  screen.findByRole("button", { name: `${number} November 2026`, hidden: true });

it("takes the days from the first click to the second", async () => {
  const change = shown();
  const mouse = userEvent.setup();
  await mouse.click(screen.getByRole("button", { name: "Días" }));
  await mouse.click(await day(24));
  expect(change).not.toHaveBeenCalled();
  await mouse.click(await day(27));
  expect(change.mock.calls).toEqual([["2026-11-24", "2026-11-27"]]);
});

it("leaves the days as they were where only one was clicked", async () => {
  const change = shown();
  const mouse = userEvent.setup();
  await mouse.click(screen.getByRole("button", { name: "Días" }));
  await mouse.click(await day(24));
  await mouse.keyboard("{Escape}");
  expect(change).not.toHaveBeenCalled();
  expect(screen.getByRole("button", { name: "Días" }).textContent).toContain("November 2, 2026");
});
