import type { LiveCall, StreamEvent } from "@/api/types";

/** One line of the conversation as a screen shows it. */
export interface Line {
  number: number;
  at: string;
  who: "clinic" | "caller";
  how: "voice" | "keys" | "silence" | "noise";
  text: string;
  confidence?: number;
  /** What it was taken to mean; undefined while that is not known. */
  understood?: boolean;
}

/** Somebody is asked while the caller waits. */
export interface Consult {
  agent: string;
  kind: "agent" | "queue" | "outside";
  to: string;
  answered: boolean;
  /** Who answered; empty for an outside number. */
  by: string;
}

/** Handed on unannounced. */
export type Handed = Omit<Consult, "answered">;

/** A consultation that is over: the agent is back with the caller. */
export interface Consulted extends Consult {
  result: Extract<StreamEvent["data"], { type: "consult.ended" }>["result"];
}

export interface Supervised {
  supervisor: string;
  agent: string;
  mode: "listen" | "whisper" | "barge";
}

/** A call on air, kept up to date by the stream. */
export interface CallOnAir extends LiveCall {
  lines: Line[];
  step: string;
  /** What happens besides talking: an action running, a failed recognizer. */
  activity: string;
  redFlag: "" | "emergency" | "today";
  queuedAt: string | null;
  /** In its queue; the greater, the sooner. */
  priority: number;
  queue: string;
  talkingTo: string;
  talkingSince: string | null;
  ringing: string;
  /** Everybody whose phone rings for it. */
  rings: string[];
  recordingNow: boolean;
  recordingPaused: boolean;
  /** Agents who talk with the caller. */
  talkers: string[];
  /** Channels of the call now. */
  legs: string[];
  /** Agents who have put the call on hold; the others go on talking. */
  holders: string[];
  consult: Consult | null;
  /** Until the agent goes on to something else. */
  consulted: Consulted | null;
  conference: boolean;
  /** Until somebody has answered, or the agent has the call back. */
  handed: Handed | null;
  /** Whose phone went away in mid-call and is rung again. */
  lostBy: string;
  /** Only supervisors are told. */
  supervisors: Supervised[];
  appointments: string[];
}

const MOST_LINES = 400;

/** A call with all its events so far taken in. */
export function begun(call: LiveCall): CallOnAir {
  const fresh: CallOnAir = {
    ...call,
    lines: [],
    step: "",
    activity: "",
    redFlag: "",
    queuedAt: null,
    priority: 0,
    queue: "",
    talkingTo: "",
    talkingSince: null,
    ringing: "",
    rings: [],
    recordingNow: false,
    recordingPaused: false,
    talkers: [],
    legs: [],
    holders: [],
    consult: null,
    consulted: null,
    conference: false,
    handed: null,
    lostBy: "",
    supervisors: [],
    appointments: [],
  };
  return call.events.reduce(applied, { ...fresh, events: [] });
}

function withLine(
  call: CallOnAir,
  event: StreamEvent,
  line: Omit<Line, "number" | "at">,
): CallOnAir {
  const lines = [
    ...call.lines.slice(1 - MOST_LINES),
    { number: event.number, at: event.at, ...line },
  ];
  return { ...call, lines, activity: "" };
}

function marked(call: CallOnAir, understood: boolean): CallOnAir {
  const at = call.lines.findLastIndex((line) => line.who === "caller");
  const line = call.lines[at];
  if (!line || line.understood !== undefined) return call;
  const lines = call.lines.slice();
  lines[at] = { ...line, understood };
  return { ...call, lines };
}

function without(names: readonly string[], one: string): string[] {
  return names.filter((name) => name !== one);
}

/** The agent does nothing of their own with the call any more. */
function movedOn(call: CallOnAir, agent: string): CallOnAir {
  return { ...call, holders: without(call.holders, agent), consult: null, consulted: null };
}

/** The queue is where it waits from now on, wherever it was handed on to. */
function queuedOn(handed: Handed | null, queue: string): Handed | null {
  return handed && { ...handed, kind: "queue", to: queue };
}

/** Who of the agents has stepped out, by a hold or to ask somebody. */
export function steppedOut(call: CallOnAir): string[] {
  return call.consult ? [...call.holders, call.consult.agent] : call.holders;
}

/** Whether the call was handed on and nobody has it: neither in conversation nor in a queue. */
export function onItsWay(call: CallOnAir): boolean {
  return call.status === "talking" && call.talkers.length === 0 && call.handed !== null;
}

/** Whether the caller hears music: none of their agents is with them. */
export function waits(call: CallOnAir): boolean {
  const out = steppedOut(call);
  return call.talkers.length > 0 && call.talkers.every((one) => out.includes(one));
}

