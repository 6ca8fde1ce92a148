import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import i18next from "i18next";
import { afterEach, beforeAll, expect, it } from "vitest";
import { startTexts } from "@/i18n";
import { begun, type CallOnAir } from "@/live/call";
import { CallCard, type Words } from "./card";

beforeAll(() => startTexts());
afterEach(cleanup);

function call(id: string): CallOnAir {
  return begun({
    id,
    direction: "inbound",
    ani: "+34600000002",
    dnis: "+34910000001",
    caller_name: "",
    language: "es-ES",
    flow: "recepcion",
    branch_id: 1,
    branch: "",
    zone: "",
    patient_id: null,
    patient_name: "",
    likely_name: "",
    status: "queued",
    reason: "",
    recording_consent: "",
    started_at: "2026-11-24T09:00:00Z",
    answered_at: null,
    ended_at: null,
    outcome: null,
    unreached: null,
    duration_s: null,
    agents: [],
    recordings: 0,
    events: [],
    caller: null,
    sight: "full",
    who: "",
    number: 1,
  });
}

function card(id: string, still: { current: boolean }, changes: Partial<CallOnAir> = {}) {
  const words = { t: i18next.t, codes: { reason: String, step: String }, colleague: String };
  return (
    <CallCard
      key={id}
      call={{ ...call(id), ...changes }}
      words={words as unknown as Words}
      chosen={false}
      still={still}
      choose={() => undefined}
    />
  );
}

const arrives = () => screen.getAllByRole("button").map((one) => one.dataset.arrives === "true");

it("lets a card come moving where few are on air, and moves none of them when it gets busy", () => {
  const still = { current: false };
  const { rerender } = render(card("a", still));
  expect(arrives()).toEqual([true]);
  still.current = true;
  rerender([card("a", still), card("b", still)]);
  expect(arrives()).toEqual([true, false]);
  still.current = false;
  rerender([card("a", still), card("b", still)]);
  expect(arrives()).toEqual([true, false]);
});

it("moves a card once, wherever it goes in the list later", () => {
  const still = { current: false };
  render(card("a", still));
  fireEvent.animationEnd(screen.getByRole("button"));
  expect(arrives()).toEqual([false]);
});

it("says that a number is being called until it answers, whosever phone was rung for it", () => {
  const placed = {
    direction: "outbound",
    flow: "manual",
    status: "live",
    ringing: "lucia",
  } as const;
  const { rerender } = render(card("a", { current: true }, placed));
  expect(screen.getByRole("button").textContent).toContain("Llamando…");
  const answered = { answered_at: "2026-11-24T09:00:20Z", talkers: ["lucia"], ringing: "" };
  rerender(card("a", { current: true }, { ...placed, ...answered, status: "talking" }));
  expect(screen.getByRole("button").textContent).toContain("Habla con lucia");
});

it("names everybody who talks with the caller", () => {
  render(card("a", { current: true }, { status: "talking", talkers: ["lucia", "mario", "óscar"] }));
  expect(screen.getByRole("button").textContent).toContain("Habla con lucia, mario y óscar");
});

it("says of a call that was handed on that it is on its way, not that somebody talks", () => {
  const handed = { agent: "lucia", kind: "agent" as const, to: "mario", by: "" };
  render(card("a", { current: true }, { status: "talking", talkers: [], handed }));
  expect(screen.getByRole("button").textContent).toContain("En traspaso");
  cleanup();
  render(card("a", { current: true }, { status: "talking", talkers: ["mario"], handed: null }));
  expect(screen.getByRole("button").textContent).not.toContain("En traspaso");
});
