import type { Board, Caller, StreamEvent, StreamMessage } from "@/api/types";
import { applied, begun, type CallOnAir } from "./call";

export interface LiveState {
  connection: "connecting" | "live" | "lost" | "ended";
  /** The last event this screen has; a reconnect goes on after it. */
  number: number;
  /** Server's clock minus ours, in milliseconds. */
  skew: number;
  calls: ReadonlyMap<string, CallOnAir>;
  /** The wallboard as last sent; for supervisors who have it on the screen. */
  board: Board | null;
  /** Calls that ended a moment ago, newest first. */
  ended: readonly CallOnAir[];
}

export const EMPTY: LiveState = {
  connection: "connecting",
  number: 0,
  skew: 0,
  calls: new Map(),
  board: null,
  ended: [],
};

function started(event: StreamEvent): CallOnAir | null {
  const data = event.data;
  if (data.type !== "call.started" || event.call_id === null) return null;
  return begun({
    id: event.call_id,
    direction: data.direction,
    ani: data.ani ?? "",
    dnis: data.dnis ?? "",
    caller_name: data.caller_name ?? "",
    language: data.language,
    flow: data.flow,
    branch_id: event.branch_id,
    branch: "",
    zone: "",
    patient_id: null,
    patient_name: "",
    likely_name: "",
    status: "live",
    reason: "",
    recording_consent: "",
    started_at: event.at,
    answered_at: null,
    ended_at: null,
    outcome: null,
    unreached: null,
    duration_s: null,
    agents: [],
    recordings: 0,
    events: [],
    caller: null,
    sight: data.ani === undefined ? "bare" : "full",
    who: "",
    number: event.number,
  });
}

function taken(state: LiveState, events: readonly StreamEvent[]): LiveState {
  let { number, ended } = state;
  let calls: Map<string, CallOnAir> | undefined;
  for (const event of events) {
    if (event.number <= number) continue;
    number = event.number;
    if (event.call_id === null) continue;
    const known = (calls ?? state.calls).get(event.call_id);
    if (known && number <= known.number) continue;
    const call = known ? { ...applied(known, event), number } : started(event);
    if (!call) continue;
    calls ??= new Map(state.calls);
    if (call.status === "ended") {
      calls.delete(call.id);
      if (call.sight === "full") ended = [call, ...ended].slice(0, 8);
    } else {
      calls.set(call.id, call);
    }
  }
  return { ...state, connection: "live", number, calls: calls ?? state.calls, ended };
}

function named(call: CallOnAir, caller: Caller): CallOnAir {
  const file = caller.file;
  const name = file ? `${file.patient.given} ${file.patient.family}`.trim() : call.patient_name;
  return { ...call, caller, patient_name: name };
}

/** The state after a message of the server. */
export function reduced(state: LiveState, message: StreamMessage, now = Date.now()): LiveState {
  switch (message.kind) {
    case "snapshot":
      return {
        connection: "live",
        number: message.number,
        skew: Date.parse(message.now) - now,
        calls: new Map(message.calls.map((call) => [call.id, begun(call)])),
        board: null,
        ended: state.ended,
      };
    case "board":
      return { ...state, connection: "live", board: message.board };
    case "events":
      return taken(state, message.events);
    case "call": {
      const calls = new Map(state.calls);
      calls.set(message.call.id, begun(message.call));
      return { ...state, calls };
    }
    case "caller": {
      const call = state.calls.get(message.call_id);
      if (!call) return state;
      const calls = new Map(state.calls);
      calls.set(call.id, named(call, message.caller));
      return { ...state, calls };
    }
    case "pulse":
      return {
        ...state,
        connection: "live",
        number: Math.max(state.number, message.number),
        skew: Date.parse(message.now) - now,
      };
    default:
      return { ...(state as LiveState), connection: "live" };
  }
}
