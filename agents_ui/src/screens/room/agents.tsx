import { ActionIcon, Badge, Menu, Text, Tooltip } from "@mantine/core";
import { IconAdjustments, IconDotsVertical, IconHeadset, IconUserCog } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgentOnBoard, QueueNow } from "@/api/types";
import { toldApart, useClinic, useColleague, useMe } from "@/app/session";
import { Scroll } from "@/components/scroll";
import { Empty } from "@/components/states";
import { STATE_COLORS, useStateName } from "@/desk/state";
import { duration, phone } from "@/format";
import { useLivePart } from "@/live/hooks";
import { callerName } from "@/screens/calls/card";
import { ChangeState } from "./change-state";
import { Skills } from "./skills";

const ORDER = ["on_call", "ringing", "available", "wrap_up", "paused", "away", "off"];

function Agent({
  agent,
  name,
  now,
  queues,
  act,
}: {
  agent: AgentOnBoard;
  name: string;
  now: number;
  queues: QueueNow[];
  act: (what: "state" | "skills") => void;
}) {
  const { t } = useTranslation();
  const nameOf = useStateName();
  const colleague = useColleague();
  const me = useMe();
  const off = agent.state === "off";
  const foreign = !!me.branch_id && !!agent.branch_id && agent.branch_id !== me.branch_id;
  const late = agent.state === "paused" && !!agent.until && Date.parse(agent.until) < now;
  const onAir = useLivePart((state) => state.calls.get(agent.call_id));
  const with_ =
    agent.talking_to && (onAir?.sight === "full" ? callerName(onAir, t) : phone(agent.talking_to));
  const busy = agent.state === "on_call" || agent.state === "ringing";
  const later = agent.wish_by !== "" || (busy && agent.wish !== "available");
  const notes = [
    with_ && t("room.with", { who: with_ }),
    agent.changed_by && t("room.by", { name: colleague(agent.changed_by) }),
    agent.note && `«${agent.note}»`,
    later && t("state.afterCall", { what: nameOf(agent.wish, agent.wish_reason) }),
    agent.wish_by && t("room.by", { name: colleague(agent.wish_by) }),
    agent.wish_note && `«${agent.wish_note}»`,
    late && t("state.tooLong"),
  ].filter(Boolean);
  const served = queues
    .filter((queue) => queue.name in agent.queues)
    .map((queue) => t("room.serves", { queue: queue.title, level: agent.queues[queue.name] }))
    .join(" · ");
  return (
    <tr data-state={agent.state}>
      <td>
        <Text fw={600} truncate title={name}>
          {name}
        </Text>
        {agent.supervises && (
          <Badge size="sm" color="gray">
            {t("room.supervises")}
          </Badge>
        )}
        <Text size="xs" c="dimmed" truncate title={served}>
          {served}
        </Text>
      </td>
      <td>
        <span className="agent-state">
          <span className="dot" style={{ background: STATE_COLORS[agent.state] }} />
          {nameOf(agent.state, agent.reason)}
        </span>
        {notes.length > 0 && (
          <Text size="xs" c={late ? "red" : "dimmed"} lineClamp={2} title={notes.join(" · ")}>
            {notes.join(" · ")}
          </Text>
        )}
      </td>
      <td className="num">
        {agent.since && (
          <Text span fw={600} size="sm" {...(late ? { c: "red" } : {})}>
            {duration((now - Date.parse(agent.since)) / 1000)}
          </Text>
        )}
      </td>
      <td className="num">{t("room.today", { count: agent.answered })}</td>
      <td>
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Tooltip label={t("room.actions", { name })}>
              <ActionIcon
                disabled={foreign}
                variant="subtle"
                size={34}
                color="gray"
                aria-label={t("room.actions", { name })}
              >
                <IconDotsVertical size={19} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconUserCog size={18} aria-hidden />}
              disabled={off}
              onClick={() => act("state")}
            >
              {t("room.change")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconAdjustments size={18} aria-hidden />}
              onClick={() => act("skills")}
            >
              {t("room.skills")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

/** Everybody with a phone, those at work first. */
export function Agents({
  agents,
  now,
  queues,
}: {
  agents: AgentOnBoard[];
  now: number;
  queues: QueueNow[];
}) {
  const { t } = useTranslation();
  const { colleagues } = useClinic();
  const [acting, setActing] = useState<{ username: string; what: "state" | "skills" } | null>(null);
  if (agents.length === 0) return <Empty icon={IconHeadset} title={t("room.agentsEmpty")} />;
  const sorted = agents.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const one = agents.find((agent) => agent.username === acting?.username);
  const close = () => setActing(null);
  return (
    <Scroll label={t("room.agents")}>
      <table className="agents">
        <tbody>
          {sorted.map((agent) => (
            <Agent
              key={agent.username}
              agent={agent}
              name={toldApart(agent, colleagues)}
              now={now}
              queues={queues}
              act={(what) => setActing({ username: agent.username, what })}
            />
          ))}
        </tbody>
      </table>
      {one && acting?.what === "state" && <ChangeState agent={one} close={close} />}
      {one && acting?.what === "skills" && <Skills agent={one} queues={queues} close={close} />}
    </Scroll>
  );
}
