import { expect, it } from "vitest";
import type { MyDesk, StreamEvent } from "@/api/types";
import { DESK as IDLE } from "./a-desk";
import { changed } from "./state";

const DESK: MyDesk = {
  ...IDLE,
  chosen: { call_id: "one", code: "booked", name: "Cita dada", note: "", at: "" },
};

function told(state: string, more: object, at: string): StreamEvent {
  const data = {
    type: "agent.state",
    agent: "lucia",
    state,
    reason: "",
    until: "",
    call: "",
    by: "",
  };
  return {
    number: 1,
    at,
    call_id: null,
    call_seq: null,
    branch_id: null,
    data: { ...data, ...more },
  } as StreamEvent;
}

it("shows the agent's state, its reason and since when as soon as the stream tells", () => {
  const at = "2026-11-23T08:10:00Z";
  const desk = changed(DESK, told("paused", { reason: "no_answer" }, at));
  expect(desk.now).toMatchObject({ state: "paused", reason: "no_answer", since: at, until: null });
});

it("keeps the beginning of a wrap-up that gets more time", () => {
  const first = changed(DESK, told("wrap_up", { call: "two", until: "a" }, "2026-11-23T08:10:00Z"));
  const more = changed(first, told("wrap_up", { call: "two", until: "b" }, "2026-11-23T08:10:30Z"));
  expect(more.now).toMatchObject({ since: "2026-11-23T08:10:00Z", until: "b" });
});

it("forgets what was chosen for another call", () => {
  expect(changed(DESK, told("wrap_up", { call: "one" }, "")).chosen?.code).toBe("booked");
  expect(changed(DESK, told("wrap_up", { call: "two" }, "")).chosen).toBeNull();
});
