import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { AgentNow, MyDesk, StreamEvent } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useLiveEvents } from "@/live/hooks";

export type DeskState = AgentNow["state"];

/** The pause of an agent whose phone rang in vain. */
export const NO_ANSWER = "no_answer";

/** Colours that stand out on both schemes; always beside the state's name. */
export const STATE_COLORS: Record<DeskState, string> = {
  off: "#8a97a6",
  available: "#22a06b",
  ringing: "#0f9bb3",
  on_call: "#3b82c4",
  wrap_up: "#8a63d2",
  paused: "#e69b16",
  away: "#8a97a6",
};

/** The desk after a change of state that the stream told of. */
export function changed(desk: MyDesk, event: StreamEvent): MyDesk {
  const data = event.data;
  if (data.type !== "agent.state") return desk;
  return {
    ...desk,
    chosen: desk.chosen?.call_id === data.call ? desk.chosen : null,
    now: {
      ...desk.now,
      state: data.state,
      reason: data.reason ?? "",
      since: data.state === desk.now.state && data.call ? desk.now.since : event.at,
      until: data.until || null,
      call_id: data.call ?? "",
      changed_by: data.by ?? "",
      note: data.by === desk.now.changed_by ? desk.now.note : "",
    },
  };
}

/** Keeps the agent's own state as the stream tells it. */
export function useDeskLife(): void {
  const watch = useCallback((event: StreamEvent) => {
    const data = event.data;
    if (data.type !== "agent.state" && data.type !== "call.disposed") return;
    const me = client.getQueryData(queries.me.queryKey);
    if (!me || data.agent !== me.username) return;
    client.setQueryData(queries.desk.queryKey, (desk) => desk && changed(desk, event));
    void client.invalidateQueries({ queryKey: queries.desk.queryKey });
  }, []);
  useLiveEvents(watch);
}

export function useDesk(): MyDesk | undefined {
  return useQuery(queries.desk).data;
}

/** The name of a state with its reason, as people say it. */
export function useStateName(): (state: DeskState, reason?: string) => string {
  const { t } = useTranslation();
  const reasons = useDesk()?.reasons ?? [];
  return (state, reason = "") => {
    const name = t(`state.${state}`);
    if (state !== "paused" || !reason) return name;
    const why =
      reason === NO_ANSWER
        ? t("state.noAnswer")
        : reasons.find((one) => one.code === reason)?.name.toLowerCase();
    return why ? `${name}: ${why}` : name;
  };
}
