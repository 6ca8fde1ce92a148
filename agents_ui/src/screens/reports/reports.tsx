import { Alert, Button, Group, SegmentedControl, Switch, Title } from "@mantine/core";
import { IconChartBar, IconDownload, IconFileSpreadsheet } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queries } from "@/app/queries";
import { useMe, useZone } from "@/app/session";
import { DayRange } from "@/components/day-range";
import { Scroll } from "@/components/scroll";
import { Empty, Failed, Loading, SupervisorsOnly } from "@/components/states";
import { dayIn, shifted } from "@/format";
import { useLivePart } from "@/live/hooks";
import { AgentTable, DispositionTable, QueueTable } from "./tables";
import "./reports.css";

const MOST_DAYS = 93;
type Table = "queues" | "agents" | "dispositions";

/** Calls by queue and by agent, over the days one asks for. */
export function Reports() {
  return useMe().role === "supervisor" ? <Report /> : <SupervisorsOnly />;
}

function Report() {
  const { t } = useTranslation();
  const skew = useLivePart((state) => state.skew);
  const today = dayIn(useZone(), new Date(Date.now() + skew));
  const { desde: from = shifted(today, -6), hasta: to = today } = useSearch({
    from: "/shell/informes",
  });
  const navigate = useNavigate({ from: "/informes" });
  const [table, setTable] = useState<Table>("queues");
  const [daily, setDaily] = useState(false);
  const tooLong = shifted(from, MOST_DAYS) < to;
  const report = useQuery({ ...queries.deskReport(from, to), enabled: !tooLong });
  const show = (first: string, last: string) =>
    navigate({ search: { desde: first, hasta: last }, replace: true });
  const spans: [string, string, string][] = [
    [t("reports.today"), today, today],
    [t("reports.yesterday"), shifted(today, -1), shifted(today, -1)],
    [t("reports.week"), shifted(today, -6), today],
    [t("reports.month"), shifted(today, -29), today],
  ];
  const file = (form: "xlsx" | "csv") =>
    `/api/v1/reports/desk/file?${new URLSearchParams({ day_from: from, day_to: to, form, table })}`;
  const data = report.data;
  const empty = !!data && data.queues.length === 0 && data.agents.length === 0;
  return (
    <div className="reports">
      <Group gap="sm">
        <Title order={1}>{t("reports.title")}</Title>
        <DayRange
          from={from}
          to={to}
          change={(first, last) => first && last && show(first, last)}
          title={t("reports.range")}
          valueFormat="D MMM YYYY"
          maxDate={today}
          w={230}
        />
        <Button.Group>
          {spans.map(([name, first, last]) => (
            <Button
              key={name}
              size="sm"
              variant={first === from && last === to ? "light" : "default"}
              aria-pressed={first === from && last === to}
              onClick={() => show(first, last)}
            >
              {name}
            </Button>
          ))}
        </Button.Group>
        {!tooLong && (
          <Group ml="auto" gap="xs">
            <Button
              component="a"
              href={file("xlsx")}
              download
              variant="default"
              leftSection={<IconFileSpreadsheet size={18} aria-hidden />}
            >
              {t("reports.excel")}
            </Button>
            <Button
              component="a"
              href={file("csv")}
              download
              variant="default"
              leftSection={<IconDownload size={18} aria-hidden />}
            >
              {t("reports.csv")}
            </Button>
          </Group>
        )}
      </Group>
      <Group>
        <SegmentedControl
          value={table}
          onChange={(value) => setTable(value as Table)}
          data={(["queues", "agents", "dispositions"] as const).map((value) => ({
            value,
            label: t(`reports.${value}`),
          }))}
        />
        {table !== "dispositions" && (
          <Switch
            label={t("reports.byDay")}
            checked={daily}
            onChange={(event) => setDaily(event.currentTarget.checked)}
          />
        )}
      </Group>
      <section className="panel" aria-label={t(`reports.${table}`)}>
        {tooLong ? (
          <Alert color="yellow" m="md">
            {t("reports.tooLong")}
          </Alert>
        ) : report.isPending ? (
          <Loading />
        ) : report.isError ? (
          <Failed error={report.error} again={() => report.refetch()} />
        ) : empty || !data ? (
          <Empty icon={IconChartBar} title={t("reports.none")} hint={t("reports.noneHint")} />
        ) : (
          <Scroll label={t(`reports.${table}`)}>
            {table === "queues" && (
              <QueueTable lines={data.queues} all={data.all_queues} daily={daily} />
            )}
            {table === "agents" && (
              <AgentTable lines={data.agents} all={data.all_agents} daily={daily} />
            )}
            {table === "dispositions" && <DispositionTable lines={data.dispositions} />}
          </Scroll>
        )}
      </section>
      <details className="definitions">
        <summary>{t("reports.definitions")}</summary>
        <ul>
          {(["offered", "service", "asa", "aht", "legs", "together", "occupancy"] as const).map(
            (key) => (
              <li key={key}>{t(`reports.define.${key}`)}</li>
            ),
          )}
        </ul>
      </details>
    </div>
  );
}
