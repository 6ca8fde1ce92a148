import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Line } from "@/live/call";
import "@/screens/calls/calls.css";

/** What clinic and caller said, one line under the other. */
export function Conversation({
  lines,
  stamp,
  playFrom,
  callerName,
}: {
  lines: readonly Line[];
  /** When a line was said, as text. */
  stamp: (line: Line) => string;
  /** Play from a line on; undefined for one that is not in the recording. */
  playFrom?: (line: Line) => (() => void) | undefined;
  /** What the caller is called here. */
  callerName?: string;
}) {
  const { t } = useTranslation();
  return lines.map((line) => {
    const play = playFrom?.(line);
    return (
      <div key={line.number} className="line" data-who={line.who} data-how={line.how}>
        {line.how === "silence" || line.how === "noise" ? (
          t(line.how === "silence" ? "calls.silent" : "calls.noise")
        ) : (
          <>
            <div className="line-meta">
              <span>
                {line.who === "clinic" ? t("calls.clinic") : (callerName ?? t("calls.caller"))}
              </span>
              <span className="num">{stamp(line)}</span>
              {line.confidence !== undefined && line.confidence < 0.75 && (
                <span>{t("calls.sure", { percent: Math.round(line.confidence * 100) })}</span>
              )}
              {line.understood === false && (
                <Text span size="xs" c="red" fw={600}>
                  {t("calls.notUnderstood")}
                </Text>
              )}
              {play && (
                <Tooltip label={t("log.playFrom", { time: stamp(line) })}>
                  <ActionIcon
                    size={18}
                    variant="subtle"
                    ml="auto"
                    aria-label={t("log.playFrom", { time: stamp(line) })}
                    onClick={play}
                  >
                    <IconPlayerPlayFilled size={11} />
                  </ActionIcon>
                </Tooltip>
              )}
            </div>
            {line.how === "keys" ? (
              <div className="line-keys">
                {t("calls.pressed")}{" "}
                {[...line.text].map((key, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: keys repeat, their order is fixed
                  <kbd key={at}>{key}</kbd>
                ))}
              </div>
            ) : (
              line.text
            )}
          </>
        )}
      </div>
    );
  });
}
