import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { StreamEvent } from "@/api/types";
import { startTexts } from "@/i18n";
import { applied, begun, type CallOnAir } from "@/live/call";
import { useCallActions } from "./actions";
import { HandedOn, useHandedOn } from "./handed";

const told = vi.hoisted(() => ({ calls: new Map<string, unknown>() }));

vi.mock("@/app/session", () => ({
  useQueueTitle: () => (name: string) => (name === "recepcion" ? "Recepción" : name),
  useMe: () => ({ username: "lucia" }),
  useColleague: () => (name: string) => (name === "mario" ? "Mario Gil" : name),
  useClinic: () => ({
    colleagues: [{ username: "mario" }],
    queues: [{ name: "recepcion", title: "Recepción" }],
  }),
}));
vi.mock("@/live/hooks", () => ({
  useLivePart: (select: (state: unknown) => unknown) => select({ calls: told.calls }),
}));
vi.mock("@/screens/calls/card", () => ({ callerName: () => "Luisa Marín" }));
vi.mock("./agent", () => ({ phone: { expect: () => undefined } }));

const asked = vi.fn<(path: string) => Response>();

function Line({ returning = false }) {
  const [call, setGone] = useHandedOn();
  const actions = useCallActions();
  const takeBack = () => {
    if (call) void actions.takeBack(call.id, () => setGone(call.handed));
  };
  return (
    <HandedOn call={call} ready={!returning} busy={false} returning={returning} back={takeBack} />
  );
}

function screenful(returning = false) {
  return (
    <MantineProvider env="test">
      <Notifications />
      <Line returning={returning} />
    </MantineProvider>
  );
}

let shown: ReturnType<typeof render>;
let call: CallOnAir;

/** The call goes on, and the screen with it. */
function happens(...events: { type: string; [more: string]: unknown }[]): void {
  for (const data of events)
    call = applied(call, { number: 1, at: "", data } as unknown as StreamEvent);
  told.calls = new Map([["c", call]]);
  shown.rerender(screenful());
}

const hands = {
  type: "call.handed_over",
  agent: "lucia",
  how: "blind",
  kind: "agent",
  to: "mario",
};
const leaves = { type: "agent.disconnected", agent: "lucia" };
const outside = { ...hands, kind: "outside", to: "", number: "+34913334455" };

beforeAll(() => startTexts());
beforeEach(() => {
  asked.mockReturnValue(new Response(null, { status: 204 }));
  vi.stubGlobal("fetch", async ({ url }: Request) => asked(new URL(url).pathname));
  told.calls = new Map();
  const live = { id: "c", events: [], agents: [], recordings: 0 };
  call = begun(live as unknown as Parameters<typeof begun>[0]);
  shown = render(screenful());
  happens({ type: "agent.connected", agent: "lucia" });
});
afterEach(() => {
  cleanup();
  notifications.clean();
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

const button = () => screen.queryByRole("button", { name: "Recuperar" });
const line = () => document.querySelector("[role=status]")?.textContent ?? "";

it("is offered, and said politely, from when the agent is out until somebody answers", () => {
  happens(hands);
  expect(button()).toBeNull();
  happens(leaves);
  expect(line()).toContain("Pasando a Mario Gil");
  expect(line()).toContain(`con ${button()?.title}`);
  fireEvent.click(button() as HTMLElement);
  expect(asked.mock.calls).toEqual([["/api/v1/calls/c/take-back"]]);
  happens({ type: "agent.ringing", agent: "mario" }, { type: "agent.connected", agent: "mario" });
  expect(button()).toBeNull();
  expect(screen.getByText("Ya ha contestado Mario Gil.")).toBeTruthy();
});

it("goes when the caller hangs up, with nothing said of an answer", () => {
  happens(hands, leaves);
  told.calls = new Map();
  shown.rerender(screenful());
  expect([button(), line(), screen.queryByText(/Ya ha contestado/)]).toEqual([null, "", null]);
});

it("follows a caller whom nobody there took to the queue", () => {
  happens(outside, leaves);
  expect(line()).toContain("913 33 44 55");
  happens({ type: "queue.joined", queue: "recepcion", position: 1 });
  expect(line()).toContain("Pasando a la cola Recepción");
  happens({ type: "leg.answered", channel: "PJSIP/agent-mario-00000001" });
  expect(button()).not.toBeNull();
});

it("tells that a number outside has answered, and not so of a call that comes back", () => {
  happens(outside, leaves);
  shown.rerender(screenful(true));
  expect(button()).toBeNull();
  call = applied(call, { data: { type: "call.taken_back", agent: "lucia" } } as StreamEvent);
  told.calls = new Map([["c", call]]);
  shown.rerender(screenful(true));
  happens({ type: "agent.connected", agent: "lucia" });
  expect(screen.queryByText(/Ya ha contestado/)).toBeNull();
  happens(outside, leaves);
  happens({ type: "leg.answered", channel: "PJSIP/trunk-00000002" });
  expect(screen.getByText(/Ya ha contestado 913 33 44 55/)).toBeTruthy();
});

it.each([
  ["leaves a message", { type: "queue.left", queue: "recepcion", reason: "other" }],
  ["keeps the place", { type: "queue.place_kept", queue: "recepcion" }],
])("goes when the caller %s instead of waiting", (_, chooses) => {
  happens({ ...hands, kind: "queue", to: "recepcion" }, leaves);
  happens({ type: "queue.joined", queue: "recepcion", position: 1 });
  expect(button()).not.toBeNull();
  happens(chooses);
  expect([button(), line(), screen.queryByText(/Ya ha contestado/)]).toEqual([null, "", null]);
});

it.each([
  ["whose time is up", "timeout"],
  ["whose queue everybody has left", "empty"],
])("stays while a caller %s goes on to another queue", (_, reason) => {
  happens({ ...hands, kind: "queue", to: "cirugia" }, leaves);
  happens({ type: "queue.joined", queue: "cirugia", position: 1 });
  happens({ type: "queue.left", queue: "cirugia", reason });
  expect(button()).not.toBeNull();
  happens({ type: "queue.joined", queue: "recepcion", position: 1 });
  expect(line()).toContain("Pasando a la cola Recepción");
});

it("goes when the switch says that it is too late, and comes with the next call", async () => {
  happens(hands, leaves);
  const refused = (code: string) =>
    asked.mockReturnValueOnce(Response.json({ code, status: 409 }, { status: 409 }));
  refused("conflict");
  fireEvent.click(button() as HTMLElement);
  expect(await screen.findByText(/La llamada ha cambiado/)).toBeTruthy();
  expect(button()).not.toBeNull();
  refused("answered");
  fireEvent.click(button() as HTMLElement);
  expect(await screen.findByText(/o el buzón de voz/)).toBeTruthy();
  expect(button()).toBeNull();
  happens({ type: "agent.connected", agent: "lucia" }, hands, leaves);
  expect(button()).not.toBeNull();
});
