// A list worked from top to bottom by keyboard: rows on the left, the one in hand on the right.
import { useKeys } from "@tiao/desk/keys";
import { type Key, useSpeech } from "@tiao/ui";
import { Button, Empty, Flex, Modal, Spin, Typography } from "antd";
import { type ReactNode, Suspense, useState } from "react";

export interface Work<Row> {
  title: Key;
  rows: Row[];
  isPending: boolean;
  more: (() => void) | null;
  chosen: Row | null;
  onChoose: (row: Row) => void;
  onNext: () => void;
  /** What taking the next is called here. */
  nextName?: Key;
  isTaking: boolean;
  /** Deeds on the row in hand, by key; what they are called stands in the catalogue under queue.key. */
  deeds: Record<string, () => void>;
  isAsking: boolean;
  counts: ReactNode;
  /** What is said above the rows: refusals, that nothing is left. */
  above: ReactNode;
  row: (row: Row) => ReactNode;
  children: ReactNode;
}

export function Worklist<Row extends { id: string }>(work: Work<Row>) {
  const { t } = useSpeech();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const place = work.rows.findIndex((row) => row.id === work.chosen?.id);
  const move = (by: number) => {
    const row = work.rows[Math.max(0, Math.min(work.rows.length - 1, place + by))];
    if (row) work.onChoose(row);
  };
  useKeys(
    { j: () => move(1), k: () => move(-1), n: work.onNext, "?": () => setHelpOpen(true), ...work.deeds },
    work.isAsking || isHelpOpen,
  );
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t(work.title)}</Typography.Title>
        <Flex gap="small" wrap align="center">
          {work.counts}
          <Button type="primary" loading={work.isTaking} onClick={work.onNext}>
            {t(work.nextName ?? "queue.next")} (N)
          </Button>
          <Button onClick={() => setHelpOpen(true)}>{t("queue.keys")} (?)</Button>
        </Flex>
      </Flex>
      {work.above}
      {work.rows.length === 0 && !work.isPending ? (
        <Empty description={t("queue.empty")} />
      ) : (
        <div className="queue">
          <div aria-label={t(work.title)} role="group">
            {work.rows.map((row) => (
              <button
                key={row.id}
                type="button"
                className="queue-row"
                aria-current={row.id === work.chosen?.id}
                onClick={() => work.onChoose(row)}
              >
                {work.row(row)}
              </button>
            ))}
            {work.more && (
              <Button type="link" onClick={work.more}>
                {t("list.more")}
              </Button>
            )}
          </div>
          {work.chosen ? (
            <div className="stack">
              <Suspense fallback={<Spin />}>{work.children}</Suspense>
            </div>
          ) : (
            <Empty description={t("queue.choose")} />
          )}
        </div>
      )}
      <Modal open={isHelpOpen} title={t("queue.keys")} onCancel={() => setHelpOpen(false)} footer={null}>
        <dl className="keys">
          {["n", "j", "k", ...Object.keys(work.deeds)].map((key) => (
            <Help key={key} sign={key.toUpperCase()} name={`queue.key.${key}` as Key} />
          ))}
          <Help sign="1 2 3" name="queue.key.digit" />
          <Help sign="Ctrl K" name="queue.key.find" />
        </dl>
      </Modal>
    </>
  );
}

function Help({ sign, name }: { sign: string; name: Key }) {
  const { t } = useSpeech();
  return (
    <Flex gap="small">
      <dt>
        <kbd>{sign}</kbd>
      </dt>
      <dd>{t(name)}</dd>
    </Flex>
  );
}
