// Credit cases: applications that wait for people, objections of customers, proposed limits.
import { api, client, once, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Tag, Typography } from "antd";
import { About } from "../parts/About";
import { CaseRow } from "../parts/CaseRow";
import { Casework } from "../parts/Casework";
import { Id, Money } from "../parts/Shown";

type Case = Schemas["CaseShown"];
type Answering = "agree" | "refuse";

const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });

async function answered(row: Case, agrees: boolean, reason: string) {
  const { data } = await client.POST("/v1/cases/{case_id}/answers", {
    ...about(row),
    body: { agrees, reason, limit_minor: null },
  });
  return data?.case.state ?? "open";
}

export default function Queue() {
  const { t, code } = useSpeech();
  const counts = api.useQuery("get", "/v1/case_queue", {});
  const said = async (row: Case, agrees: boolean, reason: string) =>
    t("queue.answered", { state: code("case.state", await answered(row, agrees, reason)) });
  return (
    <Casework<Case, Answering>
      title="ops.nav.queue"
      path="/queue"
      name="cases"
      read={(after) => client.GET("/v1/cases", { params: { query: { limit: 50, after } } })}
      counts={counts.data?.data.map((row) => (
        <Tag key={row.kind} color={row.late > 0 ? "error" : "default"}>
          {t("queue.count", { kind: code("case.kind", row.kind), open: row.open, late: row.late })}
        </Tag>
      ))}
      taking={{
        next: async () => {
          const { data } = await client.POST("/v1/case_claims", { params: { header: once() }, body: { kind: null } });
          return data?.id ?? "";
        },
        claim: (row) => client.POST("/v1/cases/{case_id}/claim", about(row)),
        putBack: (row) => client.POST("/v1/cases/{case_id}/release", about(row)),
      }}
      ways={{
        agree: {
          key: "a",
          title: "queue.agree",
          usual: ["queue.agree_1", "queue.agree_2", "queue.agree_3"],
          ends: true,
          send: (row, reason) => said(row, true, reason),
        },
        refuse: {
          key: "d",
          title: "queue.refuse",
          usual: ["queue.refuse_1", "queue.refuse_2", "queue.refuse_3"],
          isDanger: true,
          ends: true,
          send: (row, reason) => said(row, false, reason),
        },
      }}
      row={(row) => (
        <CaseRow
          row={row}
          what={code("case.kind", row.kind)}
          amount={row.limit_minor !== null && <Money minor={row.limit_minor} />}
        />
      )}
      detail={(row, ask) => <Detail row={row} onAnswer={ask} />}
    />
  );
}

function Detail({ row, onAnswer }: { row: Case; onAnswer: (way: Answering) => void }) {
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
