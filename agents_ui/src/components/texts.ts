import { useTranslation } from "react-i18next";

/** By language and key, empty where there are none: a screen of calls asks again and again. */
const words = new Map<string, string>();

/** Words for codes of the server that may be newer than this page. */
export function useCodes() {
  const { t, i18n } = useTranslation();
  const say = i18n.t as (key: string, values?: object) => string;
  const known = (key: string, fallback: string): string => {
    const kept = `${i18n.language} ${key}`;
    const found = words.get(kept) ?? (i18n.exists(key) ? say(key) : "");
    words.set(kept, found);
    return found || fallback;
  };
  const readable = (code: string) => {
    const words = code.replace(/[_.-]+/g, " ").trim();
    return words.charAt(0).toUpperCase() + words.slice(1);
  };
  const reason = (code: string) => known(`reason.${code || "none"}`, readable(code));
  return {
    reason,
    /** Of a call that has ended no reason is to come any more. */
    reasonOf: (call: { reason: string; outcome: string | null }) =>
      call.outcome && !call.reason ? t("log.noReason") : reason(call.reason),
    action: (code: string) => known(`event.action.${code}`, readable(code)),
    result: (code: string) => known(`event.result.${code}`, readable(code)),
    understood: (code: string) => known(`event.understood.${code}`, readable(code)),
    step: (code: string) => known(`step.${code}`, readable(code)),
    activity: (code: string) =>
      code === "speech.unavailable"
        ? t("calls.activity.speech")
        : known(`calls.activity.${code.replace("action.", "")}`, t("calls.activity.working")),
    status: (code: string) => known(`agenda.status.${code}`, readable(code)),
    outcome: (code: string) => known(`log.outcomes.${code}`, readable(code)),
    /** How a call ended: of one that went out in vain, what the line said. */
    ended: (outcome: string, unreached: string | null) =>
      unreached
        ? known(`log.unreached.${unreached}`, readable(unreached))
        : known(`log.outcomes.${outcome}`, readable(outcome)),
    purpose: (code: string) => known(`consent.${code}`, readable(code)),
    decision: (code: string) => known(`consent.${code}`, readable(code)),
    how: (code: string) => known(`consent.how.${code}`, readable(code)),
    ticket: (code: string) => known(`tickets.kind.${code}`, readable(code)),
    channel: (code: string) => known(`patient.channels.${code}`, readable(code)),
    attempt: (code: string) => known(`patient.attempt.${code}`, readable(code)),
    undelivered: (code: string) => known(`confirmation.reason.${code}`, readable(code)),
    kind: (code: string) => known(`log.kind.${code}`, readable(code)),
    event: (type: string, values: Record<string, string>) => {
      const key = `event.${type.replace(".", "_")}`;
      return i18n.exists(key) ? say(key, values) : readable(type);
    },
    readable,
  };
}
