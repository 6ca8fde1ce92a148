import { Alert, Button, Center, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCompass,
  IconLock,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "@/api/client";
import { ButtonLink } from "@/components/links";

/** What to say of a failure: our words where the code is known, the server's otherwise. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof Failure)) return t("error.internal");
    switch (error.code) {
      case "offline":
      case "forbidden":
      case "not_found":
      case "conflict":
      case "unavailable":
      case "invalid_input":
      case "slot_taken":
      case "hold_gone":
      case "patient_busy":
      case "outside_hours":
      case "in_the_past":
      case "wrong_professional":
      case "not_known":
      case "too_late":
      case "not_open":
      case "being_called":
      case "off_work":
      case "no_phone":
      case "caller_held":
      case "consulting":
      case "answered":
      case "wrong_transition":
      case "later_day":
      case "not_begun":
      case "wrong_number":
      case "not_callable":
      case "costly_number":
      case "wrong_document":
      case "born_in_future":
      case "wrong_address":
        return t(`error.${error.code}`);
      default:
        return t(`error.${BY_STATUS[error.status] ?? "internal"}`);
    }
  };
}

/** Of a refusal we have no words for, at least what kind it is: it is no fault of the server. */
const BY_STATUS: Record<
  number,
  "forbidden" | "not_found" | "conflict" | "invalid_input" | "unavailable"
> = {
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  422: "invalid_input",
  503: "unavailable",
};

export function Empty({
  icon: Icon,
  title,
  hint,
  children,
}: {
  icon: TablerIcon;
  title: string;
  hint?: string;
  children?: ReactNode;
}) {
  return (
    <Center h="100%" mih={260} p="xl">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <ThemeIcon size={64} radius="xl" variant="light">
          <Icon size={32} stroke={1.6} aria-hidden />
        </ThemeIcon>
        <Text fw={650} size="lg">
          {title}
        </Text>
        {hint && <Text c="dimmed">{hint}</Text>}
        {children}
      </Stack>
    </Center>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  return (
    <Alert
      icon={<IconAlertTriangle aria-hidden />}
      color="red"
      title={t("error.title")}
      m="md"
      role="alert"
    >
      <Stack gap="sm" align="flex-start">
        {text(error)}
        {again && (
          <Button size="xs" variant="default" onClick={again}>
            {t("app.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

export function Loading({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t("app.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty icon={IconCompass} title={t("app.notFound")} hint={t("app.notFoundHint")}>
      <ButtonLink to="/llamadas" mt="sm">
        {t("app.home")}
      </ButtonLink>
    </Empty>
  );
}

/** A screen that is not for agents, opened by its address. */
export function SupervisorsOnly() {
  const { t } = useTranslation();
  return (
    <Empty icon={IconLock} title={t("app.supervisorsOnly")} hint={t("app.supervisorsOnlyHint")}>
      <ButtonLink to="/llamadas" mt="sm">
        {t("app.home")}
      </ButtonLink>
    </Empty>
  );
}

export function Crashed() {
  const { t } = useTranslation();
  return (
    <Center p="xl">
      <Stack align="center" gap="xs" ta="center" role="alert">
        <Title order={2}>{t("app.crashed")}</Title>
        <Text c="dimmed">{t("app.crashedHint")}</Text>
        <Button mt="sm" onClick={() => location.reload()}>
          {t("app.reload")}
        </Button>
      </Stack>
    </Center>
  );
}
