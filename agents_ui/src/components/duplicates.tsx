import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Likely, PatientFile } from "@/api/types";
import { client, queries } from "@/app/queries";
import { phone } from "@/format";
import { birthText } from "./patient-parts";
import { useFailureText } from "./states";
import { useUndoable } from "./undo";

/** Why two files may be one person. */
export function Reasons({ likely }: { likely: Likely }) {
  const { t } = useTranslation();
  return (
    <Text size="xs" c="dimmed">
      {t("duplicate.score", { percent: likely.score })}:{" "}
      {likely.reasons.map((reason) => t(`duplicate.reason.${reason}`)).join(", ")}
    </Text>
  );
}

function told(file: PatientFile): void {
  client.setQueryData(queries.patient(file.patient.id).queryKey, file);
  client.invalidateQueries({ queryKey: ["patient"] });
  client.invalidateQueries({ queryKey: ["patients"] });
}

export function useUndoMerge() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return useMutation({
    mutationFn: (id: number) =>
      unwrap(api.POST("/api/v1/merges/{merge_id}/undo", { params: { path: { merge_id: id } } })),
    onSuccess: (file) => {
      told(file);
      notifications.show({ message: t("duplicate.separated"), color: "teal" });
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
}

/** Suggests to put a file's duplicates into it. */
export function Duplicates({ file }: { file: PatientFile }) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const found = useQuery(queries.duplicates(file.patient.id));
  const [asked, setAsked] = useState<Likely | null>(null);
  const undo = useUndoMerge();
  const undoable = useUndoable();
  const merge = useMutation({
    mutationFn: (other: Likely) =>
      unwrap(
        api.POST("/api/v1/patients/{patient_id}/merge", {
          params: { path: { patient_id: file.patient.id } },
          body: { merged_id: other.patient.id },
        }),
      ),
    onSuccess: (done) => {
      setAsked(null);
      told(done.file);
      undoable(t("duplicate.merged"), () => undo.mutate(done.id));
    },
  });
  if (!found.data?.length) return null;
  const name = (one: { given: string; family: string }) => `${one.given} ${one.family}`.trim();
  return (
    <>
      {found.data.map((one) => (
        <div className="file-unsure" role="note" key={one.patient.id}>
          <span>
            <IconUsers size={16} aria-hidden style={{ verticalAlign: -3 }} />{" "}
            {t("duplicate.same", { name: name(one.patient) })}
            <Reasons likely={one} />
          </span>
          <Button size="compact-xs" variant="default" onClick={() => setAsked(one)}>
            {t("duplicate.review")}
          </Button>
        </div>
      ))}
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={<Text fw={650}>{t("duplicate.title")}</Text>}
        closeButtonProps={{ "aria-label": t("app.close") }}
      >
        {asked && (
          <Stack gap="sm">
            <Text size="sm">
              {t("duplicate.explain", {
                kept: name(file.patient),
                merged: name(asked.patient),
              })}
            </Text>
            <Text size="sm" c="dimmed" className="num">
              {[
                asked.patient.birth_date && birthText(asked.patient.birth_date, i18n.language),
                asked.document,
                ...asked.numbers.map(phone),
              ]
                .filter(Boolean)
                .join(" · ")}
            </Text>
            <Reasons likely={asked} />
            {merge.isError && (
              <Text size="sm" c="red" role="alert">
                {failureText(merge.error)}
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsked(null)} data-autofocus>
                {t("app.cancel")}
              </Button>
              <Button loading={merge.isPending} onClick={() => merge.mutate(asked)}>
                {t("duplicate.merge")}
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
