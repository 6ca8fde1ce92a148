import { Modal, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { AgentOnBoard, QueueNow } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useFailureText } from "@/components/states";

/** Which queues an agent serves, and how early they are called. */
export function Skills({
  agent,
  queues,
  close,
}: {
  agent: AgentOnBoard;
  queues: QueueNow[];
  close: () => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const set = useMutation({
    mutationFn: ({ queue, level }: { queue: string; level: number | null }) =>
      unwrap(
        api.PUT("/api/v1/room/agents/{username}/queues/{queue}", {
          params: { path: { username: agent.username, queue } },
          body: { level },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.room.queryKey }),
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("room.skillsTitle", { name: agent.name })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t("room.skillsHint")}
      </Text>
      <Stack gap="sm">
        {queues.map((queue) => (
          <Select
            key={queue.name}
            label={queue.title}
            allowDeselect={false}
            disabled={set.isPending}
            value={String(agent.queues[queue.name] ?? "")}
            onChange={(value) =>
              set.mutate({ queue: queue.name, level: value ? Number(value) : null })
            }
            data={[
              { value: "", label: t("room.notIn") },
              ...[1, 2, 3, 4, 5].map((level) => ({
                value: String(level),
                label: t("room.level", { level }),
              })),
            ]}
          />
        ))}
      </Stack>
    </Modal>
  );
}
