import { Group, Text, Tooltip } from "@mantine/core";
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { phone } from "./agent";
import { useQuality } from "./quality";

const ICONS = { good: IconAntennaBars5, fair: IconAntennaBars3, poor: IconAntennaBars2 };

/** How the connection of the call is, in plain words; the numbers on hover. */
export function QualityBadge({ on }: { on: boolean }) {
  const { t } = useTranslation();
  const quality = useQuality(phone.line, on);
  if (!quality) return null;
  const Icon = ICONS[quality.grade];
  const numbers = t("desk.quality.numbers", {
    loss: (quality.loss * 100).toFixed(1),
    jitter: Math.round(quality.jitter * 1000),
    rtt: quality.rtt === null ? "–" : Math.round(quality.rtt * 1000),
  });
  return (
    <Tooltip label={numbers}>
      <Group gap={4} mt={6} wrap="nowrap" data-quality={quality.grade} role="status">
        <Icon
          size={18}
          aria-hidden
          color={
            quality.grade === "good" ? "#22a06b" : quality.grade === "fair" ? "#e69b16" : "#e5484d"
          }
        />
        <Text size="xs" c="dimmed">
          {quality.grade === "good"
            ? t("desk.quality.good")
            : t(`desk.quality.${quality.grade}_${quality.cause}`)}
        </Text>
      </Group>
    </Tooltip>
  );
}
