import { Button, Group, Text, Tooltip } from "@mantine/core";
import {
  IconCalendarWeek,
  IconChartBar,
  IconChecklist,
  IconHeadset,
  IconHistory,
  IconUsersGroup,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { StreamEvent } from "@/api/types";
import { Dock } from "@/components/dock";
import { useNow } from "@/components/now";
import { useAlerts } from "@/desk/alerts";
import { DeskBar } from "@/desk/bar";
import { DeskNotice } from "@/desk/notice";
import { useDeskLife } from "@/desk/state";
import { WrapUp } from "@/desk/wrap-up";
import { clockTime } from "@/format";
import { choose, languageFor } from "@/i18n";
import { live, useLiveEvents, useLivePart } from "@/live/hooks";
import { useAgentPhone, useAgentPhoneLife } from "@/phone/agent";
import { AgentCall } from "@/phone/agent-call";
import { AccountMenu, MustChangePassword } from "./account";
import { ClosedNotice } from "./closed";
import { client, queries } from "./queries";
import { PatientSearch } from "./search";
import { useClinic, useHomeBranch, useMe, useZone } from "./session";

/** Queries that an event makes stale. */
function refresh(event: StreamEvent): void {
  const stale = (key: string) => client.invalidateQueries({ queryKey: [key] });
  switch (event.data.type) {
    case "appointment.changed":
      stale("agenda");
      stale("patient");
      stale("confirmation");
      break;
    case "message.changed":
      stale("confirmation");
      break;
    case "consent.decided":
      stale("patient");
      stale("confirmation");
      break;
    case "call.started":
    case "call.ended":
    case "recording.stopped":
      stale("calls");
      stale("kept-places");
      if (event.call_id) client.invalidateQueries({ queryKey: ["call", event.call_id] });
      break;
    case "patient.changed":
      stale("patient");
      stale("patients");
      stale("agenda");
      stale("confirmation");
      break;
    case "queue.place_kept":
    case "queue.place_changed":
      stale("kept-places");
      if (event.call_id) client.invalidateQueries({ queryKey: ["call", event.call_id] });
      break;
    case "message.left":
      stale("tickets");
      break;
    case "ticket.changed":
      stale("tickets");
      stale("patient");
      break;
  }
}

function Item({ to, icon: Icon, label, count }: RailItem) {
  return (
    <Link to={to} activeProps={{ className: "active", "aria-current": "page" }}>
      <Icon size={24} stroke={1.7} aria-hidden />
      {label}
      {count}
    </Link>
  );
}

function Count({ of }: { of: number | undefined }) {
  return !!of && <span className="count num">{of}</span>;
}

function CallCount() {
  return <Count of={useLivePart((state) => state.calls.size)} />;
}

interface RailItem {
  to: "/llamadas" | "/agenda" | "/registro" | "/tareas" | "/sala" | "/informes";
  icon: TablerIcon;
  label: string;
  count?: ReactNode;
}

function Rail() {
  const { t } = useTranslation();
  const me = useMe();
  const tickets = useQuery(queries.tickets("open"));
  return (
    <nav className="rail" aria-label={t("nav.label")}>
      <img className="rail-logo" src="/auricula.svg" alt={t("app.name")} />
      <Item to="/llamadas" icon={IconHeadset} label={t("nav.calls")} count={<CallCount />} />
      <Item to="/agenda" icon={IconCalendarWeek} label={t("nav.agenda")} />
      <Item to="/registro" icon={IconHistory} label={t("nav.log")} />
      <Item
        to="/tareas"
        icon={IconChecklist}
        label={t("nav.tickets")}
        count={<Count of={tickets.data?.length} />}
      />
      {me.role === "supervisor" && (
        <>
          <Item to="/sala" icon={IconUsersGroup} label={t("nav.room")} />
          <Item to="/informes" icon={IconChartBar} label={t("nav.reports")} />
        </>
      )}
    </nav>
  );
}

function BranchClock() {
  const { i18n } = useTranslation();
  const skew = useLivePart((state) => state.skew);
  const zone = useZone();
  const now = useNow(10_000, skew);
  return (
    <Text size="sm" fw={600} className="num">
      {clockTime(new Date(now).toISOString(), zone, i18n.language)}
    </Text>
  );
}

function TopBar() {
  const { t } = useTranslation();
  const clinic = useClinic();
  const me = useMe();
  const branch = useHomeBranch();
  const told = useLivePart((state) => state.connection);
  const { line } = useAgentPhone();
  // In a call the phone notices a hung server before the stream of events does.
  const unheard = line.problem === "lost" && !!line.call && line.call.stage !== "ended";
  const connection = told === "live" && unheard ? "lost" : told;
  return (
    <header className="topbar">
      <Text fw={700}>{clinic.name || t("app.name")}</Text>
      <Text c="dimmed" size="sm">
        {me.branch_id === null ? t("account.allBranches") : branch?.name}
      </Text>
      <div style={{ marginLeft: 28 }}>
        <PatientSearch />
      </div>
      <Group ml="auto" gap="md" wrap="nowrap">
        {me.extension && <DeskBar />}
        <Tooltip label={connection === "live" ? t("connection.live") : t("connection.connecting")}>
          <Group gap={8} wrap="nowrap" role="status">
            <span className="dot" data-state={connection} />
            <Text size="sm" c="dimmed">
              {connection === "live" ? t("connection.live") : t("connection.connecting")}
            </Text>
          </Group>
        </Tooltip>
        <BranchClock />
        <AccountMenu />
      </Group>
    </header>
  );
}

function LostBanner() {
  const { t } = useTranslation();
  const connection = useLivePart((state) => state.connection);
  if (connection !== "lost") return null;
  return (
    <div className="banner" role="alert">
      {t("connection.lost")}
      <Button size="compact-sm" color="dark" variant="filled" onClick={live.now}>
        {t("connection.now")}
      </Button>
    </div>
  );
}

function Alerts() {
  useAlerts();
  return null;
}

/** The frame of every screen behind the login; keeps the one websocket open. */
export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useQuery(queries.me).data;
  const connection = useLivePart((state) => state.connection);
  const ready = !!me && !me.must_change_password;

  useLiveEvents(refresh);
  useDeskLife();
  useAgentPhoneLife(ready && me.extension ? me.username : null);
  useEffect(() => {
    if (!ready) return;
    live.start();
    return () => live.stop();
  }, [ready]);
  useEffect(() => {
    if (me) void choose(languageFor([me.language]));
  }, [me]);
  useEffect(() => {
    if (connection !== "ended") return;
    client.clear();
    navigate({ to: "/entrar", search: { to: location.pathname, ended: true } });
  }, [connection, navigate]);

  if (!me) return null;
  if (me.must_change_password) return <MustChangePassword />;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <Rail />
      <TopBar />
      <div className="content">
        <LostBanner />
        {me.extension && <DeskNotice />}
        <ClosedNotice />
        <main id="main" tabIndex={-1} style={{ flex: 1, minHeight: 0 }}>
          <Outlet />
        </main>
      </div>
      <Alerts />
      {me.extension && (
        <Dock>
          <WrapUp />
          <AgentCall />
        </Dock>
      )}
    </div>
  );
}
