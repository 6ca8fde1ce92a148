import { Button, Group, SegmentedControl, Select, Text, Title } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Board, QueueNow } from "@/api/types";
import { queries } from "@/app/queries";
import { useMe } from "@/app/session";
import { useNow } from "@/components/now";
import { Failed, Loading, SupervisorsOnly } from "@/components/states";
import { duration } from "@/format";
import { useBoard, useLivePart } from "@/live/hooks";
import { Agents } from "./agents";
import { Done } from "./done";
import { Line } from "./line";
import "./room.css";

const LONG_WAIT_S = 60;
/** Letters of titles, with their padding, that fit beside the heading at 1280 pixels. */
const ROOM = 72;
const PADDING = 3;

function percent(share: number | null, language: string): string {
  if (share === null) return "—";
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(
    share,
  );
}

function Figure({
  label,
  value,
  under,
  tone,
}: {
  label: string;
  value: string;
  under?: string | undefined;
  tone?: "bad" | "good" | undefined;
}) {
  return (
    <div className="figure" data-tone={tone}>
      <dt>{label}</dt>
      <dd>
        <span className="num">{value}</span>
        <small className="num">{under ?? "\u00a0"}</small>
      </dd>
    </div>
  );
}

function Figures({ board, queue, now }: { board: Board; queue: QueueNow; now: number }) {
  const { t, i18n } = useTranslation();
  const longest = queue.longest_since ? (now - Date.parse(queue.longest_since)) / 1000 : null;
  const service = { inTime: queue.in_time, base: queue.denominator };
  const level = queue.service_level;
  return (
    <dl className="figures">
      <Figure
        label={t("room.waiting")}
        value={String(queue.waiting)}
        under={t("room.callsSplit", {
          machine: board.calls.machine,
          talking: board.calls.talking,
        })}
        tone={queue.waiting > queue.agents_available ? "bad" : undefined}
      />
      <Figure
        label={t("room.longest")}
        value={longest === null ? "—" : duration(longest)}
        under={longest === null ? undefined : t("room.longestNow")}
        tone={longest !== null && longest > LONG_WAIT_S ? "bad" : undefined}
      />
      <Figure
        label={t("room.service")}
        value={percent(level, i18n.language)}
        under={
          level === null
            ? t(queue.waiting > 0 ? "room.nobodyAnswered" : "room.nobodyCalled")
            : queue.answer_within_s
              ? t("room.serviceOf", { ...service, seconds: queue.answer_within_s })
              : t("room.serviceOfAll", service)
        }
        tone={level === null ? undefined : level < 0.8 ? "bad" : "good"}
      />
      <Figure
        label={t("room.abandonment")}
        value={percent(queue.abandonment, i18n.language)}
        under={
          queue.offered
            ? t("room.abandonedOf", { abandoned: queue.abandoned, offered: queue.offered })
            : undefined
        }
        tone={(queue.abandonment ?? 0) > 0.1 ? "bad" : undefined}
      />
      <Figure
        label={t("room.asa")}
        value={queue.asa_s === null ? "—" : duration(queue.asa_s)}
        under={t("room.answered", { count: queue.answered })}
      />
      <Figure
        label={t("room.ready")}
        value={String(queue.agents_available)}
        under={t("room.readyOf", { count: queue.agents_at_work })}
        tone={queue.waiting > 0 && queue.agents_available === 0 ? "bad" : undefined}
      />
    </dl>
  );
}

/** The queues side by side while there is room for their titles, else in a list. */
export function ChooseQueue({
  queues,
  chosen,
  choose,
}: {
  queues: QueueNow[];
  chosen: string;
  choose: (name: string) => void;
}) {
  const { t } = useTranslation();
  const data = [
    { value: "", label: t("room.allQueues") },
    ...queues.map((one) => ({
      value: one.name,
      label: one.waiting ? `${one.title} · ${one.waiting}` : one.title,
    })),
  ];
  if (queues.reduce((letters, one) => letters + one.title.length + PADDING, 0) <= ROOM) {
    return (
      <SegmentedControl aria-label={t("room.queue")} value={chosen} onChange={choose} data={data} />
    );
  }
  return (
    <Select
      aria-label={t("room.queue")}
      value={chosen}
      onChange={(name) => choose(name ?? "")}
      data={data}
      allowDeselect={false}
      searchable
      maxDropdownHeight={420}
      w={300}
    />
  );
}

/** The room: who waits, who works, how it goes. Pushed by the server as it happens. */
export function Room() {
  return useMe().role === "supervisor" ? <Wallboard /> : <SupervisorsOnly />;
}

function Wallboard() {
  const { t } = useTranslation();
  const pushed = useBoard();
  const skew = useLivePart((state) => state.skew);
  const connection = useLivePart((state) => state.connection);
  const asked = useQuery({ ...queries.room, enabled: connection === "live" });
  const now = useNow(1000, skew);
  const [chosen, setChosen] = useState("");
  const { log, ...filters } = useSearch({ from: "/shell/sala" });
  const navigate = useNavigate({ from: "/sala" });
  const board =
    pushed && asked.data && pushed.now < asked.data.now ? asked.data : (pushed ?? asked.data);
  if (!board) {
    return asked.isError ? (
      <Failed error={asked.error} again={() => asked.refetch()} />
    ) : (
      <Loading rows={8} />
    );
  }
  const queue = board.queues.find((one) => one.name === chosen) ?? board.overall;
  const waiting = board.waiting.filter((caller) => !queue.name || caller.queue === queue.name);
  const agents = board.agents.filter((agent) => !queue.name || queue.name in agent.queues);
  return (
    <div className="room">
      <Group wrap="nowrap">
        <Title order={1}>{t("room.title")}</Title>
        {board.queues.length > 1 && (
          <ChooseQueue queues={board.queues} chosen={queue.name} choose={setChosen} />
        )}
        <Button
          ml="auto"
          variant="subtle"
          leftSection={<IconHistory size={18} aria-hidden />}
          onClick={() => navigate({ search: { log: true }, replace: true })}
        >
          {t("room.log")}
        </Button>
      </Group>
      <Figures board={board} queue={queue} now={now} />
      <div className="room-body">
        <section className="panel" aria-label={t("room.line")}>
          <div className="room-head">
            <Text fw={650}>{t("room.line")}</Text>
            <Text size="sm" c="dimmed" className="num" role="status">
              {waiting.length}
            </Text>
            {queue.kept_places > 0 && (
              <Text size="sm" ml="auto">
                {t("room.keptPlaces", { count: queue.kept_places })}
              </Text>
            )}
          </div>
          <Line callers={waiting} now={now} queues={board.queues} />
        </section>
        <section className="panel" aria-label={t("room.agents")}>
          <div className="room-head">
            <Text fw={650}>{t("room.agents")}</Text>
            <Text size="sm" c="dimmed" className="num">
              {t("room.atWork", {
                count: agents.filter((agent) => agent.state !== "off").length,
                all: agents.length,
              })}
            </Text>
          </div>
          <Agents agents={agents} now={now} queues={board.queues} />
        </section>
      </div>
      <Done
        opened={!!log}
        close={() => navigate({ search: {}, replace: true })}
        queues={board.queues}
        filters={filters}
        change={(next) => navigate({ search: { ...next, log: true }, replace: true })}
      />
    </div>
  );
}
