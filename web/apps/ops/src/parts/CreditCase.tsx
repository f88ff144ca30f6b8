// A case opened: what is asked for, what was decided before and why, what is known of the customer.
import type { Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Typography } from "antd";
import { About } from "./About";
import { Id, Money } from "./Shown";

type Case = Schemas["CaseShown"];
type Answering = "agree" | "refuse";

export default function CreditCase({ row, onAnswer }: { row: Case; onAnswer: (way: Answering) => void }) {
  const { t, code, instant } = useSpeech();
  return (
    <Card
      title={code("case.kind", row.kind)}
      extra={
        <Flex gap="small">
          <Button onClick={() => onAnswer("refuse")} danger>
            {t("queue.refuse")} (D)
          </Button>
          <Button onClick={() => onAnswer("agree")} type="primary">
            {t("queue.agree")} (A)
          </Button>
        </Flex>
      }
    >
      <div className="stack">
        <Facts
          of={[
            [t("case.customer"), <Id key="c" of={row.customer} />],
            [t("case.limit"), row.limit_minor === null ? null : <Money key="l" minor={row.limit_minor} />],
            [t("case.limit_kind"), code("limit.kind", row.limit_kind)],
            [t("case.opened"), instant(row.opened_at)],
            [
              t("case.due"),
              <span key="d" className={row.is_late ? "late" : ""}>
                {instant(row.due_at)}
              </span>,
            ],
            [t("case.approvers"), t("case.votes", { given: row.votes.length, needed: row.approvers_needed })],
            [t("case.maker"), row.maker],
            [t("case.scene"), row.scene],
          ]}
        />
        <Typography.Text strong>{t("case.reason")}</Typography.Text>
        <p className="said">{row.reason}</p>
        {row.votes.map((vote) => (
          <p key={vote.actor + vote.voted_at} className="said">
            {t(vote.agrees ? "queue.agree" : "queue.refuse")} · {instant(vote.voted_at)} · {vote.reason}
          </p>
        ))}
        <About customer={row.customer} decision={row.about} />
      </div>
    </Card>
  );
}
