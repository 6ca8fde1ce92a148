import { Badge, Button, Group, Modal, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEar, IconPhoneOff, IconReplace, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useColleague, useMe } from "@/app/session";
import { type CallOnAir, waits } from "@/live/call";
import { type Mode, useCallActions } from "./actions";
import { useCanDial } from "./dial";

const MODES: Mode[] = ["listen", "whisper", "barge"];

/** Why nobody can join now: the agent has stepped out, and the caller waits with music. */
function useWaiting(call: CallOnAir): { why: string; unheard: boolean } {
  const { t } = useTranslation();
  const colleague = useColleague();
  const { holders, consult } = call;
  if (!waits(call)) return { why: "", unheard: false };
  const [holder] = holders;
  return {
    why: t(holder ? "desk.supervise.wait_held" : "desk.supervise.wait_consulting", {
      name: colleague(holder ?? consult?.agent ?? ""),
    }),
    unheard: !consult?.answered,
  };
}

/** A supervisor's way into a conversation. Nobody else is shown that they are there. */
export function Supervise({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  const me = useMe();
  const able = useCanDial();
  const actions = useCallActions();
  const colleague = useColleague();
  const [asking, ask] = useDisclosure(false);
  const waiting = useWaiting(call);
  if (me.role !== "supervisor" || !me.extension) return null;
  const own = call.supervisors.find((one) => one.supervisor === me.username);
  const others = call.supervisors.filter((one) => one.supervisor !== me.username);
  const talking = call.talkers.some((one) => one !== me.username);
  if ((!talking || call.talkers.includes(me.username)) && !own) return null;
  return (
    <Stack gap={6} mt={8}>
      {others.map((one) => (
        <Badge key={one.supervisor} color="grape">
          {t(`desk.supervise.is_${one.mode}`, { name: colleague(one.supervisor) })}
        </Badge>
      ))}
      {own ? (
        <Group
          gap="xs"
          role="group"
          aria-label={t("desk.supervise.title")}
          data-supervising={own.mode}
        >
          <SegmentedControl
            size="xs"
            value={own.mode}
            onChange={(mode) => void actions.supervise(call.id, mode as Mode)}
            data={MODES.map((mode) => ({
              value: mode,
              label: t(`desk.supervise.${mode}`),
              disabled:
                mode !== own.mode && (waiting.unheard || (mode === "barge" && !!waiting.why)),
            }))}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconReplace size={16} aria-hidden />}
            onClick={ask.open}
          >
            {t("desk.supervise.takeOver")}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPhoneOff size={16} aria-hidden />}
            onClick={() => void actions.stopSupervising()}
          >
            {t("desk.supervise.leave")}
          </Button>
        </Group>
      ) : (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEar size={16} aria-hidden />}
            disabled={!able || waiting.unheard}
            title={able ? undefined : t("desk.dial.notReady")}
            onClick={() => void actions.supervise(call.id, "listen")}
          >
            {t("desk.supervise.listen")}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconUsers size={16} aria-hidden />}
            disabled={!able || !!waiting.why}
            title={able ? undefined : t("desk.dial.notReady")}
            onClick={() => void actions.supervise(call.id, "barge")}
          >
            {t("desk.supervise.barge")}
          </Button>
        </Group>
      )}
      {waiting.why && (
        <Text size="xs" c="dimmed" role="status">
          {waiting.why}
        </Text>
      )}
      <Modal
        closeButtonProps={{ "aria-label": t("app.close") }}
        opened={asking}
        onClose={ask.close}
        title={t("desk.supervise.takeOver")}
        centered
      >
        <Text mb="md">{t("desk.supervise.sure", { name: colleague(own?.agent ?? "") })}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={ask.close}>
            {t("app.cancel")}
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              ask.close();
              void actions.takeOver(call.id);
            }}
          >
            {t("desk.supervise.takeOver")}
          </Button>
        </Group>
      </Modal>
    </Stack>
  );
}
