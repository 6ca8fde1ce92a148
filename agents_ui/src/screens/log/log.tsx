import {
  Badge,
  Button,
  Chip,
  CloseButton,
  Group,
  Select,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import {
  IconArrowDownLeft,
  IconArrowUpRight,
  IconHistory,
  IconMicrophone,
  IconSearch,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallSummary } from "@/api/types";
import { type LogFilters, queries } from "@/app/queries";
import { useColleague } from "@/app/session";
import { DayRange } from "@/components/day-range";
import { Empty, Failed, Loading } from "@/components/states";
import { useCodes } from "@/components/texts";
import { dateTime, duration, numberOf, phone } from "@/format";
import { es } from "@/i18n/es";
import "./log.css";
import { Scroll } from "@/components/scroll";

/** To search for: one is in every second name. */
const FEWEST_LETTERS = 2;
const OUTCOME_COLORS: Record<string, string> = {
  completed: "teal",
  transferred: "blue",
  voicemail: "violet",
  callback: "cyan",
  abandoned: "orange",
  failed: "red",
  unanswered: "gray",
  lost: "red",
};

const OF_THE_LINE = new Set<CallSummary["unreached"]>(["refused", "no_response", "congestion"]);

/** What the line did wrong stands out; that the patient did not answer does not. */
export function outcomeColor({ outcome, unreached }: CallSummary): string | undefined {
  if (!unreached) return OUTCOME_COLORS[outcome ?? ""];
  return OF_THE_LINE.has(unreached) ? OUTCOME_COLORS.failed : OUTCOME_COLORS.unanswered;
}

function Row({ call }: { call: CallSummary }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  const navigate = useNavigate();
  const name = call.patient_name || call.likely_name;
  const who = name || (numberOf(call) ? phone(numberOf(call)) : t("calls.hidden"));
  const outbound = call.direction === "outbound";
  const agents = call.agents.map(colleague).join(", ");
  return (
    <tr onClick={() => navigate({ to: "/registro/$callId", params: { callId: call.id } })}>
      <td className="num when">{dateTime(call.started_at, call.zone, i18n.language)}</td>
      <td>
        <Group gap={9} wrap="nowrap">
          {outbound ? (
            <IconArrowUpRight size={18} aria-label={t("calls.direction.outbound")} />
          ) : (
            <IconArrowDownLeft size={18} aria-label={t("calls.direction.inbound")} />
          )}
          <div>
            <Link
              to="/registro/$callId"
              params={{ callId: call.id }}
              onClick={(event) => event.stopPropagation()}
            >
              <Text span fw={600} size="sm">
                {who}
              </Text>
            </Link>
            {name && (
              <Text size="xs" c="dimmed" className="num">
                {numberOf(call) ? phone(numberOf(call)) : t("calls.hidden")}
                {!call.patient_name && ` · ${t("patient.unsure")}`}
              </Text>
            )}
          </div>
        </Group>
      </td>
      <td>
        {call.reason ? (
          codes.reason(call.reason)
        ) : (
          <Text span c="dimmed">
            —
          </Text>
        )}
      </td>
      <td>
        {call.outcome ? (
          <Badge color={outcomeColor(call)}>{codes.ended(call.outcome, call.unreached)}</Badge>
        ) : (
          <Badge color="green" variant="dot">
            {t("log.unanswered")}
          </Badge>
        )}
      </td>
      <td className="agents">
        <Text size="sm" lineClamp={2} title={agents}>
          {agents}
        </Text>
      </td>
      <td className="num">{call.duration_s === null ? "" : duration(call.duration_s)}</td>
      <td>{call.recordings > 0 && <IconMicrophone size={18} aria-label={t("log.recorded")} />}</td>
    </tr>
  );
}

function Filters({ filters, change }: { filters: LogFilters; change: (next: LogFilters) => void }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const [text, setText] = useState(filters.text ?? "");
  const search = useDebouncedCallback(
    (value: string) =>
      change({ ...filters, text: value.trim().length < FEWEST_LETTERS ? undefined : value }),
    250,
  );
  const any = Object.values(filters).some((value) => value !== undefined);
  const typed = (value: string) => {
    setText(value);
    search(value);
  };
  const clear = () => {
    setText("");
    change({});
  };
  return (
    <div className="log-filters">
      <TextInput
        value={text}
        onChange={(e) => typed(e.currentTarget.value)}
        placeholder={t("log.search")}
        aria-label={t("log.searchLabel")}
        leftSection={<IconSearch size={17} aria-hidden />}
        rightSection={
          text && (
            <CloseButton size="sm" aria-label={t("log.clearSearch")} onClick={() => typed("")} />
          )
        }
        w={190}
      />
      <DayRange
        from={filters.day_from}
        to={filters.day_to}
        change={(day_from, day_to) => change({ ...filters, day_from, day_to })}
        valueFormat="D MMM"
        clearable
        w={146}
      />
      <Select
        placeholder={t("log.outcome")}
        aria-label={t("log.outcome")}
        clearable
        value={filters.outcome ?? null}
        onChange={(value) =>
          change({ ...filters, outcome: (value ?? undefined) as LogFilters["outcome"] })
        }
        data={Object.keys(es.log.outcomes).map((value) => ({ value, label: codes.outcome(value) }))}
        w={160}
      />
      <Select
        placeholder={t("log.reason")}
        aria-label={t("log.reason")}
        clearable
        searchable
        value={filters.reason ?? null}
        onChange={(value) => change({ ...filters, reason: value ?? undefined })}
        data={Object.keys(es.reason)
          .filter((value) => value !== "none")
          .map((value) => ({ value, label: codes.reason(value) }))}
        w={150}
      />
      <Select
        placeholder={t("log.direction")}
        aria-label={t("log.direction")}
        clearable
        value={filters.direction ?? null}
        onChange={(value) =>
          change({ ...filters, direction: (value ?? undefined) as LogFilters["direction"] })
        }
        data={(["inbound", "outbound"] as const).map((value) => ({
          value,
          label: t(`calls.direction.${value}`),
        }))}
        w={118}
      />
      <Chip
        size="sm"
        checked={!!filters.recorded}
        onChange={(on) => change({ ...filters, recorded: on || undefined })}
      >
        {t("log.recorded")}
      </Chip>
      <Chip
        size="sm"
        checked={!!filters.mine}
        onChange={(on) => change({ ...filters, mine: on || undefined })}
      >
        {t("log.mine")}
      </Chip>
      {any && (
        <Button variant="subtle" size="compact-sm" onClick={clear}>
          {t("log.clear")}
        </Button>
      )}
    </div>
  );
}

export function Log() {
  const { t } = useTranslation();
  const filters = useSearch({ from: "/shell/registro" });
  const navigate = useNavigate({ from: "/registro" });
  const log = useInfiniteQuery(queries.calls(filters));
  const calls = log.data?.pages.flatMap((page) => page.calls) ?? [];
  const total = log.data?.pages[0]?.total;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return (
    <div className="log">
      <Group align="baseline">
        <Title order={1}>{t("log.title")}</Title>
        {total !== undefined && (
          <Text c="dimmed" size="sm" role="status">
            {t("log.total", { count: total })}
          </Text>
        )}
      </Group>
      <Filters filters={filters} change={(next) => navigate({ search: next, replace: true })} />
      <section className="panel" aria-label={t("log.title")}>
        {log.isPending ? (
          <Loading rows={9} />
        ) : log.isError ? (
          <Failed error={log.error} again={() => log.refetch()} />
        ) : calls.length === 0 ? (
          <Empty
            icon={IconHistory}
            title={t(filtered ? "log.none" : "log.noneYet")}
            hint={filtered ? undefined : t("log.noneYetHint")}
          />
        ) : (
          <Scroll label={t("log.title")}>
            <table className="log-table">
              <thead>
                <tr>
                  <th>{t("log.when")}</th>
                  <th>{t("log.who")}</th>
                  <th>{t("log.reason")}</th>
                  <th>{t("log.outcome")}</th>
                  <th>{t("log.agent")}</th>
                  <th>{t("log.took")}</th>
                  <th>
                    <span className="visually-hidden">{t("log.recording")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {calls.map((call) => (
                  <Row key={call.id} call={call} />
                ))}
              </tbody>
            </table>
            {log.hasNextPage && (
              <Group justify="center" p="md">
                <Button
                  variant="default"
                  loading={log.isFetchingNextPage}
                  onClick={() => log.fetchNextPage()}
                >
                  {t("log.more")}
                </Button>
              </Group>
            )}
          </Scroll>
        )}
      </section>
    </div>
  );
}
