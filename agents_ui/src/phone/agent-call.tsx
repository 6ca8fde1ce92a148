import { Alert, Avatar, Button, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPhone, IconUser } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { StreamEvent } from "@/api/types";
import { useColleague, useMe } from "@/app/session";
import { toggleDock, useEscape } from "@/components/dock";
import { useLeaveGuard } from "@/components/leave-guard";
import { useNow } from "@/components/now";
import { useCodes } from "@/components/texts";
import { duration, initials, phone as phoneText } from "@/format";
import type { CallOnAir } from "@/live/call";
import { useLiveEvents, useLivePart } from "@/live/hooks";
import { callerName, dialling } from "@/screens/calls/card";
import { useCallActions } from "./actions";
import { phone, useAgentPhone } from "./agent";
import { CallControls, ConsultPanel, useAsked } from "./call-controls";
import { useDevices } from "./devices";
import { DialDialog } from "./dial";
import { useMayRing } from "./file-first";
import { HandedOn, useHandedOn } from "./handed";
import { Keypad } from "./keypad";
import { LeaveDialog, type Leaving, leavingOf } from "./leave";
import type { LineCall } from "./line";
import { Loudspeaker } from "./loudspeaker";
import { Meter } from "./meter";
import { ConsultOver, Others } from "./others";
import { partOf, useOwnCall } from "./own-call";
import { QualityBadge } from "./quality-badge";
import { type Shortcut, ShortcutSheet, useShortcuts } from "./shortcuts";
import { useRingtone } from "./sound";
import { TransferDialog } from "./transfer";
import "./phone.css";

/** How long the switch's own word may take after the server's that the call is over. */
const DROP_MS = 3_000;

/** The file is on the screen before the phone rings: the event comes ahead of the call. */
function useEvents(): void {
  const navigate = useNavigate();
  const { username } = useMe();
  const watch = useCallback(
    (event: StreamEvent) => {
      const { data, call_id } = event;
      if (data.type === "agent.ringing" && data.agent === username && call_id) {
        navigate({ to: "/llamadas", search: { llamada: call_id } });
      }
      if (data.type === "agent.disconnected" && data.agent === username) {
        const over = phone.currentLine().call;
        setTimeout(() => {
          const call = phone.currentLine().call;
          const same = !!call && call.id === over?.id && [call_id, ""].includes(call.conversation);
          if (same && call.stage === "talking") phone.drop();
        }, DROP_MS);
      }
    },
    [navigate, username],
  );
  useLiveEvents(watch);
}

/** The conversation of the phone's call: the one handled, or the one listened to. */
function useConversation(call: LineCall | null): CallOnAir | undefined {
  const own = useOwnCall();
  const { username } = useMe();
  const watched = useLivePart(({ calls }) =>
    [...calls.values()].find((one) => one.supervisors.some((s) => s.supervisor === username)),
  );
  return call?.kind !== "listen" || own?.talkers.includes(username) ? own : watched;
}

function useHeadline(call: LineCall | null, own: CallOnAir | undefined, held: boolean): string {
  const { t } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  const { username } = useMe();
  if (!call) return "";
  const part = own ? partOf(own, username) : null;
  if (call.stage === "ringing" || call.stage === "dialling") {
    if (call.kind === "dial" || call.kind === "listen") return t("desk.connecting");
    if (call.kind === "return") return t("desk.returning");
    if (call.kind === "consult" && own?.consult) {
      return t("desk.consult.incoming", { name: colleague(own.consult.agent) });
    }
    return `${t("desk.incoming")}${own?.reason ? ` · ${codes.reason(own.reason)}` : ""}`;
  }
  if (part === "asked" && own?.consult) {
    return t("desk.consult.asked", { name: colleague(own.consult.agent) });
  }
  const watched = own?.supervisors.find((one) => one.supervisor === username);
  if (watched && part !== "talks") {
    return t(`desk.supervise.now_${watched.mode}`, { name: colleague(watched.agent) });
  }
  if (call.kind === "dial" && part !== "talks") return t("desk.dial.calling");
  if (held) return t("desk.held");
  return t(own?.conference ? "desk.conference" : "desk.talking");
}

