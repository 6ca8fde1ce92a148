import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { DeskReport } from "@/api/types";
import { startTexts } from "@/i18n";
import { QueueTable } from "./tables";

type QueueLine = DeskReport["queues"][number];

const NOTHING: QueueLine = {
  day: null,
  queue: "",
  title: "",
  offered: 0,
  answered: 0,
  abandoned: 0,
  short_abandoned: 0,
  overflowed: 0,
  left_otherwise: 0,
  in_time: 0,
  denominator: 0,
  answer_within_s: 20,
  service_level: null,
  abandonment: null,
  asa_s: null,
  conversations: 0,
  talk_s: 0,
  wrap_up_s: 0,
  aht_s: null,
};

beforeAll(startTexts);
afterEach(cleanup);

it("ends with all queues together, as the server counted them", () => {
  const lines = [
    { ...NOTHING, queue: "a", title: "Recepción", offered: 9, service_level: 8 / 9 },
    { ...NOTHING, queue: "b", title: "Tratamientos", offered: 1, service_level: 0 },
  ];
  const all = { ...NOTHING, offered: 10, in_time: 8, denominator: 10, service_level: 0.8 };
  render(<QueueTable lines={lines} all={all} daily={false} />);
  const last = screen.getAllByRole("row").at(-1) as HTMLElement;
  expect(within(last).getByRole("rowheader").textContent).toBe("Todas las colas");
  expect(within(last).getByText("10")).toBeTruthy();
  expect(last.textContent).toMatch(/80\s%/);
});

it("rounds time as the spreadsheet does", () => {
  const all = { ...NOTHING, asa_s: 37.9 };
  render(<QueueTable lines={[]} all={all} daily={false} />);
  expect(screen.getByText("0:38")).toBeTruthy();
});
