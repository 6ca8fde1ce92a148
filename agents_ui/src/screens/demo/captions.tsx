import { Loader, Text, Title } from "@mantine/core";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Conversation } from "@/components/conversation";
import { Scroll } from "@/components/scroll";
import { useCodes } from "@/components/texts";
import { duration } from "@/format";
import type { LiveConnection } from "@/live/connection";

/** What is said in the visitor's own call, as text. */
export function Captions({ connection }: { connection: LiveConnection }) {
  const { t } = useTranslation();
  const codes = useCodes();
  const { calls, ended } = useSyncExternalStore(connection.subscribe, connection.current);
  const call = [...calls.values()].at(-1) ?? ended[0];
  const box = useRef<HTMLElement>(null);
  const count = call?.lines.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what scrolls
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [count]);
  return (
    <section aria-label={t("demo.captions")} style={{ marginBottom: 22 }}>
      <Title order={2}>{t("demo.captions")}</Title>
      <Scroll log className="panel demo-captions" ref={box} label={t("demo.captions")}>
        {call && count > 0 ? (
          <div className="talk">
            <Conversation
              lines={call.lines}
              callerName={t("demo.you")}
              stamp={(line) => duration((Date.parse(line.at) - Date.parse(call.started_at)) / 1000)}
            />
            {call.activity && (
              <div className="activity">
                <Loader size={16} type="dots" /> {codes.activity(call.activity)}
              </div>
            )}
          </div>
        ) : (
          <Text c="dimmed" size="sm" p="md">
            {t("demo.captionsEmpty")}
          </Text>
        )}
      </Scroll>
    </section>
  );
}
