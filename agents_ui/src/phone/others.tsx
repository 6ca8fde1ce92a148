import { Alert, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useColleague, useMe } from "@/app/session";
import { type CallOnAir, type Consulted, steppedOut } from "@/live/call";
import { useAsked } from "./call-controls";

/** The colleagues in this agent's call, and who of them does not hear it now. */
export function Others({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  const colleague = useColleague();
  const { username } = useMe();
  const others = call.talkers.filter((one) => one !== username);
  const out = steppedOut(call);
  const names = (people: string[]) => ({ names: people.map(colleague), count: people.length });
  const here = others.filter((one) => !out.includes(one));
  const holding = others.filter((one) => call.holders.includes(one));
  const asking = others.filter((one) => call.consult?.agent === one);
  return (
    <Text size="sm" component="div" role="status" className="others">
      {here.length > 0 && <div>{t("desk.others.here", names(here))}</div>}
      {holding.length > 0 && <div>{t("desk.others.holding", names(holding))}</div>}
      {asking.length > 0 && <div>{t("desk.others.asking", names(asking))}</div>}
    </Text>
  );
}

/** What became of the agent's consultation, once they are back with the patient. */
export function ConsultOver({ consulted }: { consulted: Consulted | null }) {
  const { t } = useTranslation();
  const asked = useAsked();
  const [read, setRead] = useState<Consulted | null>(null);
  const shown = consulted === read ? null : consulted;
  const failed = shown?.result !== "answered" && shown?.result !== "cancelled";
  return (
    <div role="status">
      {shown && (
        <Alert
          color={failed ? "orange" : "teal"}
          p="xs"
          mb={8}
          withCloseButton
          closeButtonLabel={t("app.close")}
          onClose={() => setRead(shown)}
          title={t(
            failed && shown.kind === "queue"
              ? "desk.consult.over.queue"
              : `desk.consult.over.${shown.result}`,
            { name: asked(shown) },
          )}
          data-consulted={shown.result}
        >
          {t("desk.consult.back")}
        </Alert>
      )}
    </div>
  );
}
