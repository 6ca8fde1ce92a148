import { Button, Group, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { PatientFile } from "@/api/types";
import { client, queries } from "@/app/queries";
import { dateTime } from "@/format";
import { useLeaveGuard } from "./leave-guard";
import { useFailureText } from "./states";

/** What the clinic has written about a patient, and a field to write more. */
export function Notes({
  file,
  zone,
  callId,
}: {
  file: PatientFile;
  zone: string;
  callId: string | null;
}) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const draft = ["draft", "note", file.patient.id];
  const [text, setText] = useState(() => client.getQueryData<string>(draft) ?? "");
  const write = (words: string) => {
    setText(words);
    client.setQueryData(draft, words);
  };
  useLeaveGuard(text.trim() !== "");
  const add = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/patients/{patient_id}/notes", {
          params: { path: { patient_id: file.patient.id } },
          body: { text, call_id: callId },
        }),
      ),
    onSuccess: (written) => {
      write("");
      client.setQueryData(queries.patient(file.patient.id).queryKey, written);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) add.mutate();
  };
  return (
    <>
      {file.notes && <Text size="sm">{file.notes}</Text>}
      {file.note_list.slice(0, 8).map((note) => (
        <div className="note" key={note.id}>
          {note.text}
          <Text size="xs" c="dimmed">
            {dateTime(note.at, zone, i18n.language)}
            {note.author && ` · ${note.author}`}
          </Text>
        </div>
      ))}
      {!file.notes && file.note_list.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("patient.noNotes")}
        </Text>
      )}
      <form onSubmit={submit}>
        <Textarea
          mt={6}
          size="sm"
          classNames={{ input: "growing" }}
          rows={1}
          aria-label={t("patient.addNote")}
          placeholder={t("patient.addNote")}
          value={text}
          maxLength={2000}
          error={add.isError ? failureText(add.error) : undefined}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
          }}
        />
        {text.trim() && (
          <Group justify="flex-end" mt={6}>
            <Button type="submit" size="compact-sm" loading={add.isPending}>
              {t("patient.saveNote")}
            </Button>
          </Group>
        )}
      </form>
    </>
  );
}
