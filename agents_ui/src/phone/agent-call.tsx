import { ActionIcon, Alert, Avatar, Button, Collapse, Group, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { StreamEvent } from "@/api/types";
import { useMe } from "@/app/session";
import { useNow } from "@/components/now";
import { useCodes } from "@/components/texts";
import { duration, initials, phone as phoneText } from "@/format";
import { useLive, useLiveEvents } from "@/live/hooks";
import type { CallOnAir } from "@/live/state";
import { useCallerName } from "@/screens/calls/card";
import { phone, useAgentPhone } from "./agent";
import { Keypad } from "./keypad";
import { Loudspeaker } from "./loudspeaker";
import { Meter } from "./meter";
import { useRingtone } from "./sound";
import "./phone.css";

/** The conversation that rings or talks on this user's phone. */
function useOwnCall(): CallOnAir | undefined {
  const { calls } = useLive();
  const { username } = useMe();
  return [...calls.values()].find(
    (call) => call.talkingTo === username || call.ringing === username,
  );
}

/** The file is on the screen before the phone rings: the event comes ahead of the call. */
function usePop(): void {
  const navigate = useNavigate();
  const { username } = useMe();
  const watch = useCallback(
    (event: StreamEvent) => {
      if (event.data.type === "agent.ringing" && event.data.agent === username && event.call_id) {
        navigate({ to: "/llamadas", search: { llamada: event.call_id } });
      }
    },
    [navigate, username],
  );
  useLiveEvents(watch);
}

/** The call on the agent's phone, over whatever screen is open. */
export function AgentCall() {
  const { t } = useTranslation();
  const codes = useCodes();
  const { line } = useAgentPhone();
  const own = useOwnCall();
  const nameOf = useCallerName();
  const now = useNow(500);
  const [keys, keypad] = useDisclosure(false);
  usePop();
  const call = line.call;
  const active = !!call && call.stage !== "ended";
  const incoming = active && call.direction === "incoming" && call.stage === "ringing";
  useRingtone(incoming);
  useEffect(() => {
    if (!active) keypad.close();
  }, [active, keypad.close]);
  if (!active) return null;
  const name = own ? nameOf(own) : phoneText(call.from);
  const press = (key: string) => phone.line.press(key);
  return (
    <section className="agent-call" data-stage={call.stage} aria-label={t("desk.phone")}>
      <Group wrap="nowrap" gap="sm">
        <Avatar radius="xl" size={42} color="teal" aria-hidden>
          {initials(name)}
        </Avatar>
        <div style={{ minWidth: 0, flex: 1 }} role="status">
          <Text fw={650} lineClamp={1}>
            {name}
          </Text>
          <Text size="sm" c="dimmed" className="num">
            {incoming
              ? `${t("desk.incoming")}${own?.reason ? ` · ${codes.reason(own.reason)}` : ""}`
              : `${call.held ? t("desk.held") : t("desk.talking")} · ${duration(call.talkingSince ? (now - call.talkingSince) / 1000 : 0)}`}
          </Text>
        </div>
      </Group>
      {line.problem && (
        <Alert color="red" p="xs" mt="sm" role="alert">
          {t(`demo.problem.${line.problem}`)}
        </Alert>
      )}
      {incoming ? (
        <Group grow mt="md" gap="sm">
          <Button
            color="#18733b"
            size="md"
            leftSection={<IconPhone size={20} aria-hidden />}
            onClick={() => phone.line.answer()}
            autoFocus
          >
            {t("desk.answer")}
          </Button>
          <Button variant="default" size="md" onClick={() => phone.line.hangup()}>
            {t("desk.decline")}
          </Button>
        </Group>
      ) : (
        <>
          <div style={{ display: "grid", gap: 8, margin: "12px 0" }}>
            <Meter label={t("demo.you")} stream={call.muted ? null : phone.line.local} />
            <Meter label={t("calls.caller")} stream={phone.line.remote} />
          </div>
          <Collapse expanded={keys}>
            <div style={{ marginBottom: 12 }}>
              <Keypad press={press} disabled={!keys} label={t("desk.keypad")} />
            </div>
          </Collapse>
          <Group gap="xs" wrap="nowrap">
            <Tooltip label={t(call.muted ? "desk.unmute" : "desk.mute")}>
              <ActionIcon
                size={42}
                variant={call.muted ? "filled" : "default"}
                color="orange.9"
                aria-pressed={call.muted}
                aria-label={t(call.muted ? "desk.unmute" : "desk.mute")}
                onClick={() => phone.line.mute(!call.muted)}
              >
                {call.muted ? <IconMicrophoneOff size={20} /> : <IconMicrophone size={20} />}
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t(call.held ? "desk.resume" : "desk.hold")}>
              <ActionIcon
                size={42}
                variant={call.held ? "filled" : "default"}
                color="orange.9"
                aria-pressed={call.held}
                aria-label={t(call.held ? "desk.resume" : "desk.hold")}
                onClick={() => phone.line.hold(!call.held)}
              >
                {call.held ? <IconPlayerPlay size={20} /> : <IconPlayerPause size={20} />}
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t("desk.keypad")}>
              <ActionIcon
                size={42}
                variant={keys ? "light" : "default"}
                aria-expanded={keys}
                aria-label={t("desk.keypad")}
                onClick={keypad.toggle}
              >
                <IconDialpad size={20} />
              </ActionIcon>
            </Tooltip>
            <Button
              flex={1}
              size="md"
              color="red.9"
              leftSection={<IconPhoneOff size={20} aria-hidden />}
              onClick={() => phone.line.hangup()}
            >
              {t("desk.hangup")}
            </Button>
          </Group>
        </>
      )}
      <Loudspeaker stream={phone.line.remote} />
    </section>
  );
}
