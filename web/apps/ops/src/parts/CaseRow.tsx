import { useWho } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { Flex } from "antd";
import type { ReactNode } from "react";
import { useNow } from "./now";

/** A case as one line of a list: what, how much, how long there is time, and whose it is. */
export function CaseRow(props: {
  what: string;
  amount: ReactNode;
  /** *claimed_by* is left out where nobody takes a case on before answering it. */
  row: { is_late: boolean; due_at: string; claimed_by?: string | null };
}) {
  const { t, distance } = useSpeech();
  const now = useNow();
  const { subject } = useWho();
  const { row } = props;
  return (
    <>
      <Flex justify="space-between" gap="small">
        <strong>{props.what}</strong>
        {props.amount}
      </Flex>
      <Flex justify="space-between" gap="small">
        <small className={row.is_late ? "late" : ""}>{t("queue.due", { when: distance(row.due_at, now) })}</small>
        {row.claimed_by !== undefined && (
          <small>
            {t(row.claimed_by === null ? "queue.free" : row.claimed_by === subject ? "queue.mine" : "queue.taken")}
          </small>
        )}
      </Flex>
    </>
  );
}