/** Whom this agent hears. */
function useRemote(own: CallOnAir | undefined): string {
  const { t } = useTranslation();
  const { username } = useMe();
  const colleague = useColleague();
  const asked = useAsked();
  const consult = own?.consult;
  if (consult?.answered && consult.agent === username) return asked(consult);
  if (own && consult && partOf(own, username) === "asked") return colleague(consult.agent);
  return t(own?.conference ? "desk.others.all" : "calls.caller");
}

/** Tells a colleague who was asked that it is over, unless they have the caller now. */
function useAskedOver(call: LineCall | null, own: CallOnAir | undefined): void {
  const { t } = useTranslation();
  const { username } = useMe();
  const colleague = useColleague();
  const asking = useRef("");
  const part = own ? partOf(own, username) : null;
  if (part === "asked") asking.current = own?.consult?.agent ?? "";
  if (part === "talks") asking.current = "";
  useEffect(() => {
    if (call || !asking.current) return;
    notifications.show({
      message: t("desk.consult.askedOver", { name: colleague(asking.current) }),
      autoClose: 10_000,
    });
    asking.current = "";
  }, [call, t, colleague]);
}

const dialogOpen = () => document.querySelector("[role=dialog]") !== null;

function nameOf(call: LineCall, own: CallOnAir | undefined, t: TFunction): string {
  return own ? callerName(own, t) : phoneText(call.from);
}

