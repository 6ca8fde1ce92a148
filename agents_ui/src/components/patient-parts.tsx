import { Avatar, Badge, Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { PatientFile, PatientHit, Visit } from "@/api/types";
import { useClinic } from "@/app/session";
import { age, courteous, dateTime, dayIn, initials, money, phone } from "@/format";
import { CallNumber } from "@/phone/dial";
import { useCodes } from "./texts";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="file-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

export function VisitLine({ visit }: { visit: Visit }) {
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

export function birthText(birth: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${birth}T12:00:00Z`));
}

export function FileHead({ patient }: { patient: PatientHit }) {
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

/** What reception wants to know at a glance. */
export function Summary({ file, zone }: { file: PatientFile; zone: string }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const { currency } = useClinic();
  return (
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
  );
}
