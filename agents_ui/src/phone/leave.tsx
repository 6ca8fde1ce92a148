import { Button, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useColleague, useMe } from "@/app/session";
import { OVER_FORMS } from "@/components/dock";
import { type CallOnAir, steppedOut } from "@/live/call";
import type { useCallActions } from "./actions";
import { phone } from "./agent";

export type Leaving = "consult" | "held" | "conference";

/** What hanging up would do besides ending a call of two; null: nothing else. */
export function leavingOf(call: CallOnAir | undefined, username: string): Leaving | null {
  if (!call?.talkers.includes(username)) return null;
  if (call.consult?.agent === username) return "consult";
  if (call.conference) return "conference";
  if (call.holders.includes(username)) return "held";
  return null;
}

/** Hanging up where more than two are in the call, or the patient is waiting, is asked about. */
export function LeaveDialog({
  leaving,
  call,
  close,
  actions,
}: {
  leaving: Leaving | null;
  call: CallOnAir | undefined;
  close: () => void;
  actions: ReturnType<typeof useCallActions>;
}) {
  const { t } = useTranslation();
  const colleague = useColleague();
  const { username } = useMe();
  const others = call?.talkers.filter((one) => one !== username) ?? [];
  const out = call ? steppedOut(call) : [];
  const behind = others.length > 0 && others.every((one) => out.includes(one));
  const then = (work: () => unknown) => () => {
    close();
    void work();
  };
  return (
    <Modal
      closeButtonProps={{ "aria-label": t("app.close") }}
      opened={leaving !== null}
      onClose={close}
      title={leaving ? t(`desk.leave.${leaving}`) : ""}
      zIndex={OVER_FORMS}
      centered
    >
      <Stack>
        {leaving === "consult" && (
          <>
            <Button data-autofocus onClick={then(() => actions.consultation("cancel"))}>
              {t("desk.consult.cancel")}
            </Button>
            {call?.consult?.answered && (
              <Button variant="default" onClick={then(() => actions.consultation("complete"))}>
                {t("desk.consult.complete")}
              </Button>
            )}
          </>
        )}
        {leaving === "held" && (
          <Button data-autofocus onClick={then(() => actions.hold(false))}>
            {t("desk.resume")}
          </Button>
        )}
        {leaving === "conference" && (
          <Button data-autofocus onClick={then(() => phone.hangup())}>
            {behind
              ? t("desk.leave.behind", { names: others.map(colleague) })
              : t("desk.leave.alone")}
          </Button>
        )}
        <Button color="red.9" onClick={then(() => actions.end())}>
          {t("desk.leave.all")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("desk.leave.hint")}
        </Text>
      </Stack>
    </Modal>
  );
}