/** The call on the agent's phone, over whatever screen is open. */
export function AgentCall() {
  const { t } = useTranslation();
  const { line, here } = useAgentPhone();
  const { username } = useMe();
  const { ringer } = useDevices();
  const actions = useCallActions();
  const [keys, keypad] = useDisclosure(false);
  const [transferring, transfer] = useDisclosure(false);
  const [dialling, dial] = useDisclosure(false);
  const [helping, help] = useDisclosure(false);
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const [asksBack, setAsksBack] = useState(false);
  useEvents();
  const mayRing = useMayRing(line.call);
  const call = line.call && line.call.stage !== "ended" && mayRing ? line.call : null;
  const own = useConversation(call);
  useAskedOver(call, own);
  const talking = call?.stage === "talking";
  const incoming = call?.direction === "incoming" && call.stage === "ringing";
  const handles = !!own?.talkers.includes(username);
  const held = !!call?.held || (handles && own?.holders.includes(username) === true);
  const cut = line.problem === "lost";
  const transferable = talking && handles && !own?.consult && !cut;
  const remote = useRemote(own);
  const [handed, setGone] = useHandedOn();
  const mayTakeBack = !!handed && !call && line.registered && !asksBack;
  const takeBack = async ({ id, handed: going }: CallOnAir) => {
    setAsksBack(true);
    await actions.takeBack(id, () => setGone(going));
    setAsksBack(false);
  };
  useRingtone(!!incoming && here, ringer);
  useLeaveGuard(talking && here);
  useEffect(() => {
    if (call) return;
    keypad.close();
    transfer.close();
    setLeaving(null);
  }, [call, keypad.close, transfer.close]);

  const hangup = () => {
    const ask = leavingOf(own, username);
    if (ask) {
      setLeaving(ask);
      return;
    }
    if (cut)
      notifications.show({ color: "orange", autoClose: 15_000, message: t("desk.hangupLater") });
    phone.hangup();
  };
  const act = (shortcut: Shortcut): boolean => {
    switch (shortcut) {
      case "help":
        if (dialogOpen()) return false;
        help.open();
        return true;
      case "reach":
        return toggleDock();
      case "dial":
        if (call || dialogOpen()) return false;
        dial.open();
        return true;
      case "answer":
        if (!incoming) return false;
        phone.answer();
        return true;
      case "mute":
        if (!call || !talking) return false;
        phone.mute(!call.muted);
        return true;
      case "hold":
        if (!transferable) return false;
        void actions.hold(!held);
        return true;
      case "back":
        if (!mayTakeBack) return false;
        void takeBack(handed);
        return true;
      case "transfer":
        if (!transferable) return false;
        transfer.open();
        return true;
      case "record":
        if (!handles || !own?.recordingNow || cut) return false;
        void actions.record(own.recordingPaused);
        return true;
      case "hangup":
        if (!talking) return false;
        hangup();
        return true;
    }
  };
  useShortcuts(act);
  useEscape(() => {
    if (transferring) transfer.close();
    else if (leaving) setLeaving(null);
    else return false;
    return true;
  });
  return (
    <>
      <p className="visually-hidden" role="alert">
        {incoming && t("desk.rings", { name: nameOf(call, own, t) })}
      </p>
      <HandedOn
        call={handed}
        ready={mayTakeBack}
        busy={asksBack}
        returning={call?.kind === "return"}
        back={() => handed && void takeBack(handed)}
      />
      {call && (
        <section className="agent-call" data-stage={call.stage} aria-label={t("desk.phone")}>
          <Head call={call} own={own} held={held} here={here} />
          {line.problem && (
            <Alert color="red" p="xs" mt="sm" role="alert">
              {t(line.problem === "lost" ? "desk.cut" : `demo.problem.${line.problem}`)}
            </Alert>
          )}
          {incoming ? (
            <Group mt="md" gap="sm" wrap="nowrap">
              <Button
                flex={1}
                color="#18733b"
                size="md"
                leftSection={<IconPhone size={20} aria-hidden />}
                rightSection={<kbd aria-hidden>F2</kbd>}
                aria-keyshortcuts="F2"
                onClick={() => phone.answer()}
              >
                {t("desk.answer")}
              </Button>
              <Button variant="default" size="md" onClick={() => phone.hangup()}>
                {t("desk.decline")}
              </Button>
            </Group>
          ) : (
            <>
              {here ? (
                <div className="call-meters" hidden={keys}>
                  <Meter label={t("demo.you")} stream={call.muted ? null : phone.line.local} />
                  <Meter label={remote} stream={phone.line.remote} />
                </div>
              ) : (
                <Text size="sm" c="dimmed" my="sm">
                  {t("desk.elsewhere")}
                </Text>
              )}
              {own && handles && <Others call={own} />}
              {own?.consult?.agent === username && (
                <ConsultPanel consult={own.consult} actions={actions} />
              )}
              <ConsultOver consulted={own?.consulted?.agent === username ? own.consulted : null} />
              <Collapse expanded={keys}>
                <div style={{ margin: "12px 0" }}>
                  <Keypad
                    press={(key) => phone.press(key)}
                    disabled={!keys}
                    label={t("desk.keypad")}
                  />
                </div>
              </Collapse>
              <CallControls
                call={call}
                own={own}
                handles={handles}
                held={held}
                cut={cut}
                keys={keys}
                actions={actions}
                on={{ keypad: keypad.toggle, transfer: transfer.open, hangup }}
              />
            </>
          )}
          {here && <Loudspeaker stream={phone.line.remote} />}
        </section>
      )}
      <TransferDialog opened={transferring} close={transfer.close} actions={actions} />
      <LeaveDialog leaving={leaving} call={own} close={() => setLeaving(null)} actions={actions} />
      <DialDialog opened={dialling} close={dial.close} />
      <ShortcutSheet opened={helping} close={help.close} />
    </>
  );
}

function Head({
  call,
  own,
  held,
  here,
}: {
  call: LineCall;
  own: CallOnAir | undefined;
  held: boolean;
  here: boolean;
}) {
  const { t } = useTranslation();
  const now = useNow(500);
  const headline = useHeadline(call, own, held);
  const name = nameOf(call, own, t);
  const talking = call.stage === "talking";
  const since = call.talkingSince ? (now - call.talkingSince) / 1000 : 0;
  return (
    <>
      <Group wrap="nowrap" gap="sm">
        <Avatar radius="xl" size={42} color="teal" aria-hidden>
          {/\p{L}/u.test(name) ? initials(name) : <IconUser size={22} />}
        </Avatar>
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text fw={650} lh={1.25} lineClamp={2}>
            {name}
          </Text>
          <Text size="sm" c="dimmed" className="num" role="status">
            {headline}
            {talking ? ` · ${duration(since)}` : ""}
          </Text>
        </div>
      </Group>
      <QualityBadge on={talking && here && !(own && dialling(own))} />
    </>
  );
}
