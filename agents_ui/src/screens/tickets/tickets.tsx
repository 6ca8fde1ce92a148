import { Badge, Button, Group, SegmentedControl, Select, Text, Title } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconChecklist, IconClockExclamation, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Ticket } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useClinic, useMe } from "@/app/session";
import { ButtonLink } from "@/components/links";
import { useNow } from "@/components/now";
import { Empty, Failed, Loading, useFailureText } from "@/components/states";
import { useCodes } from "@/components/texts";
import { dateTime, phone } from "@/format";
import { useLivePart } from "@/live/hooks";
import { CallNumber } from "@/phone/dial";
import { Kept } from "./kept";
import { DeadlineMenu, NewTicket } from "./new-ticket";
import "./tickets.css";
import { useUndoable } from "@/components/undo";

const COLORS: Record<string, string> = {
  complaint: "red",
  callback: "orange",
  voicemail: "violet",
  message: "blue",
  late: "yellow",
};

function Deadline({ ticket, now }: { ticket: Ticket; now: number }) {
  const { t, i18n } = useTranslation();
  const when = (moment: string) => dateTime(moment, ticket.zone, i18n.language);
  if (ticket.closed_at)
    return (
      <Text size="sm" c="dimmed">
        {t("tickets.closedAt", { when: when(ticket.closed_at) })}
      </Text>
    );
  if (!ticket.due_at)
    return (
      <Text size="sm" c="dimmed">
        {t("tickets.noDue")}
      </Text>
    );
  const overdue = Date.parse(ticket.due_at) < now;
  return (
    <Group gap={6} wrap="nowrap">
      {overdue && <IconClockExclamation size={17} color="var(--mantine-color-red-6)" aria-hidden />}
      <Text size="sm" c={overdue ? "red" : "dimmed"} fw={overdue ? 600 : 400}>
        {t(overdue ? "tickets.overdue" : "tickets.due", { when: when(ticket.due_at) })}
      </Text>
    </Group>
  );
}

function useTicketChanges(ticket: Ticket) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const params = { path: { ticket_id: ticket.id } };
  const failed = (error: unknown) =>
    notifications.show({ message: failureText(error), color: "red" });
  const undoable = useUndoable();
  const fresh = () => client.invalidateQueries({ queryKey: ["tickets"] });
  const act = useMutation({
    mutationFn: (what: "take" | "close" | "reopen") =>
      unwrap(api.POST(`/api/v1/tickets/{ticket_id}/${what}`, { params })),
    onSuccess: (_, what) => {
      fresh();
      if (what === "reopen") notifications.show({ message: t("tickets.reopened"), color: "teal" });
      if (what !== "close") return;
      undoable(t("tickets.closing"), () => act.mutate("reopen"));
    },
    onError: failed,
  });
  const assign = useMutation({
    mutationFn: (owner: number | null) =>
      unwrap(api.PUT("/api/v1/tickets/{ticket_id}/owner", { params, body: { owner_id: owner } })),
    onSuccess: fresh,
    onError: failed,
  });
  const putOff = useMutation({
    mutationFn: (due: string) =>
      unwrap(api.PUT("/api/v1/tickets/{ticket_id}/deadline", { params, body: { due_at: due } })),
    onSuccess: fresh,
    onError: failed,
  });
  return { act, assign, putOff };
}

/** Who looks after it; whoever works there can be chosen. */
function Owner({ ticket, assign }: { ticket: Ticket; assign: (owner: number | null) => void }) {
  const { t } = useTranslation();
  const { colleagues } = useClinic();
  const able = colleagues.filter(
    (one) =>
      one.branch_id === null || ticket.branch_id === null || one.branch_id === ticket.branch_id,
  );
  return (
    <Select
      size="xs"
      clearable
      searchable
      aria-label={t("tickets.assign")}
      placeholder={t("tickets.nobody")}
      value={ticket.owner_id === null ? null : String(ticket.owner_id)}
      data={able.map((one) => ({ value: String(one.id), label: one.name }))}
      onChange={(value) => assign(value === null ? null : Number(value))}
    />
  );
}

