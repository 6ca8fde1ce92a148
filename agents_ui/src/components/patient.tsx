import {
  Avatar,
  Badge,
  Box,
  Button,
  Group,
  Skeleton,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconAlertTriangle,
  IconCalendarPlus,
  IconPencil,
  IconUserPlus,
  IconUserQuestion,
  IconUsers,
} from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { PatientFile, PatientHit, Visit } from "@/api/types";
import { queries } from "@/app/queries";
import { useClinic } from "@/app/session";
import { ButtonLink, TextLink } from "@/components/links";
import { age, courteous, dateTime, dayIn, initials, money, phone, shortDate } from "@/format";
import type { CallOnAir } from "@/live/state";
import { SendConfirmation } from "./confirmation";
import { Duplicates, useUndoMerge } from "./duplicates";
import { Notes } from "./notes";
import { PatientForm } from "./patient-form";
import { PatientPicker } from "./patient-picker";
import { Empty, Failed, Loading, useFailureText } from "./states";
import { useCodes } from "./texts";
import "./patient.css";
import { Scroll } from "@/components/scroll";
import { CallNumber } from "@/phone/dial";

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="file-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

function VisitLine({ visit }: { visit: Visit }) {
  const { i18n } = useTranslation();
  const codes = useCodes();
  return (
    <div className="visit">
      <span className="visit-when num">{dateTime(visit.starts_at, visit.zone, i18n.language)}</span>
      <span>
        {visit.service}
        <Text span size="sm" c="dimmed">
          {" "}
          · {courteous(visit.professional)}
          {visit.status === "booked" || visit.status === "completed"
            ? ""
            : ` · ${codes.status(visit.status)}`}
        </Text>
      </span>
    </div>
  );
}

