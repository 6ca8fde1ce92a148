import { Badge, Box, Button, Group, Loader, Text, Title, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconFileText,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPause,
} from "@tabler/icons-react";
import { memo, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useColleague } from "@/app/session";
import { Conversation } from "@/components/conversation";
import { IconLink } from "@/components/links";
import { Scroll } from "@/components/scroll";
import { useCodes } from "@/components/texts";
import { clockTime, numberOf, phone } from "@/format";
import { type CallOnAir, onItsWay, waits } from "@/live/call";
import { CallNumber } from "@/phone/dial";
import { Supervise } from "@/phone/supervise";
import { CallTime, callerName, dialling } from "./card";

function Consent({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  if (call.recordingPaused) {
    return (
      <Badge color="orange" leftSection={<IconPlayerPause size={13} aria-hidden />}>
        {t("calls.recordingPaused")}
      </Badge>
    );
  }
  if (call.recordingNow) {
    return (
      <Badge color="red" leftSection={<span className="rec" />}>
        {t("calls.recording")}
      </Badge>
    );
  }
  if (call.recording_consent === "granted") {
    return (
      <Badge color="teal" leftSection={<IconMicrophone size={13} aria-hidden />}>
        {t("calls.consentYes")}
      </Badge>
    );
  }
  if (!call.recording_consent) return null;
  return (
    <Badge color="gray" leftSection={<IconMicrophoneOff size={13} aria-hidden />}>
      {t("calls.consentNo")}
    </Badge>
  );
}

function Head({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const name = callerName(call, t);
  const number = numberOf(call) ? phone(numberOf(call)) : t("calls.hidden");
  const family = call.caller?.patients.length ?? 0;
  const reason = codes.reasonOf(call);
  const where = dialling(call)
    ? t("desk.dial.calling")
    : onItsWay(call)
      ? t("calls.handedOn")
      : call.status === "live" && call.step
        ? codes.step(call.step)
        : t(`calls.status.${call.status}`);
  return (
    <div className="talk-head">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Box miw={0}>
          <Title order={2} lineClamp={1}>
            {name}
          </Title>
          <Group gap={4} wrap="nowrap">
            <Text size="sm" c="dimmed" className="num">
              {name !== number
                ? number
                : family
                  ? t("calls.family", { count: family })
                  : t("calls.newCaller")}{" "}
              · {t(`calls.direction.${call.direction}`)}
              {call.branch ? ` · ${call.branch}` : ""}
            </Text>
            {call.status === "ended" && (
              <CallNumber key={call.id} number={numberOf(call)} patient={call.patient_id} />
            )}
          </Group>
        </Box>
        <Group gap={6} wrap="nowrap">
          <Text fw={650} fz="xl" className="num">
            <CallTime call={call} />
          </Text>
          <Tooltip label={t("calls.detail")}>
            <IconLink
              to="/registro/$callId"
              params={{ callId: call.id }}
              variant="subtle"
              size={34}
              aria-label={t("calls.detail")}
            >
              <IconFileText size={20} />
            </IconLink>
          </Tooltip>
        </Group>
      </Group>
      <Group gap={6} mt={8}>
        {call.redFlag && (
          <Badge
            color="red.9"
            variant="filled"
            leftSection={<IconAlertTriangle size={13} aria-hidden />}
          >
            {t(`calls.${call.redFlag}`)}
          </Badge>
        )}
        <Badge color="blue">{reason}</Badge>
        {where !== reason && (
          <Badge
            color={
              call.status === "queued" ? "orange" : call.status === "talking" ? "green" : "gray"
            }
          >
            {where}
          </Badge>
        )}
        <Consent call={call} />
        {waits(call) && !call.consult && <Badge color="orange">{t("desk.held")}</Badge>}
        {call.lostBy && <Badge color="red">{t("desk.lost")}</Badge>}
      </Group>
      <Supervise key={call.id} call={call} />
    </div>
  );
}

/** The conversation of one call, running; drawn again for its own events. */
export const Talk = memo(function Talk({ call, zone }: { call: CallOnAir; zone: string }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  const box = useRef<HTMLElement>(null);
  const [stopped, stop] = useState("");
  const following = stopped !== call.id;
  const count = call.lines.length;
  const doing = call.activity
    ? codes.activity(call.activity)
    : call.ringing && !dialling(call)
      ? t("calls.ringing", { name: colleague(call.ringing) })
      : call.status === "queued"
        ? t("calls.waitingPerson")
        : call.talkers.length
          ? t("calls.talkingTo", { names: call.talkers.map(colleague) })
          : "";

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what scrolls
  useEffect(() => {
    if (!following) return;
    const frame = requestAnimationFrame(() =>
      box.current?.scrollTo({ top: box.current.scrollHeight }),
    );
    return () => cancelAnimationFrame(frame);
  }, [call.id, count, call.activity, following]);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    stop(below < 48 ? "" : call.id);
  };
  return (
    <section
      className="panel"
      aria-label={t("calls.conversation")}
      style={{ position: "relative" }}
    >
      <Head call={call} />
      <Scroll key={call.id} log ref={box} onScroll={scrolled} label={t("calls.conversation")}>
        <div className="talk">
          {count === 0 && (
            <Text c="dimmed" ta="center" py="xl">
              {t("calls.waitingWords")}
            </Text>
          )}
          <Conversation
            lines={call.lines}
            stamp={(line) => clockTime(line.at, zone, i18n.language)}
          />
          {doing && (
            <div className="activity">
              <Loader size={16} type="dots" />
              {doing}
            </div>
          )}
        </div>
      </Scroll>
      {!following && (
        <Button
          className="follow"
          size="xs"
          radius="xl"
          leftSection={<IconArrowDown size={15} aria-hidden />}
          onClick={() => stop("")}
        >
          {t("calls.follow")}
        </Button>
      )}
    </section>
  );
});
