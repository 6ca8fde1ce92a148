import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import {
  IconArrowsRightLeft,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerRecord,
  IconPlayerStop,
  IconUsers,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useClinic, useColleague } from "@/app/session";
import { phone as phoneText } from "@/format";
import type { CallOnAir, Consult } from "@/live/call";
import type { useCallActions } from "./actions";
import { phone } from "./agent";
import type { LineCall } from "./line";

function Toggle({
  label,
  keys,
  on,
  disabled,
  press,
  children,
}: {
  label: string;
  keys?: string;
  on: boolean;
  disabled?: boolean;
  press: () => void;
  children: ReactNode;
}) {
  return (
    <Tooltip label={keys ? `${label} (${keys})` : label}>
      <ActionIcon
        size={42}
        variant={on ? "filled" : "default"}
        color="orange.9"
        aria-pressed={on}
        aria-label={label}
        aria-keyshortcuts={keys}
        disabled={disabled}
        onClick={press}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** The buttons of a call that is answered. ``handles``: the caller is this agent's; ``cut``:
 * the server does not answer, and what it would have to do cannot be asked for. */
export function CallControls({
  call,
  own,
  handles,
  held,
  cut,
  keys,
  actions,
  on,
}: {
  call: LineCall;
  own: CallOnAir | undefined;
  handles: boolean;
  held: boolean;
  cut: boolean;
  keys: boolean;
  actions: ReturnType<typeof useCallActions>;
  on: { keypad: () => void; transfer: () => void; hangup: () => void };
}) {
  const { t } = useTranslation();
  const consulting = !!own?.consult;
  return (
    <>
      <Group gap={6} wrap="nowrap" mb={8}>
        <Toggle
          label={t(call.muted ? "desk.unmute" : "desk.mute")}
          keys="F4"
          on={call.muted}
          press={() => phone.mute(!call.muted)}
        >
          {call.muted ? <IconMicrophoneOff size={20} /> : <IconMicrophone size={20} />}
        </Toggle>
        {handles && (
          <Toggle
            label={t(held ? "desk.resume" : "desk.hold")}
            keys="F8"
            on={held}
            disabled={consulting || cut}
            press={() => void actions.hold(!held)}
          >
            {held ? <IconPlayerPlay size={20} /> : <IconPlayerPause size={20} />}
          </Toggle>
        )}
        <Tooltip label={t("desk.keypad")}>
          <ActionIcon
            size={42}
            variant={keys ? "light" : "default"}
            aria-expanded={keys}
            aria-label={t("desk.keypad")}
            onClick={on.keypad}
          >
            <IconDialpad size={20} />
          </ActionIcon>
        </Tooltip>
        {handles && (
          <Tooltip label={`${t("desk.transfer.title")} (F9)`}>
            <ActionIcon
              size={42}
              variant="default"
              aria-label={t("desk.transfer.title")}
              aria-keyshortcuts="F9"
              disabled={consulting || !own || cut}
              onClick={on.transfer}
            >
              <IconArrowsRightLeft size={20} />
            </ActionIcon>
          </Tooltip>
        )}
        {handles && own?.recordingNow && (
          <Toggle
            label={t(own.recordingPaused ? "desk.record.resume" : "desk.record.pause")}
            keys="F10"
            on={own.recordingPaused}
            disabled={cut}
            press={() => void actions.record(own.recordingPaused)}
          >
            {own.recordingPaused ? <IconPlayerRecord size={20} /> : <IconPlayerStop size={20} />}
          </Toggle>
        )}
        <Button
          flex={1}
          px="xs"
          size="md"
          color="red.9"
          leftSection={<IconPhoneOff size={20} aria-hidden />}
          aria-keyshortcuts="Shift+F2"
          onClick={on.hangup}
        >
          {t("desk.hangup")}
        </Button>
      </Group>
      {handles && own?.recordingPaused && (
        <Text size="xs" c="dimmed" role="status">
          {t("desk.record.paused")}
        </Text>
      )}
    </>
  );
}

/** Name of whom the agent asks. */
export function useAsked(): (consult: Consult) => string {
  const colleague = useColleague();
  const { colleagues } = useClinic();
  const { t } = useTranslation();
  return (consult) => {
    if (consult.by) return colleague(consult.by);
    if (consult.kind === "outside") return phoneText(consult.to);
    const known = colleagues.some((one) => one.username === consult.to);
    return known ? colleague(consult.to) : t("desk.transfer.queue", { name: consult.to });
  };
}

/** The consultation of this agent: whom they ask, and what may become of it. */
export function ConsultPanel({
  consult,
  actions,
}: {
  consult: Consult;
  actions: ReturnType<typeof useCallActions>;
}) {
  const { t } = useTranslation();
  const name = useAsked()(consult);
  return (
    <div className="consult" data-consult={consult.answered ? "answered" : "calling"}>
      <Text size="sm" fw={600} role="status">
        {t(consult.answered ? "desk.consult.talking" : "desk.consult.calling", { name })}
      </Text>
      <Text size="xs" c="dimmed" mb={8}>
        {t("desk.consult.waiting")}
      </Text>
      <Group gap={6}>
        <Button
          size="xs"
          disabled={!consult.answered}
          leftSection={<IconArrowsRightLeft size={16} aria-hidden />}
          onClick={() => void actions.consultation("complete")}
        >
          {t("desk.consult.complete")}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!consult.answered}
          leftSection={<IconUsers size={16} aria-hidden />}
          onClick={() => void actions.consultation("conference")}
        >
          {t("desk.consult.conference")}
        </Button>
        <Button size="xs" variant="default" onClick={() => void actions.consultation("cancel")}>
          {t("desk.consult.cancel")}
        </Button>
      </Group>
    </div>
  );
}
