import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DeskReport } from "@/api/types";
import { duration, shortDate } from "@/format";

type QueueLine = DeskReport["queues"][number];
type AgentLine = DeskReport["agents"][number];
type DispositionLine = DeskReport["dispositions"][number];

/** How figures are written. */
function useFigures() {
  const { t, i18n } = useTranslation();
  return {
    day: (day: string | null) =>
      day ? shortDate(`${day}T12:00:00Z`, "UTC", i18n.language) : t("reports.all"),
    time: (seconds: number | null) => (seconds === null ? "—" : duration(Math.round(seconds))),
    share: (share: number | null) =>
      share === null
        ? "—"
        : new Intl.NumberFormat(i18n.language, {
            style: "percent",
            maximumFractionDigits: 1,
          }).format(share),
  };
}

function Heads({ names, texts = 2 }: { names: string[]; texts?: number }) {
  return (
    <thead>
      <tr>
        {names.map((name, at) => (
          <th key={name} scope="col" className={at < texts ? undefined : "figure-cell"}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Cells({ values }: { values: ReactNode[] }) {
  return values.map((value, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a table never move
    <td key={at} className="figure-cell num">
      {value}
    </td>
  ));
}

/** A line of queues or agents; the last one is all of them together. */
function Line({ name, day, values }: { name: string; day: string | null; values: ReactNode[] }) {
  const figures = useFigures();
  return (
    <tr data-total={day === null || undefined}>
      <th scope="row" title={name}>
        {name}
      </th>
      <td>{figures.day(day)}</td>
      <Cells values={values} />
    </tr>
  );
}

export function QueueTable({
  lines,
  all,
  daily,
}: {
  lines: QueueLine[];
  all: QueueLine;
  daily: boolean;
}) {
  const { t } = useTranslation();
  const { time, share } = useFigures();
  const shown = lines.filter((line) => daily || line.day === null);
  const values = (line: QueueLine) => [
    line.offered,
    line.answered,
    <>
      {line.abandoned} <small>{share(line.abandonment)}</small>
    </>,
    line.overflowed,
    line.left_otherwise,
    <>
      {share(line.service_level)}{" "}
      <small>
        {line.in_time}/{line.denominator}
      </small>
    </>,
    time(line.asa_s),
    line.conversations,
    time(line.aht_s),
  ];
  return (
    <table className="report">
      <Heads
        names={[
          t("reports.col.queue"),
          t("reports.col.day"),
          t("reports.col.offered"),
          t("reports.col.answered"),
          t("reports.col.abandoned"),
          t("reports.col.overflowed"),
          t("reports.col.other"),
          t("reports.col.service"),
          t("reports.col.asa"),
          t("reports.col.conversations"),
          t("reports.col.aht"),
        ]}
      />
      <tbody>
        {shown.map((line) => (
          <Line
            key={`${line.queue} ${line.day}`}
            name={line.title}
            day={line.day}
            values={values(line)}
          />
        ))}
      </tbody>
      <tfoot>
        <Line name={t("reports.allQueues")} day={null} values={values(all)} />
      </tfoot>
    </table>
  );
}

export function AgentTable({
  lines,
  all,
  daily,
}: {
  lines: AgentLine[];
  all: AgentLine;
  daily: boolean;
}) {
  const { t } = useTranslation();
  const { time, share } = useFigures();
  const shown = lines.filter((line) => daily || line.day === null);
  const values = (line: AgentLine) => [
    line.rang,
    line.conversations,
    line.no_answer,
    time(line.talk_s),
    time(line.aht_s),
    time(line.available_s),
    time(line.ringing_s),
    time(line.on_call_s),
    time(line.wrap_up_s),
    time(line.paused_s),
    time(line.away_s),
    time(line.shift_s),
    share(line.occupancy),
  ];
  return (
    <table className="report dense">
      <Heads
        names={[
          t("reports.col.agent"),
          t("reports.col.day"),
          t("reports.col.rang"),
          t("reports.col.conversations"),
          t("reports.col.noAnswer"),
          t("reports.col.talk"),
          t("reports.col.aht"),
          t("reports.col.available"),
          t("reports.col.ringing"),
          t("reports.col.onCall"),
          t("reports.col.wrapUp"),
          t("reports.col.paused"),
          t("reports.col.away"),
          t("reports.col.shift"),
          t("reports.col.occupancy"),
        ]}
      />
      <tbody>
        {shown.map((line) => (
          <Line
            key={`${line.username} ${line.day}`}
            name={line.name}
            day={line.day}
            values={values(line)}
          />
        ))}
      </tbody>
      <tfoot>
        <Line name={t("reports.allAgents")} day={null} values={values(all)} />
      </tfoot>
    </table>
  );
}

export function DispositionTable({ lines }: { lines: DispositionLine[] }) {
  const { t } = useTranslation();
  const { share } = useFigures();
  const all = lines.reduce((sum, line) => sum + line.count, 0);
  return (
    <table className="report narrow">
      <Heads
        names={[t("reports.dispositions"), t("reports.col.count"), t("reports.col.share")]}
        texts={1}
      />
      <tbody>
        {lines.map((line) => (
          <tr key={line.code}>
            <th scope="row">{line.name || t("reports.unclassified")}</th>
            <Cells values={[line.count, all ? share(line.count / all) : "—"]} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-total>
          <th scope="row">{t("reports.all")}</th>
          <Cells values={[all, all ? share(1) : "—"]} />
        </tr>
      </tfoot>
    </table>
  );
}
