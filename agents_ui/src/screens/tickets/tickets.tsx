import { Badge, Button, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChecklist, IconClockExclamation } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Ticket } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useMe } from "@/app/session";
import { ButtonLink } from "@/components/links";
import { useNow } from "@/components/now";
import { Empty, Failed, Loading, useFailureText } from "@/components/states";
import { useCodes } from "@/components/texts";
import { dateTime, phone } from "@/format";
import { useLive } from "@/live/hooks";
import { CallNumber } from "@/phone/dial";
import "./tickets.css";

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

function Row({ ticket, now }: { ticket: Ticket; now: number }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const me = useMe();
  const failureText = useFailureText();
  const act = useMutation({
    mutationFn: (what: "take" | "close") =>
      unwrap(
        api.POST(`/api/v1/tickets/{ticket_id}/${what}`, {
          params: { path: { ticket_id: ticket.id } },
        }),
      ),
    onSuccess: (_, what) => {
      client.invalidateQueries({ queryKey: ["tickets"] });
      if (what === "close") notifications.show({ message: t("tickets.closing"), color: "teal" });
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
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
          {ticket.summary}
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
        <Deadline ticket={ticket} now={now} />
        <Text size="sm" c="dimmed">
          {ticket.owner ? t("tickets.owner", { name: ticket.owner }) : t("tickets.nobody")}
        </Text>
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
        {ticket.status === "open" && ticket.owner_id !== me.id && (
          <Button
            size="xs"
            variant="default"
            onClick={() => act.mutate("take")}
            loading={act.isPending}
          >
            {t("tickets.take")}
          </Button>
        )}
        {ticket.status === "open" && (
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

export function Tickets() {
  const { t } = useTranslation();
  const [status, setStatus] = useState<"open" | "closed">("open");
  const { skew } = useLive();
  const now = useNow(30_000, skew);
  const tickets = useQuery(queries.tickets(status));
  return (
    <div className="tickets">
      <Group>
        <Title order={1}>{t("tickets.title")}</Title>
        <SegmentedControl
          value={status}
          onChange={(value) => setStatus(value as "open" | "closed")}
          data={[
            { value: "open", label: t("tickets.open") },
            { value: "closed", label: t("tickets.closed") },
          ]}
        />
      </Group>
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
        ) : (
          <ul className="scroll" style={{ listStyle: "none", margin: 0, padding: 0 }}>
            {tickets.data.map((ticket) => (
              <Row key={ticket.id} ticket={ticket} now={now} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
