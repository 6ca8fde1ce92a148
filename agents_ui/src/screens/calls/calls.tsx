import { Text, Title } from "@mantine/core";
import { IconHeadset, IconPhone } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment, memo, useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMe, useZone } from "@/app/session";
import { useSecondsSince } from "@/components/elapsed";
import { ButtonLink } from "@/components/links";
import { PatientPanel } from "@/components/patient-panel";
import { Empty, Loading } from "@/components/states";
import { duration } from "@/format";
import type { CallOnAir } from "@/live/call";
import { useLivePart } from "@/live/hooks";
import { partOf } from "@/phone/own-call";
import { CallCard, dialling, useWords } from "./card";
import { useFollowed } from "./followed";
import { Talk } from "./talk";
import "./calls.css";

const CallersFile = memo(PatientPanel);

const URGENT = 10;
/** With more calls than that cards come without moving: something would always move. */
const BUSY = 12;

/** What rings or talks on the own phone, who waits, the rest: each a part of the list. */
const PARTS = [0, 1, 2] as const;

function partOfList(call: CallOnAir, username: string): (typeof PARTS)[number] {
  if (partOf(call, username)) return 0;
  return call.status === "queued" || call.redFlag === "emergency" ? 1 : 2;
}

/**
 * What rings or talks on the own phone, then who waits: by priority, then the longest wait;
 * then the rest by arrival.
 */
export function inOrder(calls: Iterable<CallOnAir>, username: string): CallOnAir[] {
  const keyed = Array.from(calls, (call) => ({
    call,
    part: partOfList(call, username),
    priority: Math.max(call.priority, call.redFlag === "emergency" ? URGENT : 0),
    since: Date.parse(call.queuedAt ?? call.started_at),
  }));
  keyed.sort((a, b) => a.part - b.part || b.priority - a.priority || a.since - b.since);
  return keyed.map(({ call }) => call);
}

function Stats({ calls }: { calls: CallOnAir[] }) {
  const { t } = useTranslation();
  const waiting = calls.filter((call) => call.status === "queued");
  const since = waiting.map((call) => call.queuedAt ?? call.started_at).sort();
  const longest = useSecondsSince(since[0] ?? null);
  const count = (status: string) => calls.filter((call) => call.status === status).length;
  const withMachine = calls.filter((call) => call.status === "live" && !dialling(call)).length;
  return (
    <div className="calls-stats">
      <div className="stat">
        <b className="num">{withMachine}</b> {t("calls.withMachine")}
      </div>
      <div className="stat">
        <b className="num">{count("talking")}</b> {t("calls.withPerson")}
      </div>
      <div className="stat" data-alert={longest > 60}>
        <b className="num">{waiting.length}</b> {t("calls.status.queued")}
        {waiting.length > 0 && <span className="num">· {duration(longest)}</span>}
      </div>
    </div>
  );
}

export function Calls() {
  const { t } = useTranslation();
  const words = useWords();
  const connection = useLivePart((state) => state.connection);
  const calls = useLivePart((state) => state.calls);
  const ended = useLivePart((state) => state.ended);
  const zone = useZone();
  const navigate = useNavigate({ from: "/llamadas" });
  const { llamada } = useSearch({ from: "/shell/llamadas" });
  const { username } = useMe();
  const everything = useMemo(() => inOrder(calls.values(), username), [calls, username]);
  const ordered = everything.filter((call) => call.sight !== "bare");
  const others = everything.length - ordered.length;
  const readable = [...ordered, ...ended].some((call) => call.sight === "full");
  const busy = useRef(false);
  busy.current = ordered.length > BUSY;
  const own = ordered.find((call) => partOfList(call, username) === 0);
  const chosen = useFollowed(llamada, calls, ended, own);
  const choose = useCallback(
    (id: string) => void navigate({ search: { llamada: id }, replace: true }),
    [navigate],
  );
  return (
    <div className="calls">
      <div className="calls-head">
        <Title order={1}>{t("calls.title")}</Title>
        <Stats calls={everything} />
      </div>
      {connection === "connecting" && calls.size === 0 ? (
        <Loading rows={4} height={96} />
      ) : everything.length === 0 && ended.length === 0 ? (
        <div className="panel">
          <Empty icon={IconHeadset} title={t("calls.none")} hint={t("calls.noneHint")}>
            <ButtonLink
              to="/telefono"
              target="_blank"
              mt="sm"
              leftSection={<IconPhone size={18} aria-hidden />}
            >
              {t("calls.tryPhone")}
            </ButtonLink>
          </Empty>
        </div>
      ) : (
        <div className="calls-body">
          <section className="calls-list" aria-label={t("calls.title")}>
            {PARTS.map((part) => (
              // Lists of their own: a call that goes from one to the other moves no other card.
              <Fragment key={part}>
                {ordered
                  .filter((call) => partOfList(call, username) === part)
                  .map((call) => (
                    <CallCard
                      key={call.id}
                      call={call}
                      words={words}
                      chosen={call.id === chosen?.id}
                      still={busy}
                      choose={choose}
                    />
                  ))}
              </Fragment>
            ))}
            {others > 0 && (
              <Text size="sm" c="dimmed" px={4}>
                {t(ordered.length ? "calls.others" : "calls.onlyOthers", { count: others })}
              </Text>
            )}
            {ended.length > 0 && (
              <>
                <Text size="xs" fw={650} c="dimmed" mt={18} mb={8} px={4}>
                  {t("calls.justEnded")}
                </Text>
                {ended.map((call) => (
                  <CallCard
                    key={call.id}
                    call={call}
                    words={words}
                    chosen={call.id === chosen?.id}
                    still={busy}
                    choose={choose}
                  />
                ))}
              </>
            )}
          </section>
          {chosen ? (
            <>
              <Talk call={chosen} zone={zone} />
              <CallersFile key={`file-${chosen.id}`} call={chosen} zone={zone} />
            </>
          ) : (
            <div className="panel" style={{ gridColumn: "2 / 4" }}>
              <Empty
                icon={IconHeadset}
                title={t(readable ? "calls.choose" : "calls.chooseNone")}
                hint={t(readable ? "calls.chooseHint" : "calls.chooseNoneHint")}
              />
            </div>
          )}
        </div>
      )}
    </div>
  );
}
