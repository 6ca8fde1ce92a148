import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconCalendarPlus, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { PatientFile } from "@/api/types";
import { queries } from "@/app/queries";
import { ButtonLink, TextLink } from "@/components/links";
import { Scroll } from "@/components/scroll";
import { dateTime, shortDate } from "@/format";
import { SendConfirmation } from "./confirmation";
import { Duplicates, useUndoMerge } from "./duplicates";
import { Notes } from "./notes";
import { Parts } from "./parts";
import { PatientForm } from "./patient-form";
import { FileHead, Nothing, Section, Summary, VisitLine } from "./patient-parts";
import { Failed, Loading } from "./states";
import { useCodes } from "./texts";
import "./patient.css";

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
export const FileView = memo(function FileView({
  file,
  zone,
  callId = null,
  besideVisit = null,
}: {
  file: PatientFile;
  zone: string;
  /** The call the file is open for. */
  callId?: string | null;
  /** The appointment shown next to the file, its confirmation with it. */
  besideVisit?: number | null;
}) {
  const { t } = useTranslation();
  return (
    <Parts>
      <FileHead patient={file.patient} />
      <FileActions file={file} />
      <Duplicates file={file} />
      <Scroll className="file-body" label={t("calls.file")}>
        <Parts>
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
                {visit.id !== besideVisit && (
                  <SendConfirmation visitId={visit.id} zone={visit.zone} callId={callId} />
                )}
              </div>
            ))}
            {file.next_visits.length === 0 && <Nothing>{t("patient.noNext")}</Nothing>}
          </Section>
          <LastVisits file={file} />
          <Summary file={file} zone={zone} />
          <Section title={t("patient.notes")}>
            <Notes key={file.patient.id} file={file} zone={zone} callId={callId} />
          </Section>
          <Rest file={file} zone={zone} />
        </Parts>
      </Scroll>
    </Parts>
  );
});

function LastVisits({ file }: { file: PatientFile }) {
  const { t } = useTranslation();
  return (
    <Section title={t("patient.last")}>
      {file.last_visits.slice(0, 4).map((visit) => (
        <VisitLine key={visit.id} visit={visit} />
      ))}
      {file.last_visits.length === 0 && <Nothing>{t("patient.noLast")}</Nothing>}
    </Section>
  );
}

function Rest({ file, zone }: { file: PatientFile; zone: string }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  return (
    <>
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
              {call.reason
                ? codes.reason(call.reason)
                : call.outcome
                  ? codes.outcome(call.outcome)
                  : t("log.unanswered")}
              {call.patient_id === null && ` · ${t("patient.unsureCall")}`}
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
    </>
  );
}

/** A file asked for by itself, outside a live call. */
export const StoredFile = memo(function StoredFile({
  id,
  zone,
  callId = null,
  besideVisit = null,
}: {
  id: number;
  zone: string;
  callId?: string | null;
  besideVisit?: number | null;
}) {
  const file = useQuery(queries.patient(id));
  if (file.isPending) return <Loading rows={5} />;
  if (file.isError) return <Failed error={file.error} again={() => file.refetch()} />;
  return <FileView file={file.data} zone={zone} callId={callId} besideVisit={besideVisit} />;
});
