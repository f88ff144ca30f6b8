// Suspended payments and suspicious customers and merchants, what may be lost most first.
import { api, client, once, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Table, Tag, Timeline, Typography } from "antd";
import { Line } from "../parts/About";
import { CaseRow } from "../parts/CaseRow";
import { Casework } from "../parts/Casework";
import { Id, Money } from "../parts/Shown";

type Case = Schemas["RiskCaseShown"];
type Asking = "release" | "refuse" | "note";

const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });

export default function Risk() {
  const { t, code } = useSpeech();
  const counts = api.useQuery("get", "/v1/risk_case_queue", {});
  const judged = async (row: Case, releases: boolean, reason: string) => {
    const { data } = await client.POST("/v1/risk_cases/{case_id}/verdicts", {
      ...about(row),
      body: { releases, reason },
    });
    return t("queue.answered", { state: code("risk.state", data?.case.state ?? "open") });
  };
  return (
    <Casework<Case, Asking>
      title="ops.nav.risk"
      path="/risk"
      name="risk cases"
      read={(after) => client.GET("/v1/risk_cases", { params: { query: { limit: 50, after } } })}
      counts={counts.data?.data.map((row) => (
        <Tag key={row.subject} color={row.late > 0 ? "error" : "default"}>
          {t("queue.count", { kind: code("risk.subject", row.subject), open: row.open, late: row.late })}
        </Tag>
      ))}
      taking={{
        next: async () => {
          const { data } = await client.POST("/v1/risk_case_claims", {
            params: { header: once() },
            body: { subject: null },
          });
          return data?.case.id ?? "";
        },
        claim: (row) => client.POST("/v1/risk_cases/{case_id}/claim", about(row)),
        putBack: (row) => client.POST("/v1/risk_cases/{case_id}/let_go", about(row)),
      }}
      ways={{
        release: {
          key: "a",
          title: "risk.release",
          usual: ["risk.release_1", "risk.release_2", "risk.release_3"],
          ends: true,
          send: (row, reason) => judged(row, true, reason),
        },
        refuse: {
          key: "d",
          title: "risk.refuse",
          usual: ["risk.stop_1", "risk.stop_2", "risk.stop_3"],
          isDanger: true,
          ends: true,
          send: (row, reason) => judged(row, false, reason),
        },
        note: {
          key: "e",
          title: "risk.note",
          usual: [],
          ends: false,
          send: async (row, text) => {
            await client.POST("/v1/risk_cases/{case_id}/notes", { ...about(row), body: { text, sha256: null } });
            return t("risk.noted");
          },
        },
      }}
      row={(row) => (
        <CaseRow
          row={row}
          what={code("risk.subject", row.subject)}
          amount={<Money minor={row.loss_minor} currency={row.currency} />}
        />
      )}
      detail={(row, ask) => <Detail row={row} onAsk={ask} />}
    />
  );
}

function Detail({ row, onAsk }: { row: Case; onAsk: (what: Asking) => void }) {
  const { t, code, instant } = useSpeech();
  const found = api.useQuery("get", "/v1/risk_cases/{case_id}", { params: { path: { case_id: row.id } } });
  const whole = found.data;
  return (
    <Card
      title={code("risk.subject", row.subject)}
      extra={
        <Flex gap="small">
          <Button onClick={() => onAsk("note")}>{t("risk.note")} (E)</Button>
          <Button onClick={() => onAsk("refuse")} danger>
            {t("risk.refuse")} (D)
          </Button>
          <Button onClick={() => onAsk("release")} type="primary">
            {t("risk.release")} (A)
          </Button>
        </Flex>
      }
    >
      <div className="stack">
        <ol className="reasons">
          {row.reasons.map((reason) => (
            <li key={reason}>{code("risk.reason", reason)}</li>
          ))}
        </ol>
        <Facts
          of={[
            [t("purchase.amount"), <Money key="a" minor={row.amount_minor} currency={row.currency} />],
            [t("risk.loss"), <Money key="l" minor={row.loss_minor} currency={row.currency} />],
            [t("risk.probability"), `${(row.probability_ppm / 10_000).toFixed(2)} %`],
            [t("case.approvers"), row.approvers_needed],
            [t("case.customer"), row.customer && <Id key="c" of={row.customer} />],
            [t("purchase.merchant"), row.merchant && <Id key="m" of={row.merchant} />],
            [t("risk.purchase"), row.purchase && <Id key="p" of={row.purchase} />],
            [t("case.opened"), instant(row.opened_at)],
            [
              t("case.due"),
              <span key="d" className={row.is_late ? "late" : ""}>
                {instant(row.due_at)}
              </span>,
            ],
            [t("risk.expires"), row.expires_at && instant(row.expires_at)],
            [
              t("risk.ring"),
              whole && whole.ring_size > 1 ? (
                <Tag key="r" color={whole.is_ring ? "error" : "default"}>
                  {whole.ring_size}
                </Tag>
              ) : null,
            ],
          ]}
        />
        {row.customer && <Line customer={row.customer} />}
        {whole && whole.related.length > 0 && (
          <>
            <Typography.Text strong>{t("risk.related")}</Typography.Text>
            <Table
              size="small"
              rowKey={(each) => each.purchase + each.by}
              pagination={false}
              dataSource={whole.related}
              scroll={{ x: "max-content" }}
              columns={[
                { title: t("purchase.at"), render: (_, each) => instant(each.authorised_at) },
                { title: t("risk.by"), render: (_, each) => code("entity", each.by) },
                {
                  title: t("purchase.amount"),
                  align: "right",
                  render: (_, each) => <Money minor={each.amount_minor} currency={each.currency} />,
                },
                { title: t("purchase.outcome"), render: (_, each) => code("purchase.outcome", each.outcome) },
                {
                  title: t("risk.label"),
                  render: (_, each) =>
                    each.is_fraud === null ? (
                      ""
                    ) : (
                      <Tag color={each.is_fraud ? "error" : "success"}>
                        {t(each.is_fraud ? "risk.fraud" : "risk.genuine")}
                      </Tag>
                    ),
                },
                { title: t("case.customer"), render: (_, each) => <Id of={each.customer} /> },
                { title: t("purchase.merchant"), render: (_, each) => <Id of={each.merchant} /> },
              ]}
            />
          </>
        )}
        {whole && (
          <Timeline
            items={whole.steps.map((step) => ({
              content: `${instant(step.made_at)} · ${code("risk.step", step.kind)} · ${step.actor}${step.said ? `: ${step.said}` : ""}`,
            }))}
          />
        )}
      </div>
    </Card>
  );
}
