import { Badge, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconLock, IconMessageOff, IconUserQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "@/api/client";
import type { CallDetail } from "@/api/types";
import { queries } from "@/app/queries";
import { useColleague, useMe } from "@/app/session";
import { Conversation } from "@/components/conversation";
import { TextLink } from "@/components/links";
import { StoredFile } from "@/components/patient";
import { Empty, Failed, Loading } from "@/components/states";
import { useCodes } from "@/components/texts";
import { clockTime, dateTime, duration, numberOf, phone } from "@/format";
import { begun, type Line } from "@/live/call";
import { CallNumber } from "@/phone/dial";
import { outcomeColor } from "./log";
import { NoPlayer, Player, type PlayerHandle } from "./player";
import { Timeline } from "./timeline";
import "./log.css";
import { Scroll } from "@/components/scroll";

function Facts({ call }: { call: CallDetail }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  const supervises = useMe().role === "supervisor";
  const listened = call.recording_files.flatMap((one) => one.listened);
  const at = (moment: string | null) =>
    moment ? clockTime(moment, call.zone, i18n.language) : "—";
  return (
    <dl className="facts">
      <dt>{t("log.dnis")}</dt>
      <dd className="num">{call.dnis ? phone(call.dnis) : "—"}</dd>
      <dt>{t("log.flow")}</dt>
      <dd>{call.flow || "—"}</dd>
      <dt>{t("log.answered")}</dt>
      <dd className="num">{at(call.answered_at)}</dd>
      <dt>{t("log.legs")}</dt>
      <dd>
        {call.legs.map((leg) => (
          <div key={leg.channel} className="num">
            {codes.kind(leg.kind)} · {at(leg.started_at)}–{at(leg.ended_at)}
          </div>
        ))}
        {call.legs.length === 0 && "—"}
      </dd>
      {supervises && call.recording_files.length > 0 && (
        <>
          <dt>{t("log.listenedBy")}</dt>
          <dd>
            {listened.map((one) => (
              <div key={`${one.by}${one.at}`} className="num">
                {colleague(one.by)} · {dateTime(one.at, call.zone, i18n.language)}
              </div>
            ))}
            {listened.length === 0 && t("log.nobodyListened")}
          </dd>
        </>
      )}
      <dt>{t("log.consents")}</dt>
      <dd>
        {call.consents.map((consent) => (
          <div key={`${consent.purpose}${consent.at}`}>
            {codes.purpose(consent.purpose)}: <b>{codes.decision(consent.decision)}</b>{" "}
            {codes.how(consent.how)}, {at(consent.at)}{" "}
            <Text span size="xs" c="dimmed">
              ({consent.wording_version})
            </Text>
          </div>
        ))}
        {call.consents.length === 0 && t("patient.noConsents")}
      </dd>
    </dl>
  );
}

function Body({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const { i18n } = useTranslation();
  const colleague = useColleague();
  const [tab, setTab] = useState("conversation");
  const player = useRef<PlayerHandle>(null);
  const recording = call.recording_files.find((one) => one.audio);
  const lines = useMemo(
    () => begun({ ...call, sight: "full", who: "", number: 0, caller: null }).lines,
    [call],
  );
  const offset = (line: Line, since: string) => (Date.parse(line.at) - Date.parse(since)) / 1000;
  const name = call.patient_name || call.likely_name;
  const who = name || (numberOf(call) ? phone(numberOf(call)) : t("calls.hidden"));
  return (
    <div className="detail">
      <div>
        <TextLink to="/registro" size="sm">
          <IconArrowLeft size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> {t("log.back")}
        </TextLink>
        <Group gap="sm" mt={4}>
          <Title order={1}>{who}</Title>
          {name && !call.patient_name && (
            <Text size="sm" c="dimmed">
              {t("patient.unsureCall")}
            </Text>
          )}
          <CallNumber number={numberOf(call)} patient={call.patient_id} />
          <Badge color="blue">{codes.reasonOf(call)}</Badge>
          {call.outcome && (
            <Badge color={outcomeColor(call)}>{codes.ended(call.outcome, call.unreached)}</Badge>
          )}
          <Text c="dimmed" size="sm" className="num" ml="auto">
            {dateTime(call.started_at, call.zone, i18n.language)}
            {call.duration_s !== null && ` · ${duration(call.duration_s)}`}
            {name && numberOf(call) ? ` · ${phone(numberOf(call))}` : ""}
            {call.agents.length > 0 && ` · ${call.agents.map(colleague).join(", ")}`}
          </Text>
        </Group>
      </div>
      {recording ? <Player recording={recording} ref={player} /> : <NoPlayer call={call} />}
      <div className="detail-body">
        <section className="panel">
          <Group px="md" pt="sm" pb="xs" justify="space-between">
            <SegmentedControl
              value={tab}
              onChange={setTab}
              data={(["conversation", "timeline", "data"] as const).map((value) => ({
                value,
                label: t(`log.tabs.${value}`),
              }))}
            />
            {recording && (
              <Text size="xs" c="dimmed">
                {t("log.listened")}
              </Text>
            )}
          </Group>
          <Scroll label={t("calls.conversation")}>
            {tab === "timeline" && <Timeline call={call} />}
            {tab === "data" && <Facts call={call} />}
            {tab === "conversation" &&
              (lines.length ? (
                <div className="talk">
                  <Conversation
                    lines={lines}
                    stamp={(line) => duration(offset(line, call.started_at))}
                    playFrom={(line) => {
                      const second = recording ? offset(line, recording.started_at) : -1;
                      return second < 0 ? undefined : () => player.current?.playFrom(second);
                    }}
                  />
                </div>
              ) : (
                <Empty icon={IconMessageOff} title={t("log.silent")} />
              ))}
          </Scroll>
        </section>
        <aside className="panel" aria-label={t("calls.file")}>
          {call.patient_id ? (
            <StoredFile id={call.patient_id} zone={call.zone} />
          ) : (
            <Empty
              icon={IconUserQuestion}
              title={t(
                call.likely_name
                  ? "log.nobodySure"
                  : call.outcome
                    ? "log.nobodyKnown"
                    : "patient.unknown",
              )}
            />
          )}
        </aside>
      </div>
    </div>
  );
}

export function CallPage() {
  const { t } = useTranslation();
  const { callId } = useParams({ from: "/shell/registro/$callId" });
  const call = useQuery(queries.call(callId));
  if (call.isPending) return <Loading rows={8} />;
  if (call.error instanceof Failure && call.error.code === "not_found") {
    return <Empty icon={IconLock} title={t("calls.notYours")} hint={t("calls.notYoursHint")} />;
  }
  if (call.isError) return <Failed error={call.error} again={() => call.refetch()} />;
  return <Body call={call.data} />;
}
