import type { CallDetail, StreamEvent } from "@/api/types";
import { useColleague, useQueueTitle } from "@/app/session";
import { useCodes } from "@/components/texts";
import { useDesk } from "@/desk/state";
import { duration } from "@/format";

type Data = StreamEvent["data"];

const GOOD = new Set([
  "call.answered",
  "agent.connected",
  "patient.identified",
  "recording.started",
]);
const BAD = new Set(["flow.failed", "speech.unavailable", "red_flag.heard", "turn.not_understood"]);
const KEY = new Set([
  "step.entered",
  "appointment.changed",
  "consent.decided",
  "call.started",
  "call.ended",
]);

function tone(type: string): string | undefined {
  if (GOOD.has(type)) return "good";
  if (BAD.has(type)) return "bad";
  return KEY.has(type) ? "key" : undefined;
}

/** An event in words. */
export function useEventText(): (data: Data, unreached: CallDetail["unreached"]) => string {
  const codes = useCodes();
  const colleague = useColleague();
  const titled = useQueueTitle();
  const dispositions = useDesk()?.dispositions ?? [];
  return (data, unreached) => {
    const values: Record<string, string> = {};
    for (const [name, value] of Object.entries(data)) values[name] = String(value ?? "");
    if ("agent" in data) values.agent = colleague(data.agent);
    if ("supervisor" in data) values.supervisor = colleague(data.supervisor);
    if (data.type === "consult.started" || data.type === "call.handed_over") {
      const to = data.to ?? "";
      const named = data.kind === "agent" ? colleague(to) : data.kind === "queue" ? titled(to) : to;
      values.to = named || (data.number ?? "");
    }
    if ("by" in data) values.by = colleague(data.by ?? "");
    if ("queue" in data) values.queue = titled(data.queue);
    if ("step" in data) values.step = codes.step(data.step);
    if ("waited_s" in data) values.waited = duration(data.waited_s ?? 0);
    if ("duration_s" in data) values.duration = duration(data.duration_s);
    if ("action" in data) values.action = codes.action(data.action);
    if (data.type === "action.finished") values.outcome = codes.result(data.outcome).toLowerCase();
    if (data.type === "call.ended") values.outcome = codes.ended(data.outcome, unreached);
    if (data.type === "turn.understood") values.kind = codes.understood(data.kind).toLowerCase();
    if (data.type === "appointment.changed") {
      values.change = codes.status(data.change).toLowerCase();
    }
    if (data.type === "consent.decided") {
      values.purpose = codes.purpose(data.purpose).toLowerCase();
      values.decision = codes.decision(data.decision);
    }
    if (data.type === "call.transferred") {
      if (data.kind === "voicemail") return codes.event("call.transferred_voicemail", values);
      values.name = data.kind === "queue" ? titled(data.name ?? "") : colleague(data.name ?? "");
    }
    if (data.type === "call.disposed") {
      values.code = dispositions.find((one) => one.code === data.code)?.name ?? data.code;
    }
    if (data.type === "queue.left" && data.reason === "empty") {
      return codes.event("queue.left_empty", values);
    }
    if (data.type === "supervision.started" && data.mode !== "listen") {
      return codes.event(`supervision_${data.mode}`, values);
    }
    if (data.type === "queue.place_changed") {
      return codes.event(`queue.place_${data.status}`, values);
    }
    return codes.event(data.type, values);
  };
}

function quote(data: Data): string {
  if (data.type === "prompt.said" || data.type === "turn.heard" || data.type === "red_flag.heard") {
    return data.text;
  }
  if (data.type === "queue.place_changed" || data.type === "call.disposed") return data.note ?? "";
  return "";
}

/** All that happened in a call, in its order. */
export function Timeline({ call }: { call: CallDetail }) {
  const text = useEventText();
  const start = Date.parse(call.started_at);
  return (
    <ol className="timeline">
      {call.events.map((event) => (
        <li key={event.number} data-tone={tone(event.data.type)}>
          <time dateTime={event.at} className="num">
            {duration((Date.parse(event.at) - start) / 1000)}
          </time>
          <p>
            {text(event.data, call.unreached)}
            {quote(event.data) && (
              <q style={{ color: "var(--au-soft)", marginLeft: 6 }}>{quote(event.data)}</q>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}