function birthText(birth: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${birth}T12:00:00Z`));
}

function FileHead({ patient }: { patient: PatientHit }) {
  const { t, i18n } = useTranslation();
  const name = `${patient.given} ${patient.family}`.trim();
  return (
    <div className="file-head">
      <Avatar color="teal" radius="xl" size={46} aria-hidden>
        {initials(name)}
      </Avatar>
      <Box miw={0}>
        <Title order={2} fz="md" lineClamp={1}>
          {name}
        </Title>
        <Text size="sm" c="dimmed">
          {patient.birth_date
            ? `${t("patient.years", { count: age(patient.birth_date, dayIn("UTC")) })} · ${birthText(patient.birth_date, i18n.language)}`
            : t("patient.provisional")}
        </Text>
      </Box>
      {patient.provisional && (
        <Badge color="yellow" ml="auto">
          {t("patient.provisional")}
        </Badge>
      )}
    </div>
  );
}

/** What can be done with a file: write it, or book for its patient. */
function FileActions({ file }: { file: PatientFile }) {
  const { t } = useTranslation();
  const [editing, form] = useDisclosure(false);
  return (
    <Group gap={8} px="md" py={8} className="file-actions">
      <ButtonLink
        to="/agenda"
        search={{ paciente: file.patient.id }}
        size="compact-sm"
        variant="light"
        leftSection={<IconCalendarPlus size={16} aria-hidden />}
      >
        {t("patient.book")}
      </ButtonLink>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPencil size={15} aria-hidden />}
        onClick={form.open}
      >
        {t("patient.edit")}
      </Button>
      {editing && <PatientForm file={file} close={form.close} saved={() => undefined} />}
    </Group>
  );
}

function Merges({ file, zone }: { file: PatientFile; zone: string }) {
  const { t, i18n } = useTranslation();
  const undo = useUndoMerge();
  return file.merges.map((merge) => (
    <div className="file-row" key={merge.id}>
      <Text size="sm" c="dimmed">
        {t("duplicate.done", {
          name: merge.name,
          when: shortDate(merge.at, zone, i18n.language),
          author: merge.author,
        })}
      </Text>
      <Button
        size="compact-xs"
        variant="subtle"
        loading={undo.isPending}
        onClick={() => undo.mutate(merge.id)}
      >
        {t("app.undo")}
      </Button>
    </div>
  ));
}

/** Everything that helps while this patient is on the line. */
export function FileView({
  file,
  zone,
  callId = null,
}: {
  file: PatientFile;
  zone: string;
  /** The call the file is open for. */
  callId?: string | null;
}) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const { currency } = useClinic();
  return (
    <>
      <FileHead patient={file.patient} />
      <FileActions file={file} />
      <Duplicates file={file} />
      <Scroll className="file-body" label={t("calls.file")}>
        {file.warnings && (
          <div className="file-warning" role="note">
            <IconAlertTriangle size={19} style={{ flex: "none" }} aria-hidden />
            <span>
              <span className="visually-hidden">{t("patient.warnings")}: </span>
              {file.warnings}
            </span>
          </div>
        )}
        <Section title={t("patient.next")}>
          {file.next_visits.slice(0, 3).map((visit) => (
            <div key={visit.id}>
              <VisitLine visit={visit} />
              <SendConfirmation visitId={visit.id} zone={visit.zone} callId={callId} />
            </div>
          ))}
          {file.next_visits.length === 0 && <Nothing>{t("patient.noNext")}</Nothing>}
        </Section>
        <Section title={t("patient.last")}>
          {file.last_visits.slice(0, 4).map((visit) => (
            <VisitLine key={visit.id} visit={visit} />
          ))}
          {file.last_visits.length === 0 && <Nothing>{t("patient.noLast")}</Nothing>}
        </Section>
        <Section title={t("patient.summary")}>
          <div className="file-row">
            <span>{t("patient.balance")}</span>
            {file.balance_cents > 0 ? (
              <Text span fw={650} c="red" className="num">
                {money(file.balance_cents, currency, i18n.language)}
              </Text>
            ) : (
              <Text span c="dimmed" size="sm">
                {t("patient.noBalance")}
              </Text>
            )}
          </div>
          <div className="file-row">
            <span>{t("patient.pendingDocuments")}</span>
            {file.pending_documents.length > 0 ? (
              <Text span fw={600} size="sm">
                {file.pending_documents.join(", ")}
              </Text>
            ) : (
              <Text span c="dimmed" size="sm">
                {t("patient.noDocuments")}
              </Text>
            )}
          </div>
          {file.campaigns.map((campaign) => (
            <div
              className="file-row"
              key={`${campaign.appointment_id} ${campaign.purpose} ${campaign.step}`}
            >
              <span>{t("patient.campaign")}</span>
              <Text span size="sm" fw={550}>
                {codes.reason(campaign.purpose)} · {codes.attempt(campaign.status)} ·{" "}
                {dateTime(campaign.planned_at, zone, i18n.language)}
              </Text>
            </div>
          ))}
          <div className="file-row">
            <span>{t("patient.channel")}</span>
            <span>{codes.channel(file.preferred_channel)}</span>
          </div>
          <div className="file-row">
            <span>{t("patient.phones")}</span>
            <span className="num">
              {file.numbers.map((number) => (
                <Group key={number} gap={2} justify="flex-end" wrap="nowrap">
                  {phone(number)}
                  <CallNumber number={number} patient={file.patient.id} />
                </Group>
              ))}
            </span>
          </div>
          {file.document && (
            <div className="file-row">
              <span>{t("patient.document")}</span>
              <span className="num">{file.document}</span>
            </div>
          )}
        </Section>
        <Section title={t("patient.notes")}>
          <Notes file={file} zone={zone} callId={callId} />
        </Section>
        {file.tickets.length > 0 && (
          <Section title={t("patient.tickets")}>
            {file.tickets.map((ticket) => (
              <Text size="sm" key={ticket.id}>
                <b>{codes.ticket(ticket.kind)}</b> {ticket.summary}
              </Text>
            ))}
          </Section>
        )}
        <Section title={t("patient.consents")}>
          {file.consents.map((consent) => (
            <div className="file-row" key={consent.id}>
              <span>{codes.purpose(consent.purpose)}</span>
              <Text span size="sm" c={consent.decision === "granted" ? "teal" : "dimmed"} fw={550}>
                {codes.decision(consent.decision)} · {shortDate(consent.at, zone, i18n.language)}
              </Text>
            </div>
          ))}
          {file.consents.length === 0 && <Nothing>{t("patient.noConsents")}</Nothing>}
        </Section>
        <Section title={t("patient.calls")}>
          {file.calls.slice(0, 5).map((call) => (
            <div className="file-row" key={call.id}>
              <TextLink
                to="/registro/$callId"
                params={{ callId: call.id }}
                size="sm"
                c="teal"
                className="num"
              >
                {dateTime(call.started_at, zone, i18n.language)}
              </TextLink>
              <Text span size="sm" c="dimmed">
                {codes.reason(call.reason)}
              </Text>
            </div>
          ))}
          {file.calls.length === 0 && <Nothing>{t("patient.noCalls")}</Nothing>}
        </Section>
        {file.merges.length > 0 && (
          <Section title={t("duplicate.history")}>
            <Merges file={file} zone={zone} />
          </Section>
        )}
      </Scroll>
    </>
  );
}

function Family({ patients, pick }: { patients: PatientHit[]; pick: (id: number) => void }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <div className="file-head">
        <IconUsers size={30} aria-hidden />
        <div>
          <Title order={2} fz="md">
            {t("patient.which")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("patient.whichHint")}
          </Text>
        </div>
      </div>
      <Stack gap={0} p="sm" className="scroll">
        {patients.map((patient) => {
          const name = `${patient.given} ${patient.family}`.trim();
          return (
            <UnstyledButton className="person" key={patient.id} onClick={() => pick(patient.id)}>
              <Avatar radius="xl" size={34} aria-hidden>
                {initials(name)}
              </Avatar>
              <div>
                <Text fw={550}>{name}</Text>
                {patient.birth_date && (
                  <Text size="sm" c="dimmed">
                    {t("patient.years", { count: age(patient.birth_date, dayIn("UTC")) })} ·{" "}
                    {birthText(patient.birth_date, i18n.language)}
                  </Text>
                )}
              </div>
            </UnstyledButton>
          );
        })}
      </Stack>
    </>
  );
}

/** Tells the server who is on the line; the file follows by itself. */
function useIdentify(callId: string) {
  const failureText = useFailureText();
  return useMutation({
    mutationFn: (patientId: number) =>
      unwrap(
        api.PUT("/api/v1/calls/{call_id}/patient", {
          params: { path: { call_id: callId } },
          body: { patient_id: patientId },
        }),
      ),
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
}

/** The file of somebody who probably calls: reception has to make sure. */
function LikelyFile({
  id,
  zone,
  call,
  back,
}: {
  id: number;
  zone: string;
  call: CallOnAir;
  back?: () => void;
}) {
  const { t } = useTranslation();
  const identify = useIdentify(call.id);
  return (
    <>
      <div className="file-unsure" role="note">
        {t("patient.unconfirmed")}
        <Group gap={6} wrap="nowrap">
          <Button
            size="compact-xs"
            loading={identify.isPending}
            onClick={() => identify.mutate(id)}
          >
            {t("patient.itIs")}
          </Button>
          {back && (
            <Button size="compact-xs" variant="default" onClick={back}>
              {t("patient.others")}
            </Button>
          )}
        </Group>
      </div>
      <StoredFile id={id} zone={zone} callId={call.id} />
    </>
  );
}

/** Nobody known by that number: find who it is, or open a file. */
function Unknown({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  const identify = useIdentify(call.id);
  const [creating, form] = useDisclosure(false);
  return (
    <Empty
      icon={IconUserQuestion}
      title={t("patient.unknown")}
      hint={t(call.ani ? "patient.unknownHint" : "patient.withheld")}
    >
      <Stack gap="sm" w="100%" mt="sm">
        <PatientPicker hidden label={t("patient.search")} pick={({ id }) => identify.mutate(id)} />
        <Button
          variant="light"
          leftSection={<IconUserPlus size={18} aria-hidden />}
          onClick={form.open}
        >
          {t("patient.new")}
        </Button>
      </Stack>
      {creating && (
        <PatientForm
          number={call.ani}
          close={form.close}
          saved={(file) => identify.mutate(file.patient.id)}
        />
      )}
    </Empty>
  );
}

/** The file beside a call: of the patient, of whoever has that number, or of nobody yet. */
export function PatientPanel({ call, zone }: { call: CallOnAir; zone: string }) {
  const { t } = useTranslation();
  const [picked, setPicked] = useState<number | null>(null);
  const caller = call.caller;
  const patients = caller?.patients ?? [];
  const likely =
    patients.length === 1 ? patients[0]?.id : patients.find((p) => p.id === picked)?.id;
  let body: ReactNode;
  if (caller?.file) body = <FileView file={caller.file} zone={zone} callId={call.id} />;
  else if (call.patient_id) body = <StoredFile id={call.patient_id} zone={zone} callId={call.id} />;
  else if (likely !== undefined) {
    const back = patients.length > 1 ? () => setPicked(null) : undefined;
    body = <LikelyFile id={likely} zone={zone} call={call} back={back} />;
  } else if (patients.length) body = <Family patients={patients} pick={setPicked} />;
  else if (call.ani && !caller) {
    body = (
      <Group p="md" role="status" aria-label={t("patient.loading")}>
        <Skeleton circle height={46} />
        <Skeleton height={14} w={160} />
      </Group>
    );
  } else {
    body = <Unknown call={call} />;
  }
  return (
    <aside className="panel" aria-label={t("calls.file")}>
      {body}
    </aside>
  );
}

/** A file asked for by itself, outside a live call. */
export function StoredFile({
  id,
  zone,
  callId = null,
}: {
  id: number;
  zone: string;
  callId?: string | null;
}) {
  const file = useQuery(queries.patient(id));
  if (file.isPending) return <Loading rows={5} />;
  if (file.isError) return <Failed error={file.error} again={() => file.refetch()} />;
  return <FileView file={file.data} zone={zone} callId={callId} />;
}
