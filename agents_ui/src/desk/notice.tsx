import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useColleague } from "@/app/session";
import { useWish } from "./bar";
import { NO_ANSWER, useDesk, useStateName } from "./state";

/** Says plainly why no calls come, with the one button that brings them back. */
export function DeskNotice() {
  const { t } = useTranslation();
  const desk = useDesk();
  const wish = useWish();
  const nameOf = useStateName();
  const colleague = useColleague();
  if (!desk) return null;
  const { state, reason, changed_by, note } = desk.now;
  const rona = state === "paused" && reason === NO_ANSWER;
  const commanded = changed_by !== "" && (state === "paused" || state === "available");
  if (!rona && !commanded && state !== "away") return null;
  const title = rona
    ? t("state.ronaTitle")
    : commanded
      ? t("state.byTitle", { name: colleague(changed_by), state: nameOf(state, reason) })
      : t("state.awayTitle");
  const more = rona ? t("state.ronaText") : commanded ? note : "";
  return (
    <div className="banner" role="alert" data-notice={rona ? "rona" : state}>
      <Text span fw={650} size="sm">
        {title}
      </Text>
      {more && (
        <Text span size="sm">
          {more}
        </Text>
      )}
      {state !== "available" && (
        <Button
          size="compact-sm"
          color="dark"
          variant="filled"
          loading={wish.isPending}
          onClick={() => wish.mutate({ state: "available" })}
        >
          {t("state.available_again")}
        </Button>
      )}
    </div>
  );
}
