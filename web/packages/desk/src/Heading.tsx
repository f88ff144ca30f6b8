import { type Key, useSpeech } from "@tiao/ui";
import { Flex, Typography } from "antd";
import type { ReactNode } from "react";

/** A page's name, what can be done there, and in one sentence what it is for. */
export function Heading({ title, note, children }: { title: Key; note?: Key; children?: ReactNode }) {
  const { t } = useSpeech();
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t(title)}</Typography.Title>
        <Flex gap="small" wrap align="center">
          {children}
        </Flex>
      </Flex>
      {note && <Typography.Paragraph className="note">{t(note)}</Typography.Paragraph>}
    </>
  );
}
