import {
  ActionIcon,
  Alert,
  Anchor,
  Button,
  Group,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import {
  IconInfoCircle,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneOff,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import { opensOn } from "@/app/closed";
import { useNow } from "@/components/now";
import { Failed, Loading } from "@/components/states";
import { clockTime, dayIn, duration, phone } from "@/format";
import { LiveConnection } from "@/live/connection";
import { Keypad } from "@/phone/keypad";
import { microphone, PhoneLine, type Problem, silence } from "@/phone/line";
import { Loudspeaker } from "@/phone/loudspeaker";
import { Meter } from "@/phone/meter";
import { useRinging } from "@/phone/sound";
import { Captions } from "./captions";
import { CallAs, numberOf, useChoice } from "./choice";
import "./demo.css";

const line = new PhoneLine();

function useLine() {
  return useSyncExternalStore(line.subscribe, line.current);
}

function Handset({
  clinic,
  number,
  captions,
}: {
  clinic: string;
  number: string | null;
  captions: LiveConnection;
}) {
  const { t } = useTranslation();
  const { call, problem: lineProblem, connected } = useLine();
  const now = useNow(500);
  const [problem, setProblem] = useState<Problem | "demo_off" | null>(null);
  const [starting, setStarting] = useState(false);
  const active = !!call && call.stage !== "ended";
  const shownProblem = problem ?? lineProblem;
  useRinging(call?.stage === "ringing" && call.direction === "outgoing");

  const dial = async (withMicrophone: boolean) => {
    if (number === null) return;
    setProblem(null);
    setStarting(true);
    try {
      const stream = withMicrophone ? await microphone() : silence();
      if (typeof stream === "string") {
        setProblem(stream);
        return;
      }
      const credentials = await unwrap(api.POST("/api/v1/demo-phone", { body: { number } }));
      captions.stop();
      captions.start();
      line.connect(credentials, false);
      line.call(credentials.dial, stream);
    } catch (error) {
      const off = error instanceof Failure && error.code === "demo_off";
      setProblem(off ? "demo_off" : "switch_unavailable");
    } finally {
      setStarting(false);
    }
  };

  const stage =
    starting || call?.stage === "dialling"
      ? t("demo.dialling")
      : call?.stage === "ringing"
        ? t("demo.ringing")
        : call?.stage === "talking"
          ? t("demo.talking")
          : call?.stage === "ended"
            ? t("demo.ended")
            : t("demo.ready");
  const noMicrophone = shownProblem?.startsWith("microphone") || shownProblem === "insecure";
  return (
    <section
      className="demo-phone handset"
      aria-label={t("nav.phone")}
      data-stage={call?.stage ?? "idle"}
      data-connected={connected}
    >
      <div className="handset-screen">
        <Title order={2}>{clinic}</Title>
        <Text c="dimmed" className="num" role="status">
          {stage}
          {active && call.talkingSince ? ` · ${duration((now - call.talkingSince) / 1000)}` : ""}
        </Text>
      </div>
      {shownProblem && !active && (
        <Alert color="red" p="sm" role="alert">
          {t(`demo.problem.${shownProblem}`)}
          {noMicrophone && (
            <Button size="xs" variant="default" mt="xs" onClick={() => dial(false)}>
              {t("demo.withoutMic")}
            </Button>
          )}
        </Alert>
      )}
      <Keypad
        press={(key) => line.press(key)}
        disabled={call?.stage !== "talking"}
        label={t("demo.keypad")}
      />
      <Meter label={t("demo.you")} stream={active && !call.muted ? line.local : null} />
      <Meter label={t("demo.clinic")} stream={active ? line.remote : null} />
      {active ? (
        <Group gap="sm" wrap="nowrap">
          <Tooltip label={t(call.muted ? "demo.unmute" : "demo.mute")}>
            <ActionIcon
              size={56}
              radius="xl"
              variant={call.muted ? "filled" : "default"}
              color="orange"
              aria-pressed={call.muted}
              aria-label={t(call.muted ? "demo.unmute" : "demo.mute")}
              onClick={() => line.mute(!call.muted)}
            >
              {call.muted ? <IconMicrophoneOff /> : <IconMicrophone />}
            </ActionIcon>
          </Tooltip>
          <Button
            className="dial"
            color="red"
            flex={1}
            leftSection={<IconPhoneOff aria-hidden />}
            onClick={() => line.hangup()}
          >
            {t("demo.hangup")}
          </Button>
        </Group>
      ) : (
        <Button
          className="dial"
          color="#18733b"
          loading={starting}
          disabled={number === null}
          leftSection={<IconPhone aria-hidden />}
          onClick={() => dial(true)}
        >
          {t(call ? "demo.again" : "demo.dial")}
        </Button>
      )}
      <Text size="xs" c="dimmed" ta="center">
        {active ? t("demo.keyHint") : t("demo.micHint")}
      </Text>
      <Loudspeaker stream={active ? line.remote : null} />
    </section>
  );
}

const HINTS = ["book", "mine", "hours", "urgent", "person"] as const;

function Hints() {
  const { t } = useTranslation();
  return (
    <section aria-label={t("demo.hints")}>
      <Title order={2}>{t("demo.hints")}</Title>
      <ul className="hints">
        {HINTS.map((hint) => (
          <li key={hint}>
            <q lang="es">{t(`demo.hint.${hint}.say`)}</q>
            <Text size="sm" c="dimmed">
              {t(`demo.hint.${hint}.does`)}
            </Text>
          </li>
        ))}
      </ul>
      <Anchor href="/llamadas" target="_blank" size="sm" fw={550}>
        {t("demo.watch")}
      </Anchor>
    </section>
  );
}

function Closed({ until, zone }: { until: string; zone: string }) {
  const { t, i18n } = useTranslation();
  const [day, today] = [dayIn(zone, new Date(until)), dayIn(zone)];
  const time = clockTime(until, zone, i18n.language);
  return (
    <Alert role="status" mb="lg" icon={<IconInfoCircle aria-hidden />}>
      {t("demo.closed", { opens: opensOn(t, i18n.language, day, today, time) })}
    </Alert>
  );
}

/** The page from which a newcomer phones the demo clinic. */
export function DemoPhone() {
  const { t } = useTranslation();
  const demo = useQuery({
    queryKey: ["demo-phone"],
    queryFn: () => unwrap(api.GET("/api/v1/demo-phone")),
    retry: false,
  });
  const captions = useMemo(() => new LiveConnection("/api/v1/demo-phone/captions"), []);
  const choice = useChoice();
  useEffect(
    () => () => {
      line.hangup();
      line.disconnect();
      captions.stop();
    },
    [captions],
  );
  const off = demo.error instanceof Failure && demo.error.code === "demo_off";
  return (
    <div className="demo">
      <header className="demo-bar">
        <img src="/auricula.svg" alt="" />
        <Text fw={700}>{t("app.name")}</Text>
        <a href="/llamadas">{t("demo.console")}</a>
      </header>
      {demo.isPending ? (
        <Loading />
      ) : off ? (
        <Alert m="xl" icon={<IconInfoCircle aria-hidden />} maw={640}>
          {t("demo.problem.demo_off")}
        </Alert>
      ) : demo.isError ? (
        <Failed error={demo.error} again={() => demo.refetch()} />
      ) : (
        <main className="demo-body">
          <section>
            <Title order={1}>{t("demo.title")}</Title>
            <Text c="dimmed" size="sm" mt={6} mb="lg">
              {t("demo.intro")}
            </Text>
            {demo.data.opens_at && <Closed until={demo.data.opens_at} zone={demo.data.zone} />}
            <CallAs demo={demo.data} choice={choice} />
            {choice.who === "other" && (
              <TextInput
                mt="sm"
                label={t("demo.otherLabel")}
                placeholder="+34612345678"
                inputMode="tel"
                value={choice.other}
                onChange={(event) => choice.write(event.currentTarget.value)}
                error={
                  choice.other !== "" &&
                  numberOf(choice, demo.data) === null &&
                  t("demo.otherError")
                }
              />
            )}
          </section>
          <Handset
            clinic={`${demo.data.clinic} · ${phone(demo.data.number)}`}
            number={numberOf(choice, demo.data)}
            captions={captions}
          />
          <div>
            <Captions connection={captions} />
            <Hints />
          </div>
        </main>
      )}
    </div>
  );
}
