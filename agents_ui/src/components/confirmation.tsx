import { Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconMailForward } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Confirmation } from "@/api/types";
import { client, queries } from "@/app/queries";
import { clockTime } from "@/format";
import { useFailureText } from "./states";
import { useCodes } from "./texts";

interface Ask {
  address: string;
  consents: boolean;
}

/** What became of the last one. */
function Last({ last, zone }: { last: NonNullable<Confirmation["last"]>; zone: string }) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  const time = clockTime(last.at, zone, i18n.language);
  const reason = last.reason ? codes.undelivered(last.reason) : "";
  const text = {
    sent: t("confirmation.sent", { address: last.address, time }),
    queued: reason ? t("confirmation.again", { reason }) : t("confirmation.queued"),
    failed: t("confirmation.failed", { reason }),
  }[last.status];
  return (
    <Text size="sm" role="status" c={last.status === "failed" ? "red" : "dimmed"}>
      {text}
    </Text>
  );
}

/** What is missing before anything may be sent, asked of the patient on the line. */
function Missing({
  found,
  send,
  busy,
}: {
  found: Confirmation;
  send: (ask: Ask) => void;
  busy: boolean;
}) {
  const { t } = useTranslation();
  const [address, setAddress] = useState(found.address);
  const [consents, setConsents] = useState(false);
  const [missing, setMissing] = useState(false);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(true);
        if (!address.trim() || !consents) return;
        send({ address: address.trim(), consents });
      }}
    >
      <Stack gap={8}>
        <TextInput
          type="email"
          required
          label={t("confirmation.address")}
          error={missing && !address.trim() && t("app.required")}
          value={address}
          maxLength={120}
          data-autofocus
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Checkbox
          required
          label={t("confirmation.consents")}
          error={missing && !consents && t("confirmation.mustConsent")}
          checked={consents}
          onChange={(event) => setConsents(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button type="submit" size="xs" loading={busy}>
            {t("confirmation.addAndSend")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Sends the patient the confirmation of an appointment, or says why it cannot be sent. */
export function SendConfirmation({
  visitId,
  zone,
  callId,
}: {
  visitId: number;
  zone: string;
  callId: string | null;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const state = useQuery(queries.confirmation(visitId));
  const [asking, missing] = useDisclosure(false);
  const send = useMutation({
    mutationFn: (ask: Ask) =>
      unwrap(
        api.POST("/api/v1/confirmations/{appointment_id}", {
          params: { path: { appointment_id: visitId } },
          body: { ...ask, call_id: callId },
        }),
      ),
    onSuccess: () => missing.close(),
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["confirmation", visitId] }),
  });
  const found = state.data;
  if (!found || (found.problem === "not_ahead" && !found.last)) return null;
  const lacks = found.problem === "no_address" || found.problem === "no_consent";
  const queued = found.last?.status === "queued";
  return (
    <Stack gap={6}>
      {found.last && <Last last={found.last} zone={zone} />}
      {found.problem === "not_set_up" && (
        <Group>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconMailForward size={15} aria-hidden />}
            onClick={() =>
              notifications.show({ message: t("confirmation.notSetUp"), color: "orange" })
            }
          >
            {t("confirmation.send")}
          </Button>
        </Group>
      )}
      {!queued && (lacks || found.problem === "") && (
        <Group gap={8}>
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconMailForward size={15} aria-hidden />}
            loading={send.isPending}
            aria-expanded={lacks ? asking : undefined}
            onClick={() =>
              lacks ? missing.toggle() : send.mutate({ address: "", consents: false })
            }
          >
            {t(found.last ? "confirmation.sendAgain" : "confirmation.send")}
          </Button>
          {lacks && (
            <Text size="sm" c="dimmed">
              {t(`confirmation.${found.problem === "no_address" ? "noAddress" : "noConsent"}`)}
            </Text>
          )}
        </Group>
      )}
      {lacks && asking && <Missing found={found} send={send.mutate} busy={send.isPending} />}
    </Stack>
  );
}