/** The call after one of its events. */
export function applied(call: CallOnAir, event: StreamEvent): CallOnAir {
  const data = event.data;
  switch (data.type) {
    case "call.answered":
      return { ...call, answered_at: call.answered_at ?? event.at };
    case "call.ended":
      return {
        ...call,
        status: "ended",
        outcome: data.outcome,
        ended_at: event.at,
        duration_s: data.duration_s,
        activity: "",
        handed: null,
        ringing: "",
        rings: [],
        recordingNow: false,
      };
    case "step.entered":
      return { ...call, step: data.step };
    case "prompt.said":
      return withLine(call, event, { who: "clinic", how: "voice", text: data.text });
    case "turn.heard":
      return withLine(call, event, {
        who: "caller",
        how: "voice",
        text: data.text,
        confidence: data.confidence,
      });
    case "turn.keys":
      return withLine(call, event, { who: "caller", how: "keys", text: data.keys });
    case "turn.silent":
      return withLine(call, event, {
        who: "caller",
        how: data.noise ? "noise" : "silence",
        text: "",
      });
    case "turn.understood": {
      const heard = marked(call, true);
      const intent = data.kind === "intent" && (data.value as { intent?: string } | null)?.intent;
      return intent ? { ...heard, reason: intent } : heard;
    }
    case "turn.not_understood":
      return marked(call, false);
    case "speech.unavailable":
      return { ...call, activity: "speech.unavailable" };
    case "action.started":
      return { ...call, activity: `action.${data.action}` };
    case "action.finished":
      return { ...call, activity: "" };
    case "red_flag.heard":
      return { ...call, redFlag: data.level, reason: "urgency" };
    case "queue.joined":
      return {
        ...call,
        status: "queued",
        queuedAt: event.at,
        queue: data.queue,
        priority: data.priority ?? 0,
        activity: "",
        handed: queuedOn(call.handed, data.queue),
      };
    case "queue.place_kept":
      return { ...call, handed: null };
    case "queue.moved":
      return { ...call, priority: data.priority };
    case "queue.left":
      return {
        ...call,
        status: data.reason === "connected" ? "talking" : "live",
        queuedAt: null,
        // to the mailbox, or gone; after the other reasons another queue may come
        handed: data.reason === "other" || data.reason === "abandoned" ? null : call.handed,
        ringing: "",
        rings: data.reason === "connected" ? call.rings : [],
      };
    case "agent.ringing":
      return {
        ...call,
        ringing: data.agent,
        rings: [...without(call.rings, data.agent), data.agent],
      };
    case "agent.no_answer": {
      const rings = without(call.rings, data.agent);
      return { ...call, rings, ringing: rings.at(-1) ?? "" };
    }
    case "agent.connected":
      return {
        ...call,
        status: "talking",
        ringing: "",
        rings: [],
        talkingTo: data.agent,
        talkingSince: call.talkingSince ?? event.at,
        queuedAt: null,
        handed: null,
        lostBy: "",
        talkers: [...without(call.talkers, data.agent), data.agent],
        agents: call.agents.includes(data.agent) ? call.agents : [...call.agents, data.agent],
      };
    case "agent.disconnected": {
      const talkers = without(call.talkers, data.agent);
      const left = { ...call, talkers, holders: without(call.holders, data.agent) };
      const other = talkers.at(-1);
      if (other) return { ...left, talkingTo: other };
      return { ...left, talkingTo: "", talkingSince: null, conference: false };
    }
    case "person.requested":
      return call.reason || data.how === "fallback" ? call : { ...call, reason: "person" };
    case "patient.identified":
      return { ...call, patient_id: data.patient_id };
    case "consent.decided":
      return data.purpose === "recording" ? { ...call, recording_consent: data.decision } : call;
    case "recording.started":
      return { ...call, recordingNow: true };
    case "recording.paused":
      return { ...call, recordingPaused: true };
    case "recording.resumed":
      return { ...call, recordingPaused: false };
    case "leg.answered":
      return call.handed?.kind === "outside" ? { ...call, handed: null } : call;
    case "leg.started":
      return { ...call, legs: [...call.legs, data.channel] };
    case "leg.ended": {
      const legs = without(call.legs, data.channel);
      return { ...call, legs, conference: call.conference && legs.length > 2 };
    }
    case "call.held":
      return {
        ...call,
        holders: [...without(call.holders, data.agent), data.agent],
        consulted: null,
      };
    case "call.resumed":
      return { ...call, holders: without(call.holders, data.agent) };
    case "consult.started":
      return {
        ...call,
        holders: without(call.holders, data.agent),
        consulted: null,
        consult: {
          agent: data.agent,
          kind: data.kind,
          to: data.to || (data.number ?? ""),
          answered: false,
          by: "",
        },
      };
    case "consult.answered":
      return call.consult
        ? {
            ...call,
            ringing: "",
            rings: [],
            consult: { ...call.consult, answered: true, by: data.by ?? "" },
          }
        : call;
    case "consult.ended": {
      const consulted = call.consult && { ...call.consult, result: data.result };
      return { ...call, ringing: "", rings: [], consult: null, consulted };
    }
    case "conference.started":
      return { ...call, consult: null, consulted: null, conference: true };
    case "call.handed_over": {
      const { agent, kind } = data;
      const handed = { agent, kind, to: data.to || (data.number ?? ""), by: "" };
      return { ...movedOn(call, agent), handed: data.how === "blind" ? handed : null };
    }
    case "call.taken_back":
      return { ...call, handed: null };
    case "call.taken_over":
      return movedOn(call, data.agent);
    case "agent.lost":
      return { ...movedOn(call, data.agent), lostBy: data.agent };
    case "supervision.started":
      return {
        ...call,
        supervisors: [
          ...call.supervisors.filter((one) => one.supervisor !== data.supervisor),
          { supervisor: data.supervisor, agent: data.agent, mode: data.mode },
        ],
      };
    case "supervision.ended":
      return {
        ...call,
        supervisors: call.supervisors.filter((one) => one.supervisor !== data.supervisor),
      };
    case "recording.stopped":
      return {
        ...call,
        recordingNow: false,
        recordingPaused: false,
        recordings: call.recordings + 1,
      };
    case "appointment.changed":
      return { ...call, appointments: [...call.appointments, data.change] };
    default:
      return call;
  }
}
