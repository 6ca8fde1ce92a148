import {
  IconAlertTriangle,
  IconArrowUpRight,
  IconHourglass,
  IconPhoneIncoming,
  IconRobot,
  IconUser,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { memo, type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useColleague } from "@/app/session";
import { Elapsed } from "@/components/elapsed";
import { useCodes } from "@/components/texts";
import { duration, initials, numberOf, phone } from "@/format";
import { type CallOnAir, onItsWay } from "@/live/call";

const ICONS = {
  live: IconRobot,
  queued: IconHourglass,
  talking: IconUser,
  ended: IconPhoneIncoming,
} as const;

/** What a call is told with. */
export interface Words {
  t: TFunction;
  codes: ReturnType<typeof useCodes>;
  colleague: ReturnType<typeof useColleague>;
}

/** The same as long as the language is: asked for once, however many cards there are. */
export function useWords(): Words {
  const { t } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the codes' words are those of t
  return useMemo(() => ({ t, codes, colleague }), [t, colleague]);
}

/** Who is on the line, in the best words we have so far. */
export function callerName(call: CallOnAir, t: TFunction): string {
  if (call.sight !== "full") return call.who || t("calls.hidden");
  if (call.patient_name) return call.patient_name;
  const patients = call.caller?.patients ?? [];
  const [only] = patients;
  if (patients.length === 1 && only) return `${only.given} ${only.family}`.trim();
  const number = numberOf(call);
  return number ? phone(number) : t("calls.hidden");
}

/** Whether the agent who placed the call waits for an answer. */
export function dialling(call: CallOnAir): boolean {
  return call.flow === "manual" && call.status !== "ended" && !call.answered_at;
}

/** The time that matters now: of waiting, of talking, or of the whole call. */
export function CallTime({ call }: { call: CallOnAir }) {
  if (call.duration_s !== null) return duration(call.duration_s);
  return <Elapsed since={call.queuedAt ?? call.talkingSince ?? call.started_at} />;
}

let leftFocused = "";

/** A card that goes to another part of the list takes the keyboard's focus along. */
function useFocusKept(id: string) {
  const card = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const there = card.current;
    if (leftFocused === id) there?.focus();
    leftFocused = "";
    return () => {
      leftFocused = document.activeElement === there ? id : leftFocused;
    };
  }, [id]);
  return card;
}

/** Drawn again for its own call's events, not for those of the others. */
export const CallCard = memo(function CallCard({
  call,
  words: { t, codes, colleague },
  chosen,
  still,
  choose,
}: {
  call: CallOnAir;
  words: Words;
  chosen: boolean;
  /** Whether cards come without moving, as it is when this one comes: it is settled once. */
  still: Readonly<RefObject<boolean>>;
  choose: (id: string) => void;
}) {
  const card = useFocusKept(call.id);
  const [arrives] = useState(() => !still.current);
  const name = callerName(call, t);
  const Icon = ICONS[call.status];
  const family = call.caller?.patients.length ?? 0;
  const known = !!call.patient_name || family === 1;
  const last = call.lines.at(-1);
  const status = dialling(call)
    ? t("desk.dial.calling")
    : call.ringing
      ? t("calls.ringing", { name: colleague(call.ringing) })
      : call.talkers.length
        ? t("calls.talkingTo", { names: call.talkers.map(colleague) })
        : onItsWay(call)
          ? t("calls.handedOn")
          : call.status === "live" && call.step
            ? codes.step(call.step)
            : t(`calls.status.${call.status}`);
  return (
    <button
      ref={card}
      type="button"
      className="call-card"
      data-call={call.id}
      data-arrives={arrives || undefined}
      onAnimationEnd={({ currentTarget }) => currentTarget.removeAttribute("data-arrives")}
      data-status={call.status}
      data-flag={call.redFlag || undefined}
      aria-pressed={chosen}
      disabled={call.sight !== "full"}
      onClick={() => choose(call.id)}
    >
      <span className="call-face" data-known={known} aria-hidden>
        {known ? initials(name) : <Icon size={20} />}
      </span>
      <span style={{ minWidth: 0 }}>
        <span className="call-who" style={{ display: "block" }}>
          {call.direction === "outbound" && (
            <IconArrowUpRight size={16} aria-label={t("calls.direction.outbound")} />
          )}
          {name}
        </span>
        <span className="call-why" style={{ display: "block" }}>
          {!call.patient_name && family > 1 ? `${t("calls.family", { count: family })} · ` : ""}
          {call.status === "queued" && call.priority > 0 ? `${t("calls.priority")} · ` : ""}
          {status}
        </span>
      </span>
      <span className="call-time num">
        <CallTime call={call} />
      </span>
      {call.sight === "full" && (call.reason || last) && (
        <span className="call-last">
          {call.redFlag && (
            <IconAlertTriangle
              size={15}
              color="#e5484d"
              style={{ verticalAlign: "-2px" }}
              aria-hidden
            />
          )}{" "}
          <b>{call.reason ? codes.reason(call.reason) : ""}</b>
          {call.reason && last?.text ? " · " : ""}
          {last?.how === "keys" ? `${t("calls.pressed")} ${last.text}` : last?.text}
        </span>
      )}
    </button>
  );
});
