import { Button, Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconArrowsRightLeft,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerRecordFilled,
  IconUsers,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useClinic, useColleague } from "@/app/session";
import { phone as phoneText } from "@/format";
import type { CallOnAir, Consult, Handed } from "@/live/call";
import type { useCallActions } from "./actions";
import { phone } from "./agent";
import type { LineCall } from "./line";

/** One thing that can be done with the call: a drawing over its word. */
function Tile({
  label,
  keys,
  on,
  icon,
  press,
  ...more
}: {
  label: string;
  keys?: string;
  on?: boolean;
  icon: ReactNode;
  disabled?: boolean;
  press: () => void;
  "aria-pressed"?: boolean;
  "aria-expanded"?: boolean;
}) {
  return (
    <Tooltip label={keys} disabled={!keys}>
      <UnstyledButton
        className="call-tile"
        data-on={on}
        aria-keyshortcuts={keys}
        onClick={press}
        {...more}
      >
        {icon}
        {label}
      </UnstyledButton>
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
      <div className="call-tiles">
        <Tile
          label={t(call.muted ? "desk.unmute" : "desk.mute")}
          keys="F4"
          on={call.muted}
          aria-pressed={call.muted}
          icon={call.muted ? <IconMicrophoneOff size={20} /> : <IconMicrophone size={20} />}
          press={() => phone.mute(!call.muted)}
        />
        {handles && (
          <Tile
            label={t(held ? "desk.resume" : "desk.hold")}
            keys="F8"
            on={held}
            aria-pressed={held}
            disabled={consulting || cut}
            icon={held ? <IconPlayerPlay size={20} /> : <IconPlayerPause size={20} />}
            press={() => void actions.hold(!held)}
          />
        )}
        <Tile
          label={t("desk.keypad")}
          aria-expanded={keys}
          icon={<IconDialpad size={20} />}
          press={on.keypad}
        />
        {handles && (
          <Tile
            label={t("desk.transfer.title")}
            keys="F9"
            disabled={consulting || !own || cut}
            icon={<IconArrowsRightLeft size={20} />}
            press={on.transfer}
          />
        )}
        {handles && own?.recordingNow && (
          <Tile
            label={t(own.recordingPaused ? "desk.record.resume" : "desk.record.pause")}
            keys="F10"
            on={own.recordingPaused}
            aria-pressed={own.recordingPaused}
            disabled={cut}
            icon={
              own.recordingPaused ? (
                <IconPlayerRecordFilled size={20} />
              ) : (
                <span className="call-recording">
                  <IconPlayerRecordFilled size={20} />
                </span>
              )
            }
            press={() => void actions.record(own.recordingPaused)}
          />
        )}
      </div>
      <Button
        fullWidth
        mt={12}
        size="md"
        color="red.9"
        leftSection={<IconPhoneOff size={20} aria-hidden />}
        aria-keyshortcuts="Shift+F2"
        onClick={on.hangup}
      >
        {t("desk.hangup")}
      </Button>
      {handles && own?.recordingPaused && (
        <Text size="xs" c="dimmed" mt={8} role="status">
          {t("desk.record.paused")}
        </Text>
      )}
    </>
  );
}

/** Name of whom the agent asks, or hands the call on to. */
export function useAsked(): (consult: Consult | Handed) => string {
  const colleague = useColleague();
  const { colleagues, queues } = useClinic();
  const { t } = useTranslation();
  return (consult) => {
    if (consult.by) return colleague(consult.by);
    if (consult.kind === "outside") return phoneText(consult.to);
    const known = colleagues.some((one) => one.username === consult.to);
    if (known) return colleague(consult.to);
    const queue = queues.find((one) => one.name === consult.to);
    return t("desk.transfer.queue", { name: queue?.title ?? consult.to });
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
