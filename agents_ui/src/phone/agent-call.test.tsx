import { MantineProvider, Modal, TextInput } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { Dock } from "@/components/dock";
import { startTexts } from "@/i18n";
import { AgentCall } from "./agent-call";
import type { LineCall } from "./line";

const told = vi.hoisted(() => ({
  call: null as unknown,
  own: undefined as unknown,
  phone: { answer: vi.fn(), hangup: vi.fn(), mute: vi.fn(), line: {} },
  actions: { hold: vi.fn(), record: vi.fn() },
}));

vi.mock("@tanstack/react-router", async (original) => ({
  ...(await original<typeof import("@tanstack/react-router")>()),
  useNavigate: () => vi.fn(),
}));
vi.mock("@/app/session", async (original) => ({
  ...(await original<typeof import("@/app/session")>()),
  useMe: () => ({ username: "lucia" }),
  useClinic: () => ({ colleagues: [], queues: [] }),
  useColleague: () => String,
  useQueueTitle: () => String,
}));
vi.mock("@/live/hooks", () => ({ useLiveEvents: () => {}, useLivePart: () => undefined }));
vi.mock("@/screens/calls/card", () => ({ callerName: () => "Luisa Marín" }));
vi.mock("./actions", () => ({ useCallActions: () => told.actions }));
vi.mock("./agent", () => ({
  phone: told.phone,
  useAgentPhone: () => ({ line: { call: told.call, problem: null }, here: false }),
}));
vi.mock("./dial", () => ({ DialDialog: () => null }));
vi.mock("./file-first", () => ({ useMayRing: () => true }));
vi.mock("./own-call", () => ({ useOwnCall: () => told.own, partOf: () => "talks" }));
vi.mock("./quality-badge", () => ({ QualityBadge: () => null }));
vi.mock("./sound", () => ({ useRingtone: () => {}, keyTone: () => {} }));

beforeAll(() => startTexts());
beforeEach(() => {
  told.call = null;
  told.own = undefined;
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

const rings: LineCall = {
  id: "c",
  direction: "incoming",
  stage: "ringing",
  from: "+34600000002",
  conversation: "",
  kind: "call",
  talkingSince: null,
  muted: false,
  held: false,
};

function Desk() {
  return (
    <MantineProvider env="test">
      <Modal opened onClose={closed} title="Paciente nuevo">
        <TextInput label="Nombre" data-autofocus />
      </Modal>
      <Dock>
        <AgentCall />
      </Dock>
    </MantineProvider>
  );
}
const closed = vi.fn();

function typing() {
  const screenful = render(<Desk />);
  const field = screen.getByLabelText("Nombre");
  field.focus();
  fireEvent.change(field, { target: { value: "Luisa" } });
  const becomes = (call: LineCall | null) => {
    told.call = call;
    screenful.rerender(<Desk />);
  };
  return { field, becomes };
}

const press = (key: string, more = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });

it("leaves the keyboard where somebody types when a call rings, and says so", () => {
  const { field, becomes } = typing();
  becomes(rings);
  expect(document.activeElement).toBe(field);
  expect(screen.getByRole("alert", { hidden: true }).textContent).toContain("600");
});

it("is answered, held and hung up with a form open, which keeps what was typed", () => {
  const { field, becomes } = typing();
  becomes(rings);
  press("F2");
  expect(told.phone.answer).toHaveBeenCalledOnce();
  told.own = { talkers: ["lucia"], supervisors: [], consult: null, holders: [], rings: [] };
  becomes({ ...rings, stage: "talking", talkingSince: 1 });
  press("F8");
  expect(told.actions.hold).toHaveBeenCalledWith(true);
  press("F2");
  expect(told.phone.hangup).not.toHaveBeenCalled();
  press("F2", { shiftKey: true });
  expect(told.phone.hangup).toHaveBeenCalledOnce();
  expect(document.activeElement).toBe(field);
  expect(field).toHaveProperty("value", "Luisa");
});

it("is reached with the keyboard over a form, and Escape there leaves the form open", () => {
  const { field, becomes } = typing();
  becomes(rings);
  press("F6");
  expect(document.activeElement?.textContent).toContain("Descolgar");
  press("Escape");
  expect(document.activeElement).toBe(field);
  expect(closed).not.toHaveBeenCalled();
});

it("gives the keyboard back to the form when the call is over", async () => {
  const { field, becomes } = typing();
  becomes(rings);
  press("F6");
  becomes(null);
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
});
