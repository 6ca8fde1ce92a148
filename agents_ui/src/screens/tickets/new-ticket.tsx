import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Menu,
  Modal,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconClockEdit } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Ticket } from "@/api/types";
import { client } from "@/app/queries";
import { useClinic, useHomeBranch, useMe } from "@/app/session";
import { PatientPicker, type Picked } from "@/components/patient-picker";
import { useFailureText } from "@/components/states";
import { useCodes } from "@/components/texts";
import { useThrowAway } from "@/components/throw-away";
import { dateTime, dayIn, momentAt, numberOf, shifted } from "@/format";
import { useOnTheLine } from "@/live/on-the-line";

const HOUR = 3_600_000;
const CLOSING = 19 * 60;
const NINE = 9 * 60;
const KINDS = ["callback", "complaint", "late", "data_request", "other"] as const;

/** Deadlines one chooses between, on the clinic's clock. */
function deadlines(now: number, zone: string): string[] {
  const today = dayIn(zone, new Date(now));
  return [
    new Date(now + HOUR).toISOString(),
    momentAt(today, CLOSING, zone),
    momentAt(shifted(today, 1), NINE, zone),
    momentAt(shifted(today, 1), CLOSING, zone),
    momentAt(shifted(today, 7), CLOSING, zone),
  ].filter((moment) => Date.parse(moment) > now);
}

/** Another deadline for a task. */
export function DeadlineMenu({
  ticket,
  now,
  putOff,
}: {
  ticket: Ticket;
  now: number;
  putOff: (due: string) => void;
}) {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" size="md" aria-label={t("tickets.changeDeadline")}>
          <IconClockEdit size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {deadlines(now, ticket.zone).map((moment) => (
          <Menu.Item key={moment} onClick={() => putOff(moment)}>
            {dateTime(moment, ticket.zone, i18n.language)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Writes a task down: a call to return, most often. */
export function NewTicket({ close }: { close: () => void }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const me = useMe();
  const { colleagues } = useClinic();
  const branch = useHomeBranch();
  const zone = branch?.zone ?? "Europe/Madrid";
  const failureText = useFailureText();
  const line = useOnTheLine();
  const [choices] = useState(() => deadlines(Date.now(), zone));
  const [kind, setKind] = useState<(typeof KINDS)[number]>("callback");
  const [patient, setPatient] = useState<Picked | null>(line?.patient ?? null);
  const [summary, setSummary] = useState("");
  const [number, setNumber] = useState(line ? numberOf(line.call) : "");
  const [owner, setOwner] = useState<string | null>(String(me.id));
  const [due, setDue] = useState<string | null>(choices[1] ?? choices[0] ?? null);
  const make = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/tickets", {
          body: {
            kind,
            summary,
            number: number.trim(),
            patient_id: patient?.id ?? null,
            call_id: line?.call.id ?? null,
            branch_id: branch?.id ?? null,
            owner_id: owner ? Number(owner) : null,
            due_at: due ?? new Date(Date.now() + 24 * HOUR).toISOString(),
          },
        }),
      ),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["tickets"] });
      notifications.show({ message: t("tickets.created"), color: "teal" });
      close();
    },
  });
  const [leave, throwAway] = useThrowAway(summary.trim() !== "", close);
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (summary.trim()) make.mutate();
    else setMissing(true);
  };
  return (
    <Modal
      opened
      onClose={leave}
      title={<Text fw={650}>{t("tickets.new")}</Text>}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form noValidate onSubmit={submit}>
        <Stack gap="sm">
          <Select
            label={t("tickets.kindLabel")}
            allowDeselect={false}
            value={kind}
            data={KINDS.map((value) => ({ value, label: codes.ticket(value) }))}
            onChange={(value) => setKind(KINDS.find((one) => one === value) ?? "other")}
          />
          {patient ? (
            <Group justify="space-between">
              <Text fw={600}>{patient.name}</Text>
              <Button size="compact-sm" variant="subtle" onClick={() => setPatient(null)}>
                {t("agenda.otherPatient")}
              </Button>
            </Group>
          ) : (
            <PatientPicker label={t("patient.search")} pick={setPatient} />
          )}
          <TextInput
            label={t("tickets.number")}
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
          />
          <Textarea
            label={t("tickets.what")}
            required
            error={missing && !summary.trim() && t("app.required")}
            classNames={{ input: "growing" }}
            rows={2}
            maxLength={1000}
            data-autofocus
            value={summary}
            onChange={(event) => setSummary(event.currentTarget.value)}
          />
          <Group grow>
            <Select
              label={t("tickets.assign")}
              allowDeselect={false}
              value={owner}
              data={colleagues.map((one) => ({ value: String(one.id), label: one.name }))}
              onChange={setOwner}
            />
            <Select
              label={t("tickets.deadline")}
              allowDeselect={false}
              value={due}
              data={choices.map((value) => ({
                value,
                label: dateTime(value, zone, i18n.language),
              }))}
              onChange={setDue}
            />
          </Group>
          {make.isError && (
            <Alert color="red" role="alert">
              {failureText(make.error)}
            </Alert>
          )}
          {throwAway}
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              {t("app.cancel")}
            </Button>
            <Button type="submit" loading={make.isPending}>
              {t("app.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