function Row({ ticket, now }: { ticket: Ticket; now: number }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const me = useMe();
  const { act, assign, putOff } = useTicketChanges(ticket);
  const open = ticket.status === "open";
  return (
    <li className="ticket">
      <div>
        <Badge color={COLORS[ticket.kind] ?? "gray"}>{codes.ticket(ticket.kind)}</Badge>
        <Text size="xs" c="dimmed" mt={4} className="num">
          {ticket.reference}
        </Text>
      </div>
      <div>
        <Group gap={4} wrap="nowrap">
          <Text fw={600}>{ticket.patient_name || phone(ticket.number) || t("calls.hidden")}</Text>
          {ticket.number && <CallNumber number={ticket.number} patient={ticket.patient_id} />}
        </Group>
        <Text size="sm" c="dimmed">
          {ticket.summary || (ticket.has_audio && t("tickets.noWords"))}
          {ticket.patient_name && ticket.number ? ` · ${phone(ticket.number)}` : ""}
        </Text>
      </div>
      <div>
        {ticket.has_audio && (
          // biome-ignore lint/a11y/useMediaCaption: its transcript, if any, is the summary beside it
          <audio
            controls
            preload="none"
            src={`/api/v1/tickets/${ticket.id}/audio`}
            aria-label={t("tickets.message")}
          />
        )}
        <Group gap={4} wrap="nowrap">
          <Deadline ticket={ticket} now={now} />
          {open && <DeadlineMenu ticket={ticket} now={now} putOff={(due) => putOff.mutate(due)} />}
        </Group>
        {open ? (
          <Owner ticket={ticket} assign={(owner) => assign.mutate(owner)} />
        ) : (
          <Text size="sm" c="dimmed">
            {ticket.owner ? t("tickets.owner", { name: ticket.owner }) : t("tickets.nobody")}
          </Text>
        )}
      </div>
      <Group gap={8} wrap="nowrap" justify="flex-end">
        {ticket.call_id && (
          <ButtonLink
            to="/registro/$callId"
            params={{ callId: ticket.call_id }}
            size="xs"
            variant="subtle"
          >
            {t("tickets.call")}
          </ButtonLink>
        )}
        {!open && (
          <Button
            size="xs"
            variant="default"
            onClick={() => act.mutate("reopen")}
            loading={act.isPending}
          >
            {t("tickets.reopen")}
          </Button>
        )}
        {open && ticket.owner_id !== me.id && (
          <Button
            size="xs"
            variant="default"
            onClick={() => act.mutate("take")}
            loading={act.isPending}
          >
            {t("tickets.take")}
          </Button>
        )}
        {open && (
          <Button
            size="xs"
            variant="light"
            onClick={() => act.mutate("close")}
            loading={act.isPending}
          >
            {t("tickets.close")}
          </Button>
        )}
      </Group>
    </li>
  );
}

const FILTERS = ["all", "mine", "unowned", "late"] as const;
type Filter = (typeof FILTERS)[number];

function passes(ticket: Ticket, filter: Filter, me: number, now: number): boolean {
  switch (filter) {
    case "mine":
      return ticket.owner_id === me;
    case "unowned":
      return ticket.owner_id === null;
    case "late":
      return ticket.due_at !== null && Date.parse(ticket.due_at) < now;
    default:
      return true;
  }
}

export function Tickets() {
  const { t } = useTranslation();
  const me = useMe();
  const [status, setStatus] = useState<"open" | "closed">("open");
  const [filter, setFilter] = useState<Filter>("all");
  const [creating, form] = useDisclosure(false);
  const skew = useLivePart((state) => state.skew);
  const now = useNow(30_000, skew);
  const tickets = useQuery(queries.tickets(status));
  const shown = (tickets.data ?? []).filter((one) => passes(one, filter, me.id, now));
  useHotkeys([["n", form.open]]);
  return (
    <div className="tickets">
      <Group>
        <Title order={1}>{t("tickets.title")}</Title>
        <SegmentedControl
          aria-label={t("tickets.title")}
          value={status}
          onChange={(value) => setStatus(value as "open" | "closed")}
          data={[
            { value: "open", label: t("tickets.open") },
            { value: "closed", label: t("tickets.closed") },
          ]}
        />
        <SegmentedControl
          aria-label={t("tickets.filter")}
          value={filter}
          onChange={(value) => setFilter(FILTERS.find((one) => one === value) ?? "all")}
          data={FILTERS.map((value) => ({ value, label: t(`tickets.${value}`) }))}
        />
        <Button
          ml="auto"
          leftSection={<IconPlus size={17} aria-hidden />}
          aria-keyshortcuts="n"
          onClick={form.open}
        >
          {t("tickets.new")}
        </Button>
      </Group>
      {creating && <NewTicket close={form.close} />}
      {status === "open" && <Kept now={now} />}
      <section className="panel" aria-label={t("tickets.title")}>
        {tickets.isPending ? (
          <Loading />
        ) : tickets.isError ? (
          <Failed error={tickets.error} again={() => tickets.refetch()} />
        ) : tickets.data.length === 0 ? (
          <Empty
            icon={IconChecklist}
            title={t(status === "open" ? "tickets.none" : "tickets.noneClosed")}
            hint={status === "open" ? t("tickets.noneHint") : undefined}
          />
        ) : shown.length === 0 ? (
          <Empty icon={IconChecklist} title={t("tickets.noneHere")} />
        ) : (
          <ul className="scroll" style={{ listStyle: "none", margin: 0, padding: 0 }}>
            {shown.map((ticket) => (
              <Row key={ticket.id} ticket={ticket} now={now} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
