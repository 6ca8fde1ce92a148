import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AgentNow } from "@/api/types";
import { useColleague } from "@/app/session";
import { phone, useAgentPhone } from "@/phone/agent";
import { useWish } from "./bar";
import { NO_ANSWER, useDesk, useStateName } from "./state";

type Way = "available" | "connect" | null;

interface Notice {
  kind: string;
  title: string;
  more: string;
  /** How calls come again, where that is the agent's to do here. */
  way: Way;
}

/** What there is to say about the agent's state, if anything. */
function useNotice(): (now: AgentNow, atWork: boolean) => Notice | null {
  const { t } = useTranslation();
  const nameOf = useStateName();
  const colleague = useColleague();
  return (now, atWork) => {
    const { state, reason, changed_by, note, wish, wish_reason, wish_by, wish_note } = now;
    if (state === "paused" && reason === NO_ANSWER)
      return {
        kind: "rona",
        title: t("state.ronaTitle"),
        more: t("state.ronaText"),
        way: "available",
      };
    if (state === "away")
      return { kind: state, title: t("state.awayTitle"), more: "", way: "connect" };
    if (state === "off" && !atWork) return null;
    if (changed_by !== "")
      return {
        kind: state,
        title: t("state.byTitle", { name: colleague(changed_by), state: nameOf(state, reason) }),
        more: note,
        way: state === "paused" ? "available" : null,
      };
    if (state === "off")
      return { kind: state, title: t("state.endedTitle"), more: t("state.endedText"), way: null };
    if (wish_by !== "")
      return {
        kind: "later",
        title: t("state.byLater", { name: colleague(wish_by), state: nameOf(wish, wish_reason) }),
        more: wish_note,
        way: null,
      };
    return null;
  };
}

/** Says plainly why no calls come, with the one button that brings them back. */
export function DeskNotice() {
  const { t } = useTranslation();
  const desk = useDesk();
  const wish = useWish();
  const noticeOf = useNotice();
  const { wanted, begins } = useAgentPhone();
  const notice = desk && noticeOf(desk.now, wanted !== "off" && !begins);
  if (!notice) return null;
  return (
    <div className="banner" role="alert" data-notice={notice.kind}>
      <Text span fw={650} size="sm">
        {notice.title}
      </Text>
      {notice.more && (
        <Text span size="sm">
          {notice.more}
        </Text>
      )}
      {notice.way && (
        <Button
          size="compact-sm"
          color="dark"
          variant="filled"
          loading={wish.isPending}
          onClick={() =>
            notice.way === "connect" ? phone.want("available") : wish.mutate({ state: "available" })
          }
        >
          {t(notice.way === "connect" ? "state.start" : "state.available_again")}
        </Button>
      )}
    </div>
  );
}
